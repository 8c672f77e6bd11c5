#include "app/cli/terminal.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>

namespace attn::app {

int columns_of(std::string_view text) {
  int columns = 0;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t character = 0;
    utf8proc_ssize_t n = utf8proc_iterate(at, left, &character);
    if (n <= 0) {
      n = 1;
      columns += 1;
    } else {
      columns += std::max(0, utf8proc_charwidth(character));
    }
    at += n;
    left -= n;
  }
  return columns;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t character = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at, left, &character);
    if (n > 0) {
      out.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(n));
    } else {
      out += "\xEF\xBF\xBD";
    }
    at += n > 0 ? n : 1;
    left -= n > 0 ? n : 1;
  }
  return out;
}

std::string padded(std::string_view text, int columns) {
  std::string out(text);
  const int missing = columns - columns_of(text);
  if (missing > 0) out.append(static_cast<std::size_t>(missing), ' ');
  return out;
}

std::string bar(double share, int columns) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(share > 0)) return "";
  const int eighths = static_cast<int>(std::lround(std::min(1.0, share) * columns * 8));
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  return out + kEighths[eighths % 8];
}

}  // namespace attn::app

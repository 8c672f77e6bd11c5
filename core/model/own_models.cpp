#include "core/model/own_models.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace attn {

namespace {

constexpr std::size_t kLongestName = 60;

bool fits_a_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) || c == '-' || c == '_';
}

}  // namespace

std::filesystem::path own_models_folder() {
  // The XDG specification asks to ignore relative paths.
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data && data[0] == '/') return std::filesystem::path(data) / "attnlab" / "models";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home && *home ? home : "/tmp") / ".local/share/attnlab/models";
}

std::string why_not_named(std::string_view name) {
  if (name.empty()) return "A model needs a name.";
  if (name.size() > kLongestName) return "This name is too long; at most 60 bytes fit.";
  if (!std::all_of(name.begin(), name.end(), fits_a_name))
    return "A name is made of letters, digits, - and _; change the other characters.";
  return {};
}

}  // namespace attn

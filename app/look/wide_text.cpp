#include "app/look/wide_text.h"

#include "app/look/imgui_compat.h"
#include "app/look/utf8.h"

namespace attn::app {
namespace {

constexpr char32_t kFirstPrivate = 0xE000, kLastPrivate = 0xF8FF;

bool is_private(char32_t c) {
  return c >= kFirstPrivate && c <= kLastPrivate;
}

template <class Change>
std::string each_code_point(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_utf8(out, change(next_code_point(text, at)));
  return out;
}

}  // namespace

bool WideText::needs_encoding(std::string_view text) {
  if (!kImGuiNarrowCharacters) return false;
  // 0xF0… begins a code point above U+FFFF; 0xEE and 0xEF may begin a private-use one.
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0xEE) return true;
  return false;
}

char32_t WideText::encode(char32_t c) {
  if (!kImGuiNarrowCharacters || (c <= 0xFFFF && !is_private(c))) return c;
  const auto found = stand_in_.find(c);
  if (found != stand_in_.end()) return found->second;
  const char32_t stand_in = kFirstPrivate + static_cast<char32_t>(meant_.size());
  if (stand_in > kLastPrivate) return 0xFFFD;
  meant_.push_back(c);
  stand_in_.emplace(c, stand_in);
  return stand_in;
}

char32_t WideText::decode(char32_t c) const {
  return is_private(c) && c - kFirstPrivate < meant_.size() ? meant_[c - kFirstPrivate] : c;
}

std::string WideText::encode(std::string_view text) {
  if (!needs_encoding(text)) return std::string(text);
  return each_code_point(text, [this](char32_t c) { return encode(c); });
}

std::string WideText::decode(std::string_view text) const {
  if (!needs_encoding(text)) return std::string(text);
  return each_code_point(text, [this](char32_t c) { return decode(c); });
}

}  // namespace attn::app

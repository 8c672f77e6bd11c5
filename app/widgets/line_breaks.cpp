#include "app/widgets/line_breaks.h"

#include <algorithm>

#include "app/look/utf8.h"

namespace attn::app {
namespace {

// Han, kana, Hangul and the full-width forms.
bool is_wide(char32_t c) {
  return (c >= 0x2E80 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F) ||
         (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x20000 && c <= 0x3FFFF);
}

bool closes(char32_t c) {
  return std::u32string_view(U"，。、：；？！）】》」』〉〕”’…—·％,.:;?!)]}%").find(c) !=
         std::u32string_view::npos;
}

bool opens(char32_t c) {
  return std::u32string_view(U"（【《「『〈〔“‘([{").find(c) != std::u32string_view::npos;
}

bool may_break(char32_t before, char32_t after) {
  if (before == U' ') return after != U' ';
  return (is_wide(before) || is_wide(after)) && after != U' ' && !closes(after) && !opens(before);
}

}  // namespace

bool has_wide_signs(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (is_wide(next_code_point(text, at))) return true;
  return false;
}

std::string with_line_breaks(std::string_view text, float width,
                             const std::function<float(std::string_view)>& width_of) {
  std::string lines;
  float used = 0;
  const auto put = [&](std::string_view piece) {
    // Blanks at a line's end hang over it.
    const std::size_t end = piece.find_last_not_of(' ') + 1;
    if (used > 0 && used + width_of(piece.substr(0, end)) > width) {
      lines.erase(lines.find_last_not_of(' ') + 1);
      lines += '\n';
      used = 0;
    }
    lines += piece;
    used += width_of(piece);
  };
  std::size_t piece_begin = 0;
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(text, at);
    if (c == U'\n') {
      put(text.substr(piece_begin, begin - piece_begin));
      lines += '\n';
      used = 0;
      piece_begin = at;
    } else if (begin > piece_begin && may_break(before, c)) {
      put(text.substr(piece_begin, begin - piece_begin));
      piece_begin = begin;
    }
    before = c;
  }
  put(text.substr(piece_begin));
  return lines;
}

}  // namespace attn::app

#include "app/look/fonts.h"

#include "app/look/utf8.h"

namespace attn::app {

RoleStyle style_of(TextRole role) {
  switch (role) {
    case TextRole::cell:
      return {10, false};
    case TextRole::note:
      return {12, false};
    case TextRole::small:
      return {13, false};
    case TextRole::heading:
      return {13, true};
    case TextRole::body:
      return {14, false};
    case TextRole::body_bold:
      return {14, true};
    case TextRole::sentence:
      return {16, false};
    case TextRole::sentence_bold:
      return {16, true};
    case TextRole::title:
      return {20, true};
  }
  return {14, false};
}

void Fonts::want(TextRole role, std::string_view text) {
  if (kImGuiDynamicFonts) return;
  const Face& face = (*this)[role];
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const char32_t c = next_code_point(text, at);
    if (has_glyph(face.font, face.size_px, static_cast<ImWchar>(c))) continue;
    if (wanted_[static_cast<std::size_t>(role)].insert(c).second) any_missing_ = true;
  }
}

}  // namespace attn::app

#pragma once

#include <array>
#include <set>
#include <string_view>

#include "app/look/imgui_compat.h"
#include "app/look/wide_text.h"

namespace attn::app {

// What a text is for; each role is one size and weight (at 100 %, in pixels of the em).
enum class TextRole {
  cell,           // 10, numbers inside cells
  note,           // 12
  small,          // 13
  heading,        // 13 bold
  body,           // 14
  body_bold,      // 14 bold
  sentence,       // 16
  sentence_bold,  // 16 bold
  title,          // 20 bold
};
inline constexpr int kTextRoles = 9;

struct RoleStyle {
  float size_px;  // of the em at 100 %
  bool bold;
};
RoleStyle style_of(TextRole role);

// The faces of a frame: which ImGui font each role is drawn with, and which glyphs were asked for but are not
// there yet. The window fills it (FontAtlas) and makes the missing glyphs before the frame is shown.
class Fonts {
 public:
  struct Face {
    ImFont* font = nullptr;
    float size_px = 0;    // what ImGui is given: ascent + descent
    float em_px = 0;      // the designer's size
    float ascent_px = 0;  // of the baseline below the line's top
  };
  const Face& operator[](TextRole role) const { return faces_[static_cast<std::size_t>(role)]; }

  // Notes the code points of `text` (as ImGui sees it: WideText) that `role` has no glyph for yet.
  void want(TextRole role, std::string_view text);

  bool any_missing() const { return any_missing_; }

  WideText wide;

 private:
  friend class FontAtlas;
  std::array<Face, kTextRoles> faces_{};
  std::array<std::set<char32_t>, kTextRoles> wanted_{};  // beyond the basic ones, as ImGui sees them
  bool any_missing_ = false;
};

}  // namespace attn::app

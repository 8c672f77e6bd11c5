#pragma once

#include <array>
#include <vector>

#include "app/look/fonts.h"
#include "app/window/font_files.h"

namespace attn::app {

// Builds ImGui's font texture: for every TextRole the Latin face, the CJK face at the same em (never under
// 13 px), and, for code points that neither has, their names ("U+1F600"). Only glyphs that were drawn are in
// it, so Chinese costs what is on screen.
class FontAtlas {
 public:
  FontAtlas();

  // Makes the faces of `fonts` at `scale` with everything wanted so far. Call it between frames, with the
  // ImGui context current; the texture must be uploaded anew afterwards.
  void build(Fonts& fonts, float scale);

 private:
  struct Drawn {  // a glyph made by hand, to be copied into the texture
    int rect;
    GlyphBitmap bitmap;
  };
  void add_role(Fonts& fonts, TextRole role, float scale, std::vector<Drawn>& drawn);

  FontFile latin_, latin_bold_, cjk_, cjk_bold_;
  GlyphPainter painter_;
  std::array<std::vector<ImWchar>, kTextRoles> latin_ranges_, cjk_ranges_;  // ImGui keeps pointers to them
};

}  // namespace attn::app

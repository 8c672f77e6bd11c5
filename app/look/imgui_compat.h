#pragma once

// The differences between Dear ImGui 1.86 (Debian 12, Ubuntu 22.04) and 1.92 that this program meets, in one
// place. Everything else is written against what all versions share.

#include <imgui.h>

#include <cstdint>

namespace attn::app {

// From 1.87 on ImGui has named keys and its own input functions.
inline constexpr bool kImGuiNamedKeys = IMGUI_VERSION_NUM >= 18700;
// From 1.92 on glyphs are made when first drawn, in any size.
inline constexpr bool kImGuiDynamicFonts = IMGUI_VERSION_NUM >= 19200;
// Distributions build ImGui with 16-bit characters: code points above U+FFFF need WideText.
inline constexpr bool kImGuiNarrowCharacters = sizeof(ImWchar) == 2;

inline void push_font(ImFont* font, [[maybe_unused]] float size_px) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, size_px);
#else
  ImGui::PushFont(font);
#endif
}

inline bool has_glyph(ImFont* font, [[maybe_unused]] float size_px, ImWchar c) {
#if IMGUI_VERSION_NUM >= 19200
  return font->GetFontBaked(size_px)->FindGlyphNoFallback(c) != nullptr;
#else
  return font->FindGlyphNoFallback(c) != nullptr;
#endif
}

// The texture that every plain shape and letter of a draw list is drawn with.
#if IMGUI_VERSION_NUM >= 19200
inline ImTextureRef font_texture() {
  return ImGui::GetIO().Fonts->TexRef;
}
#else
inline ImTextureID font_texture() {
  return ImGui::GetIO().Fonts->TexID;
}
#endif

}  // namespace attn::app

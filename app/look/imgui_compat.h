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

// A child window without a border that keeps its padding.
inline bool begin_padded_child(const char* id, ImVec2 size, ImGuiWindowFlags flags) {
#if IMGUI_VERSION_NUM >= 19000
  return ImGui::BeginChild(id, size, ImGuiChildFlags_AlwaysUseWindowPadding, flags);
#else
  return ImGui::BeginChild(id, size, false, flags | ImGuiWindowFlags_AlwaysUseWindowPadding);
#endif
}

}  // namespace attn::app

#pragma once

#include <imgui.h>

#include <array>
#include <cstdint>

#include "app/state/view_state.h"

namespace attn::app {

// A colour as the draw lists take it (IM_COL32).
using Colour = ImU32;

// 0xRRGGBB as on a style sheet.
constexpr Colour rgb(std::uint32_t hex, std::uint32_t alpha = 255) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, alpha);
}
constexpr Colour with_alpha(Colour colour, float alpha) {
  return (colour & ~IM_COL32_A_MASK) | (static_cast<ImU32>(alpha * 255.0f + 0.5f) << IM_COL32_A_SHIFT);
}
// `amount` in [0, 1] of `top` over `under`; the result is as opaque as `under`.
Colour mix(Colour under, Colour top, float amount);

// WCAG 2.1 contrast ratio of two opaque colours: 1 … 21. Text needs 4.5.
float contrast(Colour a, Colour b);
// Near-black or white, whichever is easier to read on `background`.
Colour readable_on(Colour background);

// The colours of the window. The data has the colour, the frame has none.
struct Theme {
  ThemeName name = ThemeName::light;
  Colour background, panel, line, ink, dim, accent, accent_soft, on_accent, warn, warn_soft;
  Colour hover;                // over a panel, under the mouse
  Colour hatch, hatch_ground;  // masked cells
  Colour cell_gap;             // between large cells
  Colour shade;                // over everything behind a modal
  // Heads as links: distinguishable also for colour-blind people, each at least 3 : 1 on the panel.
  std::array<Colour, 8> hues;
};

Theme make_theme(ThemeName name);

// Sizes in pixels at 100 %; Ui::px scales them. A grid of 4.
namespace metric {
inline constexpr float kGap = 8, kPadding = 12, kRow = 24, kControl = 32, kControlSmall = 28, kRadius = 6;
inline constexpr float kSection = 16;
}  // namespace metric

// What is left to ImGui (text fields, scroll bars, popups) drawn in the theme's colours, at `scale`.
void apply(const Theme& theme, float scale, ImGuiStyle& style);

}  // namespace attn::app

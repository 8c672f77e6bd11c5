#include "app/look/theme.h"

#include <algorithm>
#include <cmath>

namespace attn::app {
namespace {

int channel(Colour colour, int shift) {
  return static_cast<int>((colour >> shift) & 255);
}

// Relative luminance (WCAG 2.1), 0 … 1.
float luminance(Colour colour) {
  const auto linear = [&](int shift) {
    const float c = static_cast<float>(channel(colour, shift)) / 255.0f;
    return c <= 0.04045f ? c / 12.92f : std::pow((c + 0.055f) / 1.055f, 2.4f);
  };
  return 0.2126f * linear(IM_COL32_R_SHIFT) + 0.7152f * linear(IM_COL32_G_SHIFT) +
         0.0722f * linear(IM_COL32_B_SHIFT);
}

Theme light() {
  Theme t;
  t.name = ThemeName::light;
  t.background = rgb(0xf6f7f9);
  t.panel = rgb(0xffffff);
  t.line = rgb(0xdfe3e8);
  t.ink = rgb(0x1b2330);
  t.dim = rgb(0x5f697d);
  t.accent = rgb(0x0b66c3);
  t.accent_soft = rgb(0xe3effb);
  t.on_accent = rgb(0xffffff);
  t.warn = rgb(0xb54708);
  t.warn_soft = rgb(0xfff3e6);
  t.hover = rgb(0xf0f3f7);
  t.hatch = rgb(0xb4bcc8);
  t.hatch_ground = rgb(0xeef0f3);
  t.cell_gap = rgb(0xffffff);
  t.shade = rgb(0x1b2330, 96);
  t.hues = {rgb(0x0b66c3), rgb(0xc2570c), rgb(0x0f8a5f), rgb(0xb5318f),
            rgb(0x7a5c00), rgb(0x6941c6), rgb(0x0e8199), rgb(0xd0263a)};
  return t;
}

Theme dark() {
  Theme t;
  t.name = ThemeName::dark;
  t.background = rgb(0x12161c);
  t.panel = rgb(0x1a2029);
  t.line = rgb(0x2c3440);
  t.ink = rgb(0xe7ebf0);
  t.dim = rgb(0x94a0b0);
  t.accent = rgb(0x5ab0ff);
  t.accent_soft = rgb(0x1b3450);
  t.on_accent = rgb(0x0b1118);
  t.warn = rgb(0xffb265);
  t.warn_soft = rgb(0x3a2a17);
  t.hover = rgb(0x232b36);
  t.hatch = rgb(0x56616f);
  t.hatch_ground = rgb(0x2a323d);
  t.cell_gap = rgb(0x1a2029);
  t.shade = rgb(0x000000, 140);
  t.hues = {rgb(0x5ab0ff), rgb(0xff9e57), rgb(0x4fd1a1), rgb(0xf08bd3),
            rgb(0xe0c04a), rgb(0xb49bff), rgb(0x4ccfe6), rgb(0xff7d87)};
  return t;
}

Theme high_contrast() {
  Theme t = dark();
  t.name = ThemeName::high_contrast;
  t.background = rgb(0x000000);
  t.panel = rgb(0x000000);
  t.line = rgb(0x9aa4b2);
  t.ink = rgb(0xffffff);
  t.dim = rgb(0xd4dae2);
  t.accent = rgb(0xffd60a);
  t.accent_soft = rgb(0x3d3400);
  t.on_accent = rgb(0x000000);
  t.warn = rgb(0xffb265);
  t.warn_soft = rgb(0x402200);
  t.hover = rgb(0x2a2a2a);
  t.hatch = rgb(0xd4dae2);
  t.hatch_ground = rgb(0x000000);
  t.cell_gap = rgb(0x000000);
  t.shade = rgb(0x000000, 190);
  return t;
}

ImVec4 as_vec4(Colour colour) {
  return ImGui::ColorConvertU32ToFloat4(colour);
}

}  // namespace

Colour mix(Colour under, Colour top, float amount) {
  const float a = std::clamp(amount, 0.0f, 1.0f);
  const auto blend = [&](int shift) {
    const float from = static_cast<float>(channel(under, shift)),
                to = static_cast<float>(channel(top, shift));
    return static_cast<ImU32>(from + (to - from) * a + 0.5f) << shift;
  };
  return blend(IM_COL32_R_SHIFT) | blend(IM_COL32_G_SHIFT) | blend(IM_COL32_B_SHIFT) |
         (under & IM_COL32_A_MASK);
}

float contrast(Colour a, Colour b) {
  const float la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05f) / (std::min(la, lb) + 0.05f);
}

Colour readable_on(Colour background) {
  const Colour dark_ink = rgb(0x111111), light_ink = rgb(0xffffff);
  return contrast(background, dark_ink) >= contrast(background, light_ink) ? dark_ink : light_ink;
}

Theme make_theme(ThemeName name) {
  switch (name) {
    case ThemeName::dark:
      return dark();
    case ThemeName::high_contrast:
      return high_contrast();
    case ThemeName::light:
      break;
  }
  return light();
}

void apply(const Theme& theme, float scale, ImGuiStyle& style) {
  style = ImGuiStyle();
  style.WindowPadding = ImVec2(metric::kPadding, metric::kPadding);
  style.FramePadding = ImVec2(12, 6);
  style.ItemSpacing = ImVec2(metric::kGap, metric::kGap);
  style.ItemInnerSpacing = ImVec2(metric::kGap, 4);
  style.WindowRounding = style.ChildRounding = style.FrameRounding = style.PopupRounding = metric::kRadius;
  style.ScrollbarRounding = style.GrabRounding = 4;
  style.ScrollbarSize = 10;
  style.WindowBorderSize = style.ChildBorderSize = style.PopupBorderSize = style.FrameBorderSize = 1;
  style.ScaleAllSizes(scale);
  style.WindowMinSize = ImVec2(1, 1);  // scaled below 1 it would end the program
  // One border weight, and never thinner than a pixel.
  const float border = std::max(1.0f, std::floor(scale));
  style.WindowBorderSize = style.ChildBorderSize = style.PopupBorderSize = style.FrameBorderSize = border;
  style.AntiAliasedLinesUseTex = false;
  style.CircleTessellationMaxError = 0.2f;

  ImVec4* c = style.Colors;
  c[ImGuiCol_Text] = as_vec4(theme.ink);
  c[ImGuiCol_TextDisabled] = as_vec4(theme.dim);
  c[ImGuiCol_WindowBg] = as_vec4(theme.background);
  c[ImGuiCol_ChildBg] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_PopupBg] = as_vec4(theme.panel);
  c[ImGuiCol_Border] = as_vec4(theme.line);
  c[ImGuiCol_BorderShadow] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_FrameBg] = c[ImGuiCol_FrameBgHovered] = c[ImGuiCol_FrameBgActive] = as_vec4(theme.panel);
  c[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
  c[ImGuiCol_ScrollbarGrab] = as_vec4(mix(theme.line, theme.dim, 0.25f));
  c[ImGuiCol_ScrollbarGrabHovered] = c[ImGuiCol_ScrollbarGrabActive] = as_vec4(theme.dim);
  c[ImGuiCol_TextSelectedBg] = as_vec4(with_alpha(theme.accent, 0.3f));
  c[ImGuiCol_ModalWindowDimBg] = as_vec4(theme.shade);
}

}  // namespace attn::app

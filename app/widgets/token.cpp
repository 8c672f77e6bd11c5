#include <algorithm>

#include "app/widgets/feel.h"

namespace attn::app {
namespace {

TextRole bold(TextRole role) {
  switch (role) {
    case TextRole::sentence:
      return TextRole::sentence_bold;
    case TextRole::body:
      return TextRole::body_bold;
    case TextRole::small:
      return TextRole::heading;
    default:
      return role;
  }
}

}  // namespace

// As wide as its bold form, so that choosing a token moves nothing.
ImVec2 token_size(Ui& ui, std::string_view text, const TokenLook& look) {
  const ImVec2 words = text_size(ui, bold(look.role), text);
  const float index = look.index.empty() ? 0.0f : ui.fonts[TextRole::note].size_px + ui.px(2);
  return ImVec2(std::max(words.x + ui.px(16), ui.px(24)), words.y + ui.px(8) + index);
}

Touch token(Ui& ui, std::string_view name, std::string_view text, const TokenLook& look) {
  const Theme& t = ui.theme;
  const ImVec2 size = token_size(ui, text, look);
  const Rect rect = here(ui, size.x, size.y);
  const float box_height = ui.fonts[look.role].size_px + ui.px(8), radius = ui.px(4);
  const Rect box{rect.x0, rect.y0, rect.x1, rect.y0 + box_height};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Touch touch = touch_area(ui, name, rect, text, look.chosen ? "chosen" : "", true);
  const Colour shade = look.shade_colour ? look.shade_colour : t.accent;
  Colour ground = t.panel;
  if (look.shade > 0.03f) ground = mix(t.panel, shade, 0.7f * look.shade);
  if (touch.hovered && look.shade <= 0.03f) ground = t.hover;
  if (ground != t.panel) fill(list, box, ground, radius);
  if (look.chosen)
    outline(ui, list, box, t.accent, radius, 2);
  else if (look.lit)
    outline(ui, list, box, mix(t.accent, t.panel, 0.3f), radius);
  // Whichever reads better on the shade.
  Colour ink = look.dimmed ? t.dim : t.ink;
  if (look.shade > 0.03f && contrast(ink, ground) < 4.5f) ink = readable_on(ground);
  draw_text_in(ui, list, look.chosen ? bold(look.role) : look.role, box, ink, text, 0.5f);
  if (!look.index.empty())
    draw_text_in(ui, list, TextRole::note, {rect.x0, box.y1 + ui.px(2), rect.x1, rect.y1}, t.dim, look.index,
                 0.5f);
  return touch;
}

}  // namespace attn::app

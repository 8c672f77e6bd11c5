#include "app/widgets/menus.h"

#include <cmath>

#include "app/widgets/feel.h"

namespace attn::app {
namespace {

constexpr float kRowPadding = 8, kTick = 12;

}  // namespace

void menu_heading(Ui& ui, std::string_view text) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(ImVec2(at.x + ui.px(kRowPadding), at.y + ui.px(4)));
  heading(ui, text);
}

bool menu_row(Ui& ui, std::string_view name, const MenuRow& row) {
  const Theme& t = ui.theme;
  const bool enabled = row.disabled.empty();
  const std::string_view about = enabled ? row.about : row.disabled;
  const float padding = ui.px(kRowPadding), tick = ui.px(kTick), line = ui.px(metric::kControlSmall);
  const float width = room(ui), wrap = width - 2 * padding - tick - padding;
  const float under = about.empty() ? 0 : text_size(ui, TextRole::note, about, wrap).y + ui.px(6);
  const Feel f = feel(
      ui, name, width, line + under,
      {.kind = "menu item", .text = row.text, .state = row.chosen ? "on" : "off", .disabled = row.disabled});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (f.enabled && (f.hovered || f.focused)) fill(list, f.rect, t.hover, ui.px(4));
  const Colour ink = f.enabled ? t.ink : t.dim;
  const float left = f.rect.x0 + padding, right = f.rect.x1 - padding - tick - padding;
  const Rect first{left, f.rect.y0, right, f.rect.y0 + line};
  const float words = text_size(ui, TextRole::small, row.text).x;
  draw_text_in(ui, list, row.chosen ? TextRole::heading : TextRole::small, first, ink, row.text);
  const Rect rest{left + words + ui.px(row.chosen ? 18.0f : 12.0f), first.y0, right, first.y1};
  if (!row.remark.empty() && rest.width() > ui.px(24))
    draw_text_in(ui, list, TextRole::note, rest, t.dim, row.remark);
  draw_text(ui, list, TextRole::note, ImVec2(left, f.rect.y0 + line - ui.px(2)), t.dim, about, wrap);
  if (row.chosen) {
    const float top = f.rect.y0 + std::floor((line - tick) / 2);
    draw_icon(list, Icon::check, {f.rect.x1 - padding - tick, top, f.rect.x1 - padding, top + tick}, t.accent,
              1.75f * ui.scale);
  }
  draw_focus_ring(ui, list, f, ui.px(4));
  return f.clicked;
}

}  // namespace attn::app

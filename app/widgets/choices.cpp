#include <algorithm>
#include <cmath>

#include "app/widgets/feel.h"

namespace attn::app {

bool segmented(Ui& ui, std::string_view name, std::span<const Choice> choices, int& chosen, float width) {
  const float whole = width > 0 ? width : room(ui), height = ui.px(metric::kControlSmall);
  const Rect all = here(ui, whole, height);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  const float radius = ui.px(metric::kRadius), padding = ui.px(6);

  // Each as wide as its text, the rest shared equally; all shrink alike when there is no room.
  std::vector<float> widths;
  float sum = 0;
  for (const Choice& choice : choices) {
    widths.push_back(text_size(ui, TextRole::note, choice.text).x + 2 * padding);
    sum += widths.back();
  }
  const float equal = whole / static_cast<float>(choices.size());
  const bool all_fit_equally = *std::max_element(widths.begin(), widths.end()) <= equal;
  for (float& w : widths)
    w = all_fit_equally
            ? equal
            : (sum <= whole ? w + (whole - sum) / static_cast<float>(choices.size()) : w * whole / sum);

  fill(list, all, t.panel, radius);
  ui.registry.add(name, "segmented", {}, all, clipped(all), ui.layer)
      .state.assign(chosen >= 0 && chosen < static_cast<int>(choices.size())
                        ? choices[static_cast<std::size_t>(chosen)].name
                        : "");
  bool changed = false;
  float x = all.x0;
  std::vector<Feel> feels;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const bool first = i == 0, last = i + 1 == choices.size(), on = static_cast<int>(i) == chosen;
    const float end = last ? all.x1 : std::round(x + widths[i]);
    ImGui::SetCursorScreenPos(ImVec2(std::round(x), all.y0));
    const Feel f = feel(ui, part_name(name, choices[i].name), end - std::round(x), height,
                        {.text = choices[i].text,
                         .state = on ? "on" : "off",
                         .disabled = choices[i].disabled,
                         .tooltip = choices[i].remark});
    if (f.clicked && !on) {
      chosen = static_cast<int>(i);
      changed = true;
    }
    const ImDrawFlags corners = first && last ? ImDrawFlags_RoundCornersAll
                                : first       ? ImDrawFlags_RoundCornersLeft
                                : last        ? ImDrawFlags_RoundCornersRight
                                              : ImDrawFlags_RoundCornersNone;
    if (on || (f.hovered && f.enabled))
      list.AddRectFilled(ImVec2(f.rect.x0, f.rect.y0), ImVec2(f.rect.x1, f.rect.y1), on ? t.accent : t.hover,
                         radius, corners);
    const Colour ink = !f.enabled ? mix(t.dim, t.panel, 0.25f) : on ? t.on_accent : t.ink;
    draw_text_in(ui, list, TextRole::note, {f.rect.x0 + ui.px(3), f.rect.y0, f.rect.x1 - ui.px(3), f.rect.y1},
                 ink, choices[i].text, 0.5f);
    if (!last && !on && static_cast<int>(i) + 1 != chosen)
      fill(list, {f.rect.x1 - ui.px(1), f.rect.y0, f.rect.x1, f.rect.y1}, t.line, 0);
    feels.push_back(f);
    x += widths[i];
  }
  ImGui::PopStyleVar();
  outline(ui, list, all, t.line, radius);
  for (const Feel& f : feels) draw_focus_ring(ui, list, f, radius);
  // Leaves the cursor under the whole control.
  ImGui::SetCursorScreenPos(ImVec2(all.x0, all.y0));
  ImGui::Dummy(ImVec2(whole, height));
  return changed;
}

bool tab_bar(Ui& ui, std::string_view name, std::span<const Choice> tabs, int& chosen) {
  const float height = ui.px(metric::kControl), gap = ui.px(16), more_width = ui.px(metric::kControlSmall);
  const Rect all = here(ui, room(ui), height);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  fill(list, {all.x0, all.y1 - ui.px(1), all.x1, all.y1}, t.line, 0);

  // Room for the bold face, so that nothing moves when another tab is chosen.
  const auto width_of = [&](int i) {
    return text_size(ui, TextRole::body_bold, tabs[static_cast<std::size_t>(i)].text).x;
  };
  // Where there is no room for all, the last place goes to the chosen one and the rest into a menu.
  const int n = static_cast<int>(tabs.size());
  float sum = -gap;
  for (int i = 0; i < n; ++i) sum += width_of(i) + gap;
  std::vector<int> shown, hidden;
  float left = all.width() - (sum > all.width() ? more_width + gap : 0);
  const bool has_chosen = chosen >= 0 && chosen < n;
  for (int i = 0; i < n; ++i) {
    const float kept = sum > all.width() && has_chosen && chosen > i ? width_of(chosen) + gap : 0;
    const bool fits = hidden.empty() && width_of(i) + kept <= left;
    (fits || i == chosen ? shown : hidden).push_back(i);
    if (fits || i == chosen) left -= width_of(i) + gap;
  }

  bool changed = false;
  float x = all.x0;
  for (const int i : shown) {
    const Choice& tab = tabs[static_cast<std::size_t>(i)];
    const bool on = i == chosen;
    ImGui::SetCursorScreenPos(ImVec2(x, all.y0));
    const Feel f = feel(ui, part_name(name, tab.name), width_of(i), height,
                        {.kind = "tab",
                         .text = tab.text,
                         .state = on ? "on" : "off",
                         .disabled = tab.disabled,
                         .tooltip = tab.remark});
    if (f.clicked && !on) {
      chosen = i;
      changed = true;
    }
    const Colour ink = !f.enabled ? mix(t.dim, t.panel, 0.4f) : on || f.hovered ? t.ink : t.dim;
    draw_text_in(ui, list, on ? TextRole::body_bold : TextRole::body, f.rect, ink, tab.text, 0.5f);
    if (on) fill(list, {f.rect.x0, f.rect.y1 - ui.px(2), f.rect.x1, f.rect.y1}, t.accent, 0);
    draw_focus_ring(ui, list, f, ui.px(4));
    x += width_of(i) + gap;
  }
  if (!hidden.empty()) {
    const std::string menu = part_name(name, "more");
    ImGui::SetCursorScreenPos(ImVec2(all.x1 - more_width, all.y0 + (height - more_width) / 2));
    if (icon_button(ui, menu, Icon::chevron_down, ui.words("common.more_views"), {.small = true}))
      open_popup(ui, part_name(menu, "list"));
    const Rect anchor = last_rect();
    popup(ui, part_name(menu, "list"), anchor, ui.px(180), [&] {
      std::vector<Choice> rest;
      for (const int i : hidden) rest.push_back(tabs[static_cast<std::size_t>(i)]);
      if (const auto picked = menu_items(ui, name, rest)) {
        chosen = hidden[static_cast<std::size_t>(*picked)];
        changed = true;
      }
    });
  }
  ImGui::SetCursorScreenPos(ImVec2(all.x0, all.y0));
  ImGui::Dummy(ImVec2(all.width(), height));
  return changed;
}

std::optional<int> menu_items(Ui& ui, std::string_view name, std::span<const Choice> items, int marked,
                              int cursor) {
  std::optional<int> picked;
  const Theme& t = ui.theme;
  const float height = ui.px(metric::kControlSmall), padding = ui.px(8), side = ui.px(12);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Choice& item = items[i];
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (item.separator_above) {
      ImGui::Dummy(ImVec2(1, ui.px(4)));
      rule(ui);
      ImGui::Dummy(ImVec2(1, ui.px(4)));
    }
    const bool on = static_cast<int>(i) == marked;
    const Feel f = feel(ui, part_name(name, item.name), room(ui), height,
                        {.kind = "menu item",
                         .text = item.text,
                         .state = marked < 0 ? ""
                                  : on       ? "on"
                                             : "off",
                         .disabled = item.disabled});
    const bool under_cursor = static_cast<int>(i) == cursor;
    if (f.enabled && (f.hovered || f.focused || under_cursor)) fill(list, f.rect, t.hover, ui.px(4));
    const Colour ink = f.enabled ? t.ink : t.dim;
    const float left = f.rect.x0 + padding + (marked >= 0 ? side + ui.px(6) : 0);
    if (on) {
      const float top = f.rect.y0 + std::floor((height - side) / 2);
      draw_icon(list, Icon::check, {f.rect.x0 + padding, top, f.rect.x0 + padding + side, top + side},
                t.accent, 1.75f * ui.scale);
    }
    const float remark = item.remark.empty() ? 0 : text_size(ui, TextRole::note, item.remark).x;
    const float text = text_size(ui, TextRole::small, item.text).x;
    const float all = f.rect.x1 - padding - left;
    const float remark_room = std::min(remark, std::max(all * 0.4f, all - text - ui.px(16)));
    const float end = f.rect.x1 - padding - (remark > 0 ? remark_room + ui.px(16) : 0);
    draw_text_in(ui, list, TextRole::small, {left, f.rect.y0, end, f.rect.y1}, ink, item.text);
    if (remark > 0)
      draw_text_in(ui, list, TextRole::note,
                   {f.rect.x1 - padding - remark_room, f.rect.y0, f.rect.x1 - padding, f.rect.y1}, t.dim,
                   item.remark, 1);
    draw_focus_ring(ui, list, f, ui.px(4));
    if (f.clicked) {
      picked = static_cast<int>(i);
      close_popup(ui);
    }
  }
  ImGui::PopStyleVar();
  return picked;
}

bool combo(Ui& ui, std::string_view name, std::span<const Choice> choices, int& chosen, float width) {
  const std::string list_name = part_name(name, "list");
  const bool known = chosen >= 0 && chosen < static_cast<int>(choices.size());
  const std::string_view shown = known ? choices[static_cast<std::size_t>(chosen)].text : std::string_view();
  if (drop_button(ui, name, shown, {}, {.width = width / ui.scale, .small = true})) open_popup(ui, list_name);
  const Rect anchor = last_rect();
  bool changed = false;
  popup(ui, list_name, anchor, width, [&] {
    if (const auto picked = menu_items(ui, name, choices, chosen); picked && *picked != chosen) {
      chosen = *picked;
      changed = true;
    }
  });
  return changed;
}

}  // namespace attn::app

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/widgets/feel.h"

namespace attn::app {
namespace {

// Between a value and its place on the track, 0 … 1.
float place_on_scale(float value, float least, float most, bool logarithmic) {
  const float t =
      logarithmic ? std::log(value / least) / std::log(most / least) : (value - least) / (most - least);
  return std::clamp(t, 0.0f, 1.0f);
}
float value_at(float place, float least, float most, bool logarithmic) {
  const float t = std::clamp(place, 0.0f, 1.0f);
  return logarithmic ? least * std::pow(most / least, t) : least + t * (most - least);
}

}  // namespace

Edited slider(Ui& ui, std::string_view name, std::string_view text, float& value, float least, float most,
              const char* format, const SliderOptions& options) {
  const Theme& t = ui.theme;
  const float width = options.width > 0 ? options.width : room(ui);
  std::array<char, 32> shown{};
  std::snprintf(shown.data(), shown.size(), format, static_cast<double>(value));
  const float row = ui.px(metric::kRow), track_area = ui.px(16);
  const Feel f = feel(ui, name, width, row + track_area,
                      {.kind = "slider", .text = text, .state = shown.data(), .disabled = options.disabled});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Colour ink = f.enabled ? t.ink : t.dim;
  const float handle = ui.px(6), thick = ui.px(4);
  const Rect track{f.rect.x0, f.rect.y0 + row + std::floor((track_area - thick) / 2), f.rect.x1,
                   f.rect.y0 + row + std::floor((track_area - thick) / 2) + thick};

  Edited edited;
  const float before = value;
  if (f.held) {
    const float x = ImGui::GetIO().MousePos.x;
    value =
        value_at((x - track.x0 - handle) / (track.width() - 2 * handle), least, most, options.logarithmic);
  }
  if (f.enabled && f.hovered && options.has_start && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    value = options.start;
    edited.finished = true;
  }
  if (f.focused && f.enabled) {
    const int steps = (ui.keys.pressed({Key::right}) || ui.keys.pressed({Key::up}) ? 1 : 0) -
                      (ui.keys.pressed({Key::left}) || ui.keys.pressed({Key::down}) ? 1 : 0);
    if (steps != 0) {
      value = value_at(
          place_on_scale(value, least, most, options.logarithmic) + 0.01f * static_cast<float>(steps), least,
          most, options.logarithmic);
      edited.finished = true;
    }
  }
  edited.changed = value != before;
  if (ImGui::IsItemDeactivated()) edited.finished = true;

  const float value_width = text_size(ui, TextRole::small, shown.data()).x;
  draw_text_in(ui, list, TextRole::small,
               {f.rect.x0, f.rect.y0, f.rect.x1 - value_width - ui.px(8), f.rect.y0 + row}, ink, text);
  draw_text_in(ui, list, TextRole::small, {f.rect.x1 - value_width, f.rect.y0, f.rect.x1, f.rect.y0 + row},
               ink, shown.data(), 1);
  const float x = track.x0 + handle +
                  place_on_scale(value, least, most, options.logarithmic) * (track.width() - 2 * handle);
  const Colour filled = f.enabled ? t.accent : t.dim;
  fill(list, track, mix(t.line, t.dim, 0.15f), thick / 2);
  fill(list, {track.x0, track.y0, x, track.y1}, filled, thick / 2);
  const ImVec2 middle(x, (track.y0 + track.y1) / 2);
  list.AddCircleFilled(middle, handle, t.panel);
  list.AddCircleFilled(middle, handle - ui.scale * (f.hovered || f.held ? 0.0f : 1.0f), filled);
  Feel ring = f;
  ring.rect = {x - handle, middle.y - handle, x + handle, middle.y + handle};
  draw_focus_ring(ui, list, ring, handle);
  return edited;
}

Edited range_bar(Ui& ui, std::string_view name, float& low, float& high, float least, float most, float width,
                 const std::function<void(ImDrawList&, const Rect&)>& draw_bar) {
  const Theme& t = ui.theme;
  const float bar_height = ui.px(12), handle = ui.px(6), height = bar_height + handle + ui.px(4);
  const Rect all = here(ui, width, height);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Rect bar{all.x0 + handle, all.y0, all.x1 - handle, all.y0 + bar_height};
  const float x_low = bar.x0 + place_on_scale(low, least, most, false) * bar.width();
  const float x_high = bar.x0 + place_on_scale(high, least, most, false) * bar.width();
  fill(list, bar, t.line, 0);
  draw_bar(list, {x_low, bar.y0, x_high, bar.y1});
  outline(ui, list, bar, t.line, 0);

  Edited edited;
  const float smallest = (most - least) * 0.001f;
  const std::array<std::pair<std::string_view, float*>, 2> ends = {{{"low", &low}, {"high", &high}}};
  for (const auto& [end, value] : ends) {
    const float x = value == &low ? x_low : x_high;
    ImGui::SetCursorScreenPos(ImVec2(std::floor(x - handle), all.y0));
    std::array<char, 32> shown{};
    std::snprintf(shown.data(), shown.size(), "%.3f", static_cast<double>(*value));
    const Feel f =
        feel(ui, part_name(name, end), 2 * handle, height, {.kind = "slider", .state = shown.data()});
    const float before = *value;
    if (f.held) *value = value_at((ImGui::GetIO().MousePos.x - bar.x0) / bar.width(), least, most, false);
    if (f.focused) {
      const int steps = (ui.keys.pressed({Key::right}) ? 1 : 0) - (ui.keys.pressed({Key::left}) ? 1 : 0);
      *value += static_cast<float>(steps) * 0.01f * (most - least);
      if (steps != 0) edited.finished = true;
    }
    *value =
        value == &low ? std::clamp(*value, least, high - smallest) : std::clamp(*value, low + smallest, most);
    if (*value != before) edited.changed = true;
    if (ImGui::IsItemDeactivated()) edited.finished = true;
    const float tip = bar.y1 - ui.px(2);
    list.AddTriangleFilled(ImVec2(x, tip), ImVec2(x + handle, tip + handle + ui.px(3)),
                           ImVec2(x - handle, tip + handle + ui.px(3)),
                           f.hovered || f.held ? t.accent : t.ink);
    draw_focus_ring(ui, list, f, ui.px(3));
  }
  ImGui::SetCursorScreenPos(ImVec2(all.x0, all.y0));
  ImGui::Dummy(ImVec2(width, height));
  return edited;
}

void progress(Ui& ui, std::string_view name, float fraction, std::string_view text) {
  const Theme& t = ui.theme;
  const float width = room(ui), line = text.empty() ? 0.0f : ui.px(metric::kRow), thick = ui.px(4);
  const Rect all = here(ui, width, line + thick);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (line > 0) draw_text_in(ui, list, TextRole::note, {all.x0, all.y0, all.x1, all.y0 + line}, t.dim, text);
  Rect track{all.x0, all.y0 + line, all.x1, all.y1};
  fill(list, track, t.line, thick / 2);
  char shown[16] = "";
  if (fraction >= 0) {
    track.x1 = track.x0 + width * std::min(1.0f, fraction);
    std::snprintf(shown, sizeof shown, "%.0f %%", static_cast<double>(fraction) * 100.0);
  } else {  // unknown: a piece that wanders
    const float at = static_cast<float>(std::fmod(ui.now_s, 1.5) / 1.5);
    track.x0 += width * at * 0.75f;
    track.x1 = track.x0 + width * 0.25f;
    ui.wake_in(0.05);
  }
  fill(list, track, t.accent, thick / 2);
  ui.registry.add(name, "progress", text, all, clipped(all), ui.layer).state.assign(shown);
  ImGui::Dummy(ImVec2(width, line + thick));
}

void value_row(Ui& ui, std::string_view name, std::string_view text, std::string_view value, bool strong,
               bool dimmed) {
  const float height = ui.px(metric::kRow);
  const Rect rect = here(ui, room(ui), height);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Colour ink = dimmed ? ui.theme.dim : ui.theme.ink;
  const float value_width = text_size(ui, TextRole::small, value).x;
  draw_text_in(ui, list, strong ? TextRole::heading : TextRole::small,
               {rect.x0, rect.y0, rect.x1 - value_width - ui.px(8), rect.y1}, ink, text);
  draw_text_in(ui, list, TextRole::small, {rect.x1 - value_width, rect.y0, rect.x1, rect.y1}, ink, value, 1);
  if (!name.empty()) ui.registry.add(name, "row", text, rect, clipped(rect), ui.layer).state.assign(value);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  ImGui::Dummy(ImVec2(rect.width(), height));
  ImGui::PopStyleVar();
}

bool bar_row(Ui& ui, std::string_view name, std::string_view text, float fraction, std::string_view value,
             Colour colour, std::string_view widest) {
  const Theme& t = ui.theme;
  const float height = ui.px(metric::kRow), gap = ui.px(8);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  const Feel f = feel(ui, name, room(ui), height, {.kind = "row", .text = text, .state = value});
  ImGui::PopStyleVar();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (f.hovered)
    fill(list, {f.rect.x0 - ui.px(4), f.rect.y0, f.rect.x1 + ui.px(4), f.rect.y1}, t.hover, ui.px(4));
  const float value_width = std::max(
      {ui.px(32), text_size(ui, TextRole::small, value).x, text_size(ui, TextRole::small, widest).x});
  const float text_width = std::floor((f.rect.width() - value_width - 2 * gap) * 0.45f);
  draw_text_in(ui, list, TextRole::small, {f.rect.x0, f.rect.y0, f.rect.x0 + text_width, f.rect.y1}, t.ink,
               text);
  const float bar_x0 = f.rect.x0 + text_width + gap, bar_x1 = f.rect.x1 - value_width - gap;
  const float bar_height = ui.px(10), top = f.rect.y0 + std::floor((height - bar_height) / 2);
  const float length = std::max(ui.px(2), (bar_x1 - bar_x0) * std::clamp(fraction, 0.0f, 1.0f));
  fill(list, {bar_x0, top, bar_x0 + length, top + bar_height}, colour ? colour : t.accent, ui.px(2));
  draw_text_in(ui, list, TextRole::small, {f.rect.x1 - value_width, f.rect.y0, f.rect.x1, f.rect.y1}, t.ink,
               value, 1);
  draw_focus_ring(ui, list, f, ui.px(4));
  return f.clicked;
}

}  // namespace attn::app

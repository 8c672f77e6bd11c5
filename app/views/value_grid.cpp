#include "app/views/value_grid.h"

#include <algorithm>
#include <cmath>

#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kNumberCell = 26;  // design units: from this size on a cell has room for its number
constexpr float kDimmed = 0.25f;

gl::HeatmapLook look_of(const Ui& ui, const ViewState& view, float low, float high) {
  gl::HeatmapLook look = weights_look(ui, view);
  look.scale = ValueScale::linear;
  look.low = low;
  look.high = std::max(high, low + 1e-6f);
  return look;
}

std::string cell_number(double value, int digits) {
  const std::string text = fixed(value, digits);
  return text.starts_with("0.") ? text.substr(1) : text;
}

}  // namespace

void draw_grid_numbers(Ui& ui, ImDrawList& list, const GridLayout& grid, const HeadId& head,
                       const ViewState& view) {
  const int from = view.count_heads_from_one ? 1 : 0;
  const float line = ui.px(16), pitch = grid.size + grid.gap;
  const std::string widest = "H" + std::to_string(grid.n_heads - 1 + from);
  const bool with_letter = text_size(ui, TextRole::note, widest).x + ui.px(4) <= pitch;
  const float number = text_size(ui, TextRole::note, widest.substr(1)).x + ui.px(4);
  const int every = with_letter ? 1 : std::max(1, static_cast<int>(std::ceil(number / pitch)));
  for (int h = 0; h < grid.n_heads; h += every) {
    const Rect cell = grid.cell(0, h);
    const float middle = (cell.x0 + cell.x1) / 2;
    draw_text_in(ui, list, TextRole::note,
                 {middle - pitch, cell.y0 - ui.px(4) - line, middle + pitch, cell.y0 - ui.px(4)},
                 h == head.head ? ui.theme.ink : ui.theme.dim,
                 (with_letter ? "H" : "") + std::to_string(h + from), 0.5f);
  }
  const int every_layer = std::max(1, static_cast<int>(std::ceil(ui.px(13) / pitch)));
  for (int l = 0; l < grid.n_layers; l += every_layer) {
    const Rect cell = grid.cell(l, 0);
    const float middle = (cell.y0 + cell.y1) / 2;
    draw_text_in(ui, list, TextRole::note, {grid.area.x0, middle - line, cell.x0 - ui.px(4), middle + line},
                 l == head.layer ? ui.theme.ink : ui.theme.dim, "L" + std::to_string(l + from));
  }
}

void draw_value_cells(Ui& ui, ImDrawList& list, const GridLayout& layout, const ValueGrid& grid,
                      const ViewState& view) {
  const Theme& t = ui.theme;
  const gl::HeatmapLook look = look_of(ui, view, grid.low, grid.high);
  for (int l = 0; l < grid.n_layers; ++l)
    for (int h = 0; h < grid.n_heads; ++h) {
      const HeadId id{grid.stack, l, h};
      const Rect cell = layout.cell(l, h);
      const double value = view.covered ? std::nan("") : grid.value(id);
      Colour ground = std::isnan(value) ? t.hatch_ground : colour_of(look, static_cast<float>(value));
      if (grid.dimmed && grid.dimmed(id)) ground = mix(t.panel, ground, kDimmed);
      list.AddRectFilled(ImVec2(cell.x0, cell.y0), ImVec2(cell.x1, cell.y1), ground);
      const std::string number = std::isnan(value) ? "–" : cell_number(value, grid.digits);
      if (layout.size >= ui.px(kNumberCell))
        draw_text_in(ui, list, TextRole::cell, cell, readable_on(ground), view.covered ? "?" : number, 0.5f);
      mark(ui, std::string(grid.name) + "." + std::to_string(l) + "." + std::to_string(h), cell, {},
           view.covered ? "?" : number);
    }
}

void draw_cell_frame(Ui& ui, ImDrawList& list, const GridLayout& layout, Stack stack, const HeadId& id,
                     Colour colour, float width) {
  if (id.stack != stack || id.layer >= layout.n_layers || id.head >= layout.n_heads) return;
  const Rect cell = layout.cell(id.layer, id.head);
  const float out = std::min(ui.px(2), layout.gap / 2 + 1);
  list.AddRect(ImVec2(cell.x0 - out, cell.y0 - out), ImVec2(cell.x1 + out, cell.y1 + out), colour, ui.px(3),
               0, std::max(1.0f, std::min(ui.px(width), layout.gap)));
}

std::optional<HeadId> draw_value_grid(Ui& ui, const Rect& rect, const ValueGrid& grid, const HeadId& selected,
                                      const ViewState& view, Intents& intents) {
  const GridLayout layout = lay_out_grid(ui, rect, grid.n_layers, grid.n_heads);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_grid_numbers(ui, list, layout, selected, view);
  draw_value_cells(ui, list, layout, grid, view);
  const auto frame = [&](const HeadId& id, Colour colour, float width) {
    draw_cell_frame(ui, list, layout, grid.stack, id, colour, width);
  };
  if (view.hover.head) frame(*view.hover.head, ui.theme.dim, 1);
  frame(selected, ui.theme.accent, 3);
  const Touch touch = touch_area(ui, std::string(grid.name) + ".area", layout.area);
  if (!touch.hovered) return std::nullopt;
  const auto under = layout.head_at(layout.area.x0 + touch.mouse.x, layout.area.y0 + touch.mouse.y);
  if (!under) return std::nullopt;
  const HeadId id{grid.stack, under->first, under->second};
  light_up(ui, view, intents, id, -1, -1);
  return touch.clicked ? std::optional(id) : std::nullopt;
}

void draw_value_legend(Ui& ui, const Rect& rect, float low, float high, int digits, const ViewState& view) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const gl::HeatmapLook look = look_of(ui, view, low, high);
  const std::string least = fixed(static_cast<double>(low), digits),
                    most = fixed(static_cast<double>(high), digits);
  const float left = text_size(ui, TextRole::note, least).x + ui.px(6),
              right = text_size(ui, TextRole::note, most).x + ui.px(6);
  const float bar = std::max(ui.px(24), std::min(ui.px(96), rect.width() - left - right)),
              high_px = ui.px(10);
  const float x0 = rect.x0 + left, top = rect.y0 + std::floor((rect.height() - high_px) / 2);
  draw_text_in(ui, list, TextRole::note, {rect.x0, rect.y0, x0, rect.y1}, ui.theme.dim, least);
  draw_shades(list, {x0, top, x0 + bar, top + high_px},
              [&](float at) { return colour_of(look, low + (high - low) * at); });
  list.AddRect(ImVec2(x0, top), ImVec2(x0 + bar, top + high_px), ui.theme.line);
  draw_text_in(ui, list, TextRole::note, {x0 + bar + ui.px(6), rect.y0, x0 + bar + right + ui.px(4), rect.y1},
               ui.theme.dim, most);
}

}  // namespace attn::app

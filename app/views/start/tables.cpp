#include <algorithm>

#include "app/views/matrix_view.h"
#include "app/views/start/sections.h"

namespace attn::app {

namespace {

constexpr float kShadesLine = 22;  // design units: the colours under a picture

const char* words_of(const PositionTable& table) {
  if (table.switched_off) return "start.positions_off";
  switch (table.picture) {
    case PositionPicture::learned:
      return "start.positions_learned";
    case PositionPicture::sinusoidal:
      return "start.positions_sinusoidal";
    case PositionPicture::rotary:
      return "start.positions_rotary";
    case PositionPicture::distance:
      return table.kind == PositionKind::alibi ? "start.positions_alibi" : "start.positions_bucket";
    case PositionPicture::elsewhere:
      return table.kind == PositionKind::alibi         ? "start.positions_alibi"
             : table.kind == PositionKind::convolution ? "start.positions_convolution"
                                                       : "start.positions_relative";
    case PositionPicture::none:
      break;
  }
  return "start.positions_none";
}

void say_entry(StartPage& page, const Rect& area, const Touch& touch, const PositionTable& table) {
  const auto at = [](float place, float length, Index n) {
    return std::clamp<Index>(static_cast<Index>(place / length * static_cast<float>(n)), 0, n - 1);
  };
  const Index row = at(touch.mouse.y, area.height(), table.values.rows());
  const Index column = at(touch.mouse.x, area.width(), table.values.cols());
  const bool distances = table.picture == PositionPicture::distance;
  const std::string where =
      distances ? "H" + std::to_string(row) + ", i−j = " + std::to_string(column + table.first)
                : std::to_string(row) + " [" + std::to_string(column) + "]";
  preview(page.ui, [&] {
    label(page.ui, {}, where + " = " + number_text(static_cast<double>(table.values(row, column)), 4),
          TextRole::small);
  });
}

}  // namespace

void draw_similarities(StartPage& page, const Rect& rect) {
  Ui& ui = page.ui;
  const float top =
      draw_section_title(page, rect, ui.words("start.similar_title"), ui.words("start.similar_note")) +
      ui.px(4);
  MatrixLook look;
  look.colours = difference_look(ui, 1.0f);
  look.differences = true;
  look.chosen_row = page.chosen < page.cache.similar.n_rows() ? page.chosen : -1;
  look.lit_row = page.view.hover.query;
  look.lit_column = page.view.hover.key;
  look.name = "start.similar";
  const Rect area{rect.x0, top, rect.x1, rect.y1 - ui.px(kShadesLine)};
  const MatrixPlace place = place_matrix(ui, area, page.cache.similar, look);
  const Touch touch = touch_area(ui, "start.similar", place.cells);
  draw_matrix(ui, page.cache.similar, page.cache.similar_picture, look, place);
  const float under = place.cells.y1 + ui.px(4);
  draw_signed_scale(ui, {place.cells.x0, under, rect.x1, under + ui.px(kShadesLine - 4)}, 1);
  if (!touch.hovered) return;
  const int row = place.row_at(place.cells.y0 + touch.mouse.y),
            column = place.column_at(place.cells.x0 + touch.mouse.x);
  if (row < 0 || column < 0) return;
  light_up_tokens(ui, page.view, page.intents, row, column);
  preview(ui, [&] {
    label(ui, {},
          page.name(row) + " · " + page.name(column) + ": " +
              number_text(static_cast<double>(page.cache.similar.values(row, column)), 3),
          TextRole::small);
  });
  if (touch.clicked) choose_query(page.intents, row);
}

void draw_positions(StartPage& page, const Rect& rect) {
  Ui& ui = page.ui;
  const PositionTable& table = page.facts.positions;
  const std::string what = ui.words(
      words_of(table), {{"word", page.name(page.chosen)}, {"n", std::to_string(table.values.rows())}});
  const float top = draw_section_title(page, rect, ui.words("start.positions_title"), what) + ui.px(4);
  if (page.cache.position_picture.empty()) return;
  const float names = ui.px(32);
  const Rect area{rect.x0 + names, top, rect.x1, std::max(top + ui.px(60), rect.y1 - ui.px(kShadesLine + 4))};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Touch touch = touch_area(ui, "start.positions", area);
  const gl::HeatmapQuad quad{.upper_left = ImVec2(area.x0, area.y0), .lower_right = ImVec2(area.x1, area.y1)};
  const std::span<const float> all(table.values.data(), static_cast<std::size_t>(table.values.size()));
  ui.heatmaps.draw(list, page.cache.position_picture, difference_look(ui, largest_of(all)), {&quad, 1});
  draw_signed_scale(ui, {area.x0, area.y1 + ui.px(4), area.x1, area.y1 + ui.px(kShadesLine)},
                    largest_of(all));
  list.AddRect(ImVec2(area.x0, area.y0), ImVec2(area.x1, area.y1), ui.theme.line);

  const bool distances = table.picture == PositionPicture::distance;
  const float one = area.height() / static_cast<float>(table.values.rows());
  const float least = ui.px(16);
  float free_from = area.y0;
  const int chosen =
      distances ? -1
                : page.facts.start.embedding.positions[static_cast<std::size_t>(page.chosen)] - table.first;
  for (Index r = 0; r < table.values.rows(); ++r) {
    const float middle = area.y0 + one * (static_cast<float>(r) + 0.5f);
    if (r != chosen && (middle - least / 2 < free_from ||
                        (chosen >= 0 && std::abs(static_cast<float>(r - chosen)) * one < least)))
      continue;
    if (r != chosen) free_from = middle + least / 2;
    draw_text_in(ui, list, r == chosen ? TextRole::heading : TextRole::note,
                 {rect.x0, middle - least / 2, rect.x0 + names - ui.px(6), middle + least / 2},
                 r == chosen ? ui.theme.accent : ui.theme.dim,
                 (distances ? "H" : "") + std::to_string(r + (distances ? 0 : table.first)), 1);
  }
  if (chosen >= 0 && chosen < table.values.rows()) {
    const float y0 = area.y0 + one * static_cast<float>(chosen);
    list.AddRect(ImVec2(area.x0 - 1, y0 - 1), ImVec2(area.x1 + 1, y0 + std::max(one, 2.0f) + 1),
                 ui.theme.accent, 0, 0, std::max(1.0f, ui.px(2)));
    mark(ui, "start.position_row", {area.x0, y0, area.x1, y0 + one}, std::to_string(chosen));
  }
  if (touch.hovered) say_entry(page, area, touch, table);
}

}  // namespace attn::app

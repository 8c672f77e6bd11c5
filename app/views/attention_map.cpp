#include <algorithm>
#include <array>
#include <cmath>

#include "app/look/wording.h"
#include "app/views/attention_map/together.h"
#include "app/views/map_values.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"

namespace attn::app {

namespace {

constexpr float kHeader = 28, kFooter = 28;  // design units

// Where the parts of the view stand. Low and wide: everything but the map goes beside it.
struct Parts {
  Rect header, map, bar, statement;
};
Parts split(Ui& ui, const Rect& rect) {
  const float side = ui.px(184);
  Parts parts;
  if (rect.height() < ui.px(320) && rect.width() > rect.height() + side) {
    const float x = rect.x1 - side;
    parts.map = {rect.x0, rect.y0, x - ui.px(12), rect.y1};
    parts.header = {x, rect.y0, rect.x1, rect.y0 + ui.px(kHeader)};
    parts.bar = {x, parts.header.y1 + ui.px(16), rect.x1, parts.header.y1 + ui.px(16 + kFooter)};
    parts.statement = {x, parts.bar.y1 + ui.px(4), rect.x1, rect.y1};
    return parts;
  }
  parts.header = {rect.x0, rect.y0, rect.x1, rect.y0 + ui.px(kHeader)};
  parts.bar = {rect.x0, rect.y1 - ui.px(kFooter), rect.x1, rect.y1};
  parts.map = {rect.x0, parts.header.y1 + ui.px(4), rect.x1, parts.bar.y0 - ui.px(4)};
  return parts;
}

// The map's numbers: the head's weights, or what a job made of them. matrix null: not there (yet), and
// `says` tells why or how far it is.
struct Shown {
  const ShownMatrix* matrix = nullptr;
  float largest = 1;
  std::string says;
};

Shown shown_values(Ui& ui, const Frame& frame, const HeadId& head, const Study& study, const ViewState& view,
                   ViewCaches& caches, Intents& intents) {
  ShownOptions options = shown_options(view);
  const int query = study.selection.query;
  if (view.map.values == MapValues::weights) return {caches.map.update(*frame.a, head, options), 1, {}};
  const std::string_view why = why_no_values(*frame.a, head, view.map.values, query);
  if (!why.empty()) return {nullptr, 1, std::string(ui.words(why))};
  const Answer<Matrix> answer = want_map_values(frame, frame.a, head, view.map.values, query, intents);
  if (!answer.value)
    return {nullptr, 1,
            answer.done ? in_words(ui.words, answer.problem) : std::string(ui.words("map_values.working"))};
  if (view.map.values == MapValues::flow) options.only_query = query;
  const ShownMatrix* matrix = caches.map.update(*frame.a, head, options, answer.value);
  return {matrix, std::max(1e-6f, caches.map.largest()), matrix ? "" : caches.map.problem()};
}

gl::HeatmapLook colours_of(const Ui& ui, const ViewState& view, float largest) {
  gl::HeatmapLook look = weights_look(ui, view);
  look.low *= largest;
  look.high *= largest;
  return look;
}

// The colours and what the rows add up to: close under what was drawn down to `lowest`, as far as `right`; in
// a place of their own where the view is low.
void draw_foot(Ui& ui, Parts parts, float lowest, float right, const ShownMatrix& matrix, float largest,
               const ViewState& view, Intents& intents) {
  const gl::HeatmapLook colours = colours_of(ui, view, largest);
  if (!parts.statement.empty()) {
    draw_colour_bar(ui, parts.bar, view, colours, largest, intents);
    return draw_statement(ui, parts.statement, view, matrix, true);
  }
  const float y = std::min(parts.bar.y0, lowest + ui.px(6));
  parts.bar = {parts.bar.x0, y, parts.bar.x1, y + ui.px(kFooter)};
  const float wide = draw_colour_bar(ui, parts.bar, view, colours, largest, intents);
  draw_statement(ui, {parts.bar.x0 + wide, y + ui.px(2), right, y + ui.px(22)}, view, matrix, false);
}

}  // namespace

void draw_attention_map(Ui& ui, const Rect& rect, const Frame& frame, const Study& study,
                        const ViewState& view, ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, {}, intents);
  Parts parts = split(ui, rect);
  const StacksTogether together = stacks_together(ui, parts.map, *frame.a->trace, view);
  if (together.shown) {
    draw_map_header(ui, parts.header, *frame.a, *head, together, study, view, intents);
    const float top = std::min(parts.header.y0, parts.map.y0), header = parts.map.y0 - top;
    const Rect maps{parts.map.x0, top, parts.map.x1, parts.map.y1};
    const Drawn drawn = draw_stacks(ui, maps, header, frame, *head, study, view, caches, intents);
    if (drawn.matrix) draw_foot(ui, parts, drawn.lowest, rect.x1, *drawn.matrix, 1, view, intents);
    return;
  }
  const Shown shown = shown_values(ui, frame, *head, study, view, caches, intents);
  const ShownMatrix* matrix = shown.matrix;
  if (!matrix && view.map.values == MapValues::weights)
    return draw_missing_weights(ui, rect, frame, head, caches.map.problem(), intents);

  draw_map_header(ui, parts.header, *frame.a, *head, together, study, view, intents);
  if (!matrix) {
    const bool working = shown.says == ui.words("map_values.working");
    return empty_state(ui, parts.map, ui.words(working ? "map_values.working" : "map.cannot"),
                       working ? std::string_view("") : std::string_view(shown.says));
  }

  MatrixLook look;
  look.colours = colours_of(ui, view, shown.largest);
  look.number_from *= shown.largest;
  look.zoom = view.map.zoom;
  look.pan_x = view.map.pan_x;
  look.pan_y = view.map.pan_y;
  look.per_row = view.map.scale == ValueScale::per_row;
  look.covered = view.covered;
  look.name = "map.cell";
  look.chosen_row = place_of_token(matrix->row_of, study.selection.query);
  look.chosen_column = place_of_token(matrix->column_of, study.selection.key.value_or(-1));
  look.named_column = view.covered ? -1 : strongest_column(*matrix, look.chosen_row);
  look.lit_row = place_of_token(matrix->row_of, view.hover.query);
  look.lit_column = place_of_token(matrix->column_of, view.hover.key);
  look.axes = ui.words(head->stack == Stack::cross ? "map.axes_cross" : "map.axes");
  const Rect find{parts.map.x0, parts.map.y0, parts.map.x1, parts.map.y0 + ui.px(metric::kControl)};
  if (view.search_open) parts.map.y0 = find.y1 + ui.px(4);
  const MatrixPlace place = place_matrix(ui, parts.map, *matrix, look);
  draw_matrix(ui, *matrix, caches.map.stack(), look, place);
  if (view.search_open) {
    draw_found(ui, place, *matrix, view);
    draw_find_bar(ui, find, place, *matrix, study, view, intents);
  }
  if (view.map.values == MapValues::weights && !view.covered)
    draw_set_cells(ui, place, *matrix, *head, *frame.a);
  draw_minimap(ui, place, *matrix, caches.map.stack(), look, intents);
  feel_cells(ui, place, *matrix, *head, frame, study, view, intents);
  feel_names(ui, place, *matrix, study, view, intents);
  const float x1 = std::min(rect.x1, std::max(place.cells.x1, rect.x0 + ui.px(420)));
  draw_foot(ui, parts, place.cells.y1, x1, *matrix, shown.largest, view, intents);
}

}  // namespace attn::app

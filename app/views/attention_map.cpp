#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/map_values.h"
#include "app/views/matrix_view.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"

namespace attn::app {

namespace {

constexpr float kHeader = 28, kFooter = 28;  // design units
constexpr float kClickSlack = 4;             // a press that moves less is a click
constexpr float kLeastColumnsSeen = 3;       // at the strongest zoom

void draw_options(Ui& ui, const ViewState& view, Intents& intents) {
  const Words& words = ui.words;
  const float inset = ui.px(8);
  space(ui, 4);
  ImGui::Indent(inset);
  const float wide = room(ui) - inset;
  heading(ui, words("map.scale_title"));
  const std::array<Choice, 4> scales = {
      Choice{"linear", words("map.scale.linear")}, Choice{"square_root", words("map.scale.square_root")},
      Choice{"logarithmic", words("map.scale.logarithmic")}, Choice{"per_row", words("map.scale.per_row")}};
  int scale = static_cast<int>(view.map.scale);
  if (segmented(ui, "map.scale", scales, scale, wide))
    intents.look([scale](ViewState& v) { v.map.scale = static_cast<ValueScale>(scale); });
  note(ui,
       words(std::array{"map.scale_note.linear", "map.scale_note.square_root", "map.scale_note.logarithmic",
                        "map.scale_note.per_row"}[static_cast<std::size_t>(scale)]),
       wide);
  space(ui);
  heading(ui, words("map.colours_title"));
  const std::array<Choice, 3> maps = {Choice{"cividis", words("map.colours.cividis")},
                                      Choice{"white_to_dark", words("map.colours.white_to_dark")},
                                      Choice{"viridis", words("map.colours.viridis")}};
  int map = static_cast<int>(view.color_map);
  if (segmented(ui, "map.colours", maps, map, wide))
    intents.look([map](ViewState& v) { v.color_map = static_cast<ColorMap>(map); });
  space(ui);
  heading(ui, words("map.leave_out_title"));
  bool special = view.map.hide_special, first = view.map.hide_first, merged = view.words_merged;
  if (checkbox(ui, "map.hide_special", words("map.hide_special"), special))
    intents.look([special](ViewState& v) { v.map.hide_special = special; });
  if (checkbox(ui, "map.hide_first", words("map.hide_first"), first))
    intents.look([first](ViewState& v) { v.map.hide_first = first; });
  note(ui, words("map.leave_out_note"), wide);
  if (checkbox(ui, "map.words_merged", words("map.words_merged"), merged))
    intents.look([merged](ViewState& v) { v.words_merged = merged; });
  ImGui::Unindent(inset);
  space(ui, 4);
}

// What is drawn of a head, each with its formula and source under it.
void draw_values_menu(Ui& ui, const Side& side, const HeadId& head, const Study& study, const ViewState& view,
                      Intents& intents) {
  const Words& words = ui.words;
  space(ui, 4);
  ImGui::Indent(ui.px(8));
  const float wide = room(ui) - ui.px(8);
  heading(ui, words("map_values.menu_title"));
  for (int i = 0; i < kMapValues; ++i) {
    const auto values = static_cast<MapValues>(i);
    const std::string name(name_of(values));
    const std::string_view why = why_no_values(side, head, values, study.selection.query);
    if (button(ui, "map.values." + name, words("map_values.name." + name),
               {.look = ButtonLook::quiet,
                .icon = values == view.map.values ? Icon::check : Icon::none,
                .small = true,
                .selected = values == view.map.values,
                .disabled = why.empty() ? std::string_view() : words(why)})) {
      intents.look([values](ViewState& v) {
        v.map.values = values;
        v.map.range_low = 0;
        v.map.range_high = 1;
      });
      close_popup(ui);
    }
    close_up(ui);
    note(ui, words("map_values.formula." + name), wide);
    space(ui, 2);
  }
  ImGui::Unindent(ui.px(8));
  space(ui, 4);
}

void draw_header(Ui& ui, const Rect& rect, const Side& side, const HeadId& head, const Study& study,
                 const ViewState& view, Intents& intents) {
  const Words& words = ui.words;
  const float small_button = ui.px(metric::kControlSmall), gap = ui.px(4);
  const std::string_view scale =
      words(std::array{"map.scale.linear", "map.scale.square_root", "map.scale.logarithmic",
                       "map.scale.per_row"}[static_cast<std::size_t>(view.map.scale)]);
  const std::string_view values = words("map_values.short." + std::string(name_of(view.map.values)));
  const auto drop_width = [&](std::string_view text) {
    return text_size(ui, TextRole::note, text).x + ui.px(44);
  };
  float x = rect.x1;
  const auto place = [&](float width) {
    x -= width;
    ImGui::SetCursorScreenPos(ImVec2(x, rect.y0));
    x -= gap;
  };
  place(drop_width(scale));
  if (drop_button(ui, "map.options", scale, {}, {.small = true, .tooltip = words("map.options_tip")}))
    open_popup(ui, "map.options_popup");
  popup(ui, "map.options_popup", last_rect(), ui.px(312), [&] { draw_options(ui, view, intents); });
  place(drop_width(values));
  if (drop_button(ui, "map.values", values, {}, {.small = true, .tooltip = words("map_values.menu_tip")}))
    open_popup(ui, "map.values_popup");
  popup(ui, "map.values_popup", last_rect(), ui.px(400),
        [&] { draw_values_menu(ui, side, head, study, view, intents); });
  place(small_button);
  if (icon_button(ui, "map.cover", view.covered ? Icon::eye_off : Icon::eye, words("map.cover_tip"),
                  {.look = ButtonLook::quiet, .small = true, .selected = view.covered}))
    intents.look([](ViewState& v) { v.covered = !v.covered; });
  place(small_button);
  if (icon_button(ui, "map.fit", Icon::fit, words("map.fit_tip"), {.look = ButtonLook::quiet, .small = true}))
    intents.look([](ViewState& v) {
      v.map.zoom = 1;
      v.map.pan_x = v.map.pan_y = 0;
    });
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::heading, {rect.x0, rect.y0, x, rect.y1},
               ui.theme.ink,
               map_values_title(words, side, head, view.map.values, study.selection.query, view));
}

// The colour bar with its ends; returns how much of the width it took.
// largest: of the values; 1 for weights.
float draw_colour_bar(Ui& ui, const Rect& rect, const ViewState& view, const gl::HeatmapLook& look,
                      float largest, Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  const bool per_row = view.map.scale == ValueScale::per_row;
  const bool weights = view.map.values == MapValues::weights;
  const std::string low_text = fixed(static_cast<double>(look.low), look.low > 0 ? 2 : 0);
  const std::string high_text =
      per_row ? std::string(ui.words("map.row_largest"))
              : fixed(static_cast<double>(look.high), look.high < 1 || !weights ? 2 : 0);
  const float bar = std::min(ui.px(128), rect.width() * 0.5f);
  const float low_width = text_size(ui, TextRole::note, low_text).x + ui.px(4);
  const float high_width = text_size(ui, TextRole::note, high_text).x + ui.px(4);
  const float line = rect.y0 + ui.px(6);
  draw_text_in(ui, list, TextRole::note, {rect.x0, line - ui.px(4), rect.x0 + low_width, line + ui.px(16)},
               t.dim, low_text);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0 + low_width, line));
  float low = look.low, high = look.high;
  const Edited edited =
      range_bar(ui, "map.range", low, high, 0, largest, bar, [&](ImDrawList& bar_list, const Rect& r) {
        constexpr int kSteps = 32;
        for (int i = 0; i < kSteps; ++i) {
          const auto at = [&](int step) { return r.x0 + r.width() * static_cast<float>(step) / kSteps; };
          const float value = look.low + (look.high - look.low) * (static_cast<float>(i) + 0.5f) / kSteps;
          bar_list.AddRectFilled(ImVec2(at(i), r.y0), ImVec2(at(i + 1), r.y1), colour_of(look, value));
        }
      });
  if (edited)
    intents.look([low = low / largest, high = high / largest](ViewState& v) {
      v.map.range_low = low;
      v.map.range_high = high;
    });
  const float x = rect.x0 + low_width + bar + ui.px(4);
  draw_text_in(ui, list, TextRole::note, {x, line - ui.px(4), x + high_width, line + ui.px(16)}, t.dim,
               high_text);
  return x + high_width + ui.px(12) - rect.x0;
}

// What the rows add up to, or what else must be known to read the map.
void draw_statement(Ui& ui, const Rect& rect, const ViewState& view, const ShownMatrix& matrix,
                    bool several_lines) {
  const bool dimmed =
      std::find(matrix.supervised.begin(), matrix.supervised.end(), false) != matrix.supervised.end();
  const std::string of_values = "map_values.note." + std::string(name_of(view.map.values));
  const std::string_view says = ui.words(view.block_cells                        ? "map.block_note"
                                         : view.map.values != MapValues::weights ? std::string_view(of_values)
                                         : matrix.renormalised                   ? "map.renormalised"
                                         : dimmed                                ? "map.dimmed_note"
                                                                                 : "map.rows_sum");
  const Colour ink = view.block_cells || matrix.renormalised ? ui.theme.warn : ui.theme.dim;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (several_lines)
    draw_text(ui, list, TextRole::note, ImVec2(rect.x0, rect.y0), ink, says, rect.width());
  else
    draw_text_in(ui, list, TextRole::note, rect, ink, says, 1);
}

// A word of the sentence for the box beside the mouse.
void draw_cell_box(Ui& ui, const ShownMatrix& matrix, int row, int column, const Frame& frame,
                   const HeadId& head, const ViewState& view) {
  const std::string& query = matrix.rows[static_cast<std::size_t>(row)];
  const std::string& key = matrix.columns[static_cast<std::size_t>(column)];
  const float weight = matrix.values(row, column);
  preview(ui, [&] {
    label(ui, {}, query + " → " + key, TextRole::heading);
    if (std::isnan(weight)) {
      label(ui, {}, ui.words("map.masked"), TextRole::note, ui.theme.dim);
      return;
    }
    label(ui, {}, fixed(static_cast<double>(weight), 3), TextRole::small);
    const int q = matrix.query_of[static_cast<std::size_t>(row)];
    const int k = matrix.key_of[static_cast<std::size_t>(column)];
    if (view.map.values != MapValues::weights) return;
    const std::optional<HeadWeights> before = frame.baseline ? frame.baseline->weights(head) : std::nullopt;
    if (before && q < before->rows() && k < before->cols() && !matrix.renormalised)
      label(ui, {},
            ui.words("map.as_trained_was", {{"weight", fixed(static_cast<double>(before->at(q, k)), 3)}}),
            TextRole::note, ui.theme.dim);
  });
}

void zoom_at_mouse(const Touch& touch, const MatrixPlace& place, const ViewState& view, Intents& intents) {
  const float columns = static_cast<float>(place.n_columns), rows = static_cast<float>(place.n_rows);
  const float most = std::max(1.0f, std::max(columns, rows) / kLeastColumnsSeen);
  const float zoom = std::clamp(view.map.zoom * std::pow(1.2f, touch.wheel), 1.0f, most);
  // The cell under the mouse stays there.
  const float x = place.first_column + touch.mouse.x / place.cell;
  const float y = place.first_row + touch.mouse.y / place.cell;
  const float cell = place.cell * zoom / view.map.zoom;
  const float pan_x = std::max(0.0f, (x - touch.mouse.x / cell) / columns);
  const float pan_y = std::max(0.0f, (y - touch.mouse.y / cell) / rows);
  intents.look([zoom, pan_x, pan_y](ViewState& v) {
    v.map.zoom = zoom;
    v.map.pan_x = zoom > 1 ? pan_x : 0;
    v.map.pan_y = zoom > 1 ? pan_y : 0;
  });
}

// Shuts or opens the cell under the mouse: the first cell of a drag decides which.
void block_cells(Ui& ui, const Touch& touch, Stack stack, int query, int key, const Study& study,
                 Intents& intents) {
  if (!touch.held || query < 0 || key < 0) return;
  const std::pair<int, int> cell(query, key);
  if (touch.clicked) {
    const auto mask = study.a.interventions.masks.find(stack);
    const bool shut = mask != study.a.interventions.masks.end() && mask->second.blocked.count(cell) > 0;
    ui.memory.numbers["map.block.shuts"] = shut ? 0 : 1;
    ui.memory.numbers["map.block.since"] = ui.now_s;
  }
  const bool shuts = ui.memory.numbers["map.block.shuts"] > 0;
  intents.edit(
      [stack, cell, shuts](Study& s) {
        MaskSetting& mask = s.a.interventions.masks[stack];
        if (shuts)
          mask.blocked.insert(cell);
        else
          mask.blocked.erase(cell);
        if (mask == MaskSetting{}) s.a.interventions.masks.erase(stack);
      },
      "block cells " + std::to_string(ui.memory.numbers["map.block.since"]));
}

void pan(Ui& ui, const Touch& touch, const MatrixPlace& place, Intents& intents) {
  double& from_x = ui.memory.numbers["map.pan.x"];
  double& from_y = ui.memory.numbers["map.pan.y"];
  if (touch.clicked) {
    from_x = static_cast<double>(place.first_column);
    from_y = static_cast<double>(place.first_row);
  }
  const float columns = static_cast<float>(place.n_columns), rows = static_cast<float>(place.n_rows);
  const float x = static_cast<float>(from_x) - touch.dragged.x / place.cell;
  const float y = static_cast<float>(from_y) - touch.dragged.y / place.cell;
  intents.look([x, y, columns, rows](ViewState& v) {
    v.map.pan_x = std::max(0.0f, x / columns);
    v.map.pan_y = std::max(0.0f, y / rows);
  });
}

void feel_cells(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const HeadId& head,
                const Frame& frame, const Study& study, const ViewState& view, Intents& intents) {
  const Touch touch = touch_area(ui, "map.cells", place.cells);
  const ImVec2 at(place.cells.x0 + touch.mouse.x, place.cells.y0 + touch.mouse.y);
  const int row = place.row_at(at.y), column = place.column_at(at.x);
  const bool inside = row >= 0 && column >= 0;
  const int query = inside ? matrix.query_of[static_cast<std::size_t>(row)] : -1;
  const int key = inside ? matrix.key_of[static_cast<std::size_t>(column)] : -1;
  if (view.covered) {
    if (touch.clicked) intents.look([](ViewState& v) { v.covered = false; });
    return;
  }
  if (touch.wheel != 0) zoom_at_mouse(touch, place, view, intents);
  const bool moved = std::abs(touch.dragged.x) + std::abs(touch.dragged.y) > ui.px(kClickSlack);
  if (view.block_cells) {
    block_cells(ui, touch, head.stack, query, key, study, intents);
  } else if (touch.double_clicked) {
    intents.look([](ViewState& v) {
      v.map.zoom = 1;
      v.map.pan_x = v.map.pan_y = 0;
    });
  } else {
    if (touch.held && view.map.zoom > 1) pan(ui, touch, place, intents);
    const bool chooses = view.map.zoom > 1 ? touch.released && !moved : touch.clicked;
    if (chooses && inside) choose_query(intents, query, key);
  }
  if (touch.hovered && inside) {
    light_up_tokens(ui, view, intents, query, key);
    if (!touch.held) draw_cell_box(ui, matrix, row, column, frame, head, view);
  }
}

void feel_names(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const Study& study,
                const ViewState& view, Intents& intents) {
  const Touch rows = touch_area(ui, "map.rows", place.row_names);
  if (const int row = place.row_at(place.row_names.y0 + rows.mouse.y); rows.hovered && row >= 0) {
    const int query = matrix.query_of[static_cast<std::size_t>(row)];
    light_up_tokens(ui, view, intents, query, -1);
    if (rows.clicked) choose_query(intents, query);
  }
  const Touch columns = touch_area(ui, "map.columns", place.column_names);
  // Names lean to the right: follow the slope down to the cells.
  const float foot = columns.mouse.x - (place.column_names.height() - columns.mouse.y);
  if (const int column = place.column_at(place.cells.x0 + foot); columns.hovered && column >= 0) {
    const int key = matrix.key_of[static_cast<std::size_t>(column)];
    light_up_tokens(ui, view, intents, -1, key);
    if (columns.clicked && study.selection.query >= 0) choose_query(intents, study.selection.query, key);
  }
}

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

}  // namespace

namespace {

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
    return {nullptr, 1, answer.done ? answer.problem : std::string(ui.words("map_values.working"))};
  if (view.map.values == MapValues::flow) options.only_query = query;
  const ShownMatrix* matrix = caches.map.update(*frame.a, head, options, answer.value);
  return {matrix, std::max(1e-6f, caches.map.largest()), matrix ? "" : caches.map.problem()};
}

// The chosen word and its strongest key keep their names, however close the columns stand.
int strongest_column(const ShownMatrix& matrix, int row) {
  int best = -1;
  for (int c = 0; row >= 0 && c < matrix.n_columns(); ++c)
    if (const float w = matrix.values(row, c); w > 0 && (best < 0 || w > matrix.values(row, best))) best = c;
  return best;
}

}  // namespace

void draw_attention_map(Ui& ui, const Rect& rect, const Frame& frame, const Study& study,
                        const ViewState& view, ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, {}, intents);
  const Shown shown = shown_values(ui, frame, *head, study, view, caches, intents);
  const ShownMatrix* matrix = shown.matrix;
  if (!matrix && view.map.values == MapValues::weights)
    return draw_missing_weights(ui, rect, frame, head, caches.map.problem(), intents);

  Parts parts = split(ui, rect);
  draw_header(ui, parts.header, *frame.a, *head, study, view, intents);
  if (!matrix) {
    const bool working = shown.says == ui.words("map_values.working");
    return empty_state(ui, parts.map, ui.words(working ? "map_values.working" : "map.cannot"),
                       working ? std::string_view() : std::string_view(shown.says));
  }

  MatrixLook look;
  look.colours = weights_look(ui, view);
  look.colours.low *= shown.largest;
  look.colours.high *= shown.largest;
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
  const MatrixPlace place = place_matrix(ui, parts.map, *matrix, look);
  draw_matrix(ui, *matrix, caches.map.stack(), look, place);
  feel_cells(ui, place, *matrix, *head, frame, study, view, intents);
  feel_names(ui, place, *matrix, study, view, intents);
  if (parts.statement.empty()) {
    // Close under the map, however small it is.
    const float y = std::min(parts.bar.y0, place.cells.y1 + ui.px(6));
    const float x1 = std::min(rect.x1, std::max(place.cells.x1, rect.x0 + ui.px(420)));
    parts.bar = {rect.x0, y, rect.x1, y + ui.px(kFooter)};
    parts.statement = {rect.x0 + draw_colour_bar(ui, parts.bar, view, look.colours, shown.largest, intents),
                       y + ui.px(2), x1, y + ui.px(22)};
    draw_statement(ui, parts.statement, view, *matrix, false);
  } else {
    draw_colour_bar(ui, parts.bar, view, look.colours, shown.largest, intents);
    draw_statement(ui, parts.statement, view, *matrix, true);
  }
}

}  // namespace attn::app

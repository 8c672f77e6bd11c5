#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/attention_map/parts.h"
#include "app/views/map_values.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kClickSlack = 4;        // a press that moves less is a click
constexpr float kLeastColumnsSeen = 3;  // at the strongest zoom

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

// Alt+drag sets the weight of a cell: up is more. The row shares out the rest, as the intervention says.
void drag_weight(Ui& ui, const Touch& touch, const ShownMatrix& matrix, const HeadId& head, int row,
                 int column, Intents& intents) {
  constexpr float kWholeDrag = 160;  // design units from 0 to 1
  auto& numbers = ui.memory.numbers;
  if (touch.clicked && row >= 0 && column >= 0 && !std::isnan(matrix.values(row, column))) {
    numbers["map.weight.query"] = matrix.query_of[static_cast<std::size_t>(row)];
    numbers["map.weight.key"] = matrix.key_of[static_cast<std::size_t>(column)];
    numbers["map.weight.start"] = static_cast<double>(matrix.values(row, column));
    numbers["map.weight.since"] = ui.now_s;
    numbers["map.weight.on"] = 1;
  }
  if (numbers["map.weight.on"] == 0) return;
  if (!touch.held) {
    numbers["map.weight.on"] = 0;
    return;
  }
  if (std::abs(touch.dragged.y) < ui.px(kClickSlack)) return;
  const auto weight = static_cast<float>(std::clamp(
      numbers["map.weight.start"] - static_cast<double>(touch.dragged.y / ui.px(kWholeDrag)), 0.0, 1.0));
  const OverwrittenCell cell{head, static_cast<int>(numbers["map.weight.query"]),
                             static_cast<int>(numbers["map.weight.key"]), weight};
  intents.edit([cell](Study& s) { set_cell(s.a.interventions, cell); },
               "drag weight " + std::to_string(numbers["map.weight.since"]));
  preview(ui, [&] {
    label(ui, {}, fixed(static_cast<double>(weight), 2), TextRole::heading);
    label(ui, {}, ui.words("map_values.by_hand"), TextRole::note, ui.theme.warn);
  });
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

}  // namespace

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
  const bool can_drag = view.map.values == MapValues::weights && !view.words_merged && !matrix.renormalised;
  const bool dragging = ui.memory.numbers["map.weight.on"] > 0;
  if (can_drag && (dragging || (ImGui::GetIO().KeyAlt && touch.clicked))) {
    drag_weight(ui, touch, matrix, head, row, column, intents);
  } else if (view.block_cells) {
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

void draw_set_cells(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const HeadId& head,
                    const Side& side) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (const OverwrittenCell& set : in_force(side.subject).cells) {
    if (set.head != head) continue;
    const int row = place_of_token(matrix.row_of, set.query),
              column = place_of_token(matrix.column_of, set.key);
    if (row < place.top() || row >= place.bottom() || column < place.left() || column >= place.right())
      continue;
    const Rect cell = place.cell_rect(row, column);
    const float side_px = std::min(ui.px(7), place.cell / 2);
    list.AddTriangleFilled(ImVec2(cell.x1 - side_px - 1, cell.y0), ImVec2(cell.x1 - 1, cell.y0),
                           ImVec2(cell.x1 - 1, cell.y0 + side_px), ui.theme.warn);
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

}  // namespace attn::app

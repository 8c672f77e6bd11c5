#include <algorithm>
#include <cmath>

#include "app/views/attention_map/parts.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kFieldWidth = 190;    // design units
constexpr float kReadableCell = 9;    // a smaller cell is zoomed in on
constexpr float kColumnsAround = 36;  // that are seen then
constexpr std::size_t kMostTicks = 2000;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Chooses a row and brings it into sight.
void go_to(Ui& ui, int row, const MatrixPlace& place, const ShownMatrix& matrix, const ViewState& view,
           Intents& intents) {
  choose_query(intents, matrix.query_of[static_cast<std::size_t>(row)]);
  const float n_rows = static_cast<float>(place.n_rows), n_columns = static_cast<float>(place.n_columns);
  const float whole = place.cell / view.map.zoom;  // a cell's side where the whole map is seen
  const float zoom = place.cell >= ui.px(kReadableCell)
                         ? view.map.zoom
                         : std::max(1.0f, place.cells.width() / kColumnsAround / whole);
  if (zoom <= 1) return;
  const float rows_seen = place.cells.height() / (whole * zoom),
              columns_seen = place.cells.width() / (whole * zoom);
  const float pan_y = std::max(0.0f, (static_cast<float>(row) + 0.5f - rows_seen / 2) / n_rows);
  // The same token among the keys, where queries and keys are the same tokens.
  const float column = std::min(static_cast<float>(row), n_columns - 1);
  const float pan_x = std::max(0.0f, (column + 0.5f - columns_seen / 2) / n_columns);
  intents.look([zoom, pan_x, pan_y](ViewState& v) {
    v.map.zoom = zoom;
    v.map.pan_x = pan_x;
    v.map.pan_y = pan_y;
  });
}

}  // namespace

std::vector<int> find_names(const std::vector<std::string>& names, std::string_view wanted) {
  std::vector<int> found;
  if (wanted.empty()) return found;
  const std::string lower = lower_case(wanted);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (lower_case(names[i]).find(lower) != std::string::npos) found.push_back(static_cast<int>(i));
  return found;
}

int next_found(const std::vector<int>& found, int from, bool forward) {
  if (found.empty()) return -1;
  if (forward) {
    const auto next = std::upper_bound(found.begin(), found.end(), from);
    return next == found.end() ? found.front() : *next;
  }
  const auto here = std::lower_bound(found.begin(), found.end(), from);
  return here == found.begin() ? found.back() : *(here - 1);
}

void draw_find_bar(Ui& ui, const Rect& rect, const MatrixPlace& place, const ShownMatrix& matrix,
                   const Study& study, const ViewState& view, Intents& intents) {
  const std::string id = "map.find";
  double& focused = ui.memory.numbers["map.find.focused"];
  if (focused == 0) focus_text_field(ui, id);
  focused = 1;
  const auto close = [&] {
    focused = 0;
    intents.look([](ViewState& v) {
      v.search_open = false;
      v.search.clear();
    });
  };
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  std::string text = view.search;
  TextFieldOptions field;
  field.hint = ui.words("find.hint");
  field.width = std::min(ui.px(kFieldWidth), rect.width() * 0.4f);
  const TextEdited edited = text_field(ui, id, text, field);
  if (edited.changed) intents.look([text](ViewState& v) { v.search = text; });
  const std::vector<int> found = find_names(matrix.rows, text);
  const int at = place_of_token(matrix.row_of, study.selection.query);
  beside(ui);
  ButtonOptions small{.look = ButtonLook::quiet, .small = true, .tooltip = ui.words("find.previous")};
  const bool back = button(ui, "map.find_previous", "↑", small);
  beside(ui, 2);
  small.tooltip = ui.words("find.next");
  const bool on = button(ui, "map.find_next", "↓", small);
  beside(ui);
  const auto here = std::find(found.begin(), found.end(), at);
  const std::string says =
      text.empty()    ? std::string()
      : found.empty() ? std::string(ui.words("find.none"))
                      : ui.words("find.place",
                                 {{"n", here == found.end() ? "–" : std::to_string(here - found.begin() + 1)},
                                  {"all", std::to_string(found.size())}});
  cell_label(ui, says, 110, metric::kControlSmall, TextRole::note);
  beside(ui, 2);
  if (icon_button(ui, "map.find_close", Icon::close, ui.words("find.close"), small)) close();
  if (ui.keys.pressed({Key::escape}) && !ui.modal_open) close();
  const bool shift = ImGui::GetIO().KeyShift;
  if (const int row = next_found(found, at, !(back || (edited.submitted && shift)));
      row >= 0 && (back || on || edited.submitted)) {
    go_to(ui, row, place, matrix, view, intents);
    if (edited.submitted) focus_text_field(ui, id);
  }
}

void draw_found(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const ViewState& view) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float thick = std::max(ui.px(2), std::min(place.cell, ui.px(4)));
  const std::vector<int> rows = find_names(matrix.rows, view.search);
  for (std::size_t i = 0; i < std::min(kMostTicks, rows.size()); ++i) {
    const Rect cell = place.cell_rect(rows[i], place.left());
    const float y = (cell.y0 + cell.y1) / 2;
    if (y < place.cells.y0 || y > place.cells.y1) continue;
    list.AddRectFilled(ImVec2(place.cells.x0 - ui.px(5), y - thick / 2),
                       ImVec2(place.cells.x0 - ui.px(1), y + thick / 2), ui.theme.warn);
  }
  const std::vector<int> columns = find_names(matrix.columns, view.search);
  for (std::size_t i = 0; i < std::min(kMostTicks, columns.size()); ++i) {
    const Rect cell = place.cell_rect(place.top(), columns[i]);
    const float x = (cell.x0 + cell.x1) / 2;
    if (x < place.cells.x0 || x > place.cells.x1) continue;
    list.AddRectFilled(ImVec2(x - thick / 2, place.cells.y0 - ui.px(5)),
                       ImVec2(x + thick / 2, place.cells.y0 - ui.px(1)), ui.theme.warn);
  }
}

void draw_minimap(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const gl::HeatmapStack& stack,
                  const MatrixLook& look, Intents& intents) {
  if (look.zoom <= 1 || look.covered) return;
  const float n_rows = static_cast<float>(place.n_rows), n_columns = static_cast<float>(place.n_columns);
  const float most = std::min({ui.px(112), place.cells.width() * 0.3f, place.cells.height() * 0.3f});
  const float cell = most / std::max(n_rows, n_columns);
  if (most < ui.px(32)) return;
  const float margin = ui.px(8);
  const Rect map{place.cells.x1 - margin - cell * n_columns, place.cells.y1 - margin - cell * n_rows,
                 place.cells.x1 - margin, place.cells.y1 - margin};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float edge = ui.px(3);
  list.AddRectFilled(ImVec2(map.x0 - edge, map.y0 - edge), ImVec2(map.x1 + edge, map.y1 + edge),
                     ui.theme.panel, ui.px(3));
  list.AddRect(ImVec2(map.x0 - edge, map.y0 - edge), ImVec2(map.x1 + edge, map.y1 + edge), ui.theme.line,
               ui.px(3));
  gl::HeatmapQuad quad;
  quad.upper_left = ImVec2(map.x0, map.y0);
  quad.lower_right = ImVec2(map.x1, map.y1);
  ui.heatmaps.draw(list, stack, look.colours, {&quad, 1});
  const float columns_seen = place.cells.width() / place.cell, rows_seen = place.cells.height() / place.cell;
  const float least = ui.px(6);  // the part that is seen of a long text would be too small to find
  const float wide = std::max(least, columns_seen * cell), high = std::max(least, rows_seen * cell);
  const float seen_x = std::min(map.x0 + place.first_column * cell, map.x1 - wide),
              seen_y = std::min(map.y0 + place.first_row * cell, map.y1 - high);
  const Rect seen{std::max(map.x0, seen_x), std::max(map.y0, seen_y), seen_x + wide, seen_y + high};
  list.AddRect(ImVec2(seen.x0, seen.y0), ImVec2(seen.x1, seen.y1), ui.theme.warn, 0, 0,
               std::max(1.0f, 2 * ui.scale));
  const Touch touch = touch_area(ui, "map.minimap", map, {}, std::to_string(matrix.n_rows()));
  if (!touch.held) return;
  const float x = touch.mouse.x / cell - columns_seen / 2, y = touch.mouse.y / cell - rows_seen / 2;
  intents.look([x, y, n_rows, n_columns](ViewState& v) {
    v.map.pan_x = std::max(0.0f, x / n_columns);
    v.map.pan_y = std::max(0.0f, y / n_rows);
  });
}

}  // namespace attn::app

#include "app/views/matrix_view.h"

#include <algorithm>
#include <cmath>

#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kMostCell = 56;             // design units
constexpr int kMostMarks = 1024;            // cells that scripts can find by name
constexpr std::size_t kMostMeasured = 200;  // names that are measured for the margin
constexpr float kHalfRoot = 0.7071068f;     // sin 45°

float longest_name(Ui& ui, const std::vector<std::string>& names, float most_px) {
  float longest = 0;
  for (std::size_t i = 0; i < std::min(names.size(), kMostMeasured); ++i)
    longest = std::max(longest, text_size(ui, TextRole::heading, names[i]).x);
  return std::min(longest, most_px);
}

float most_name_px(Ui& ui, const Rect& rect) {
  return std::min(ui.px(104), rect.width() * 0.28f);
}

// How far the turned names of the last columns reach beyond the right edge, were cells `cell` wide.
float overhang(Ui& ui, const std::vector<std::string>& names, float most_px, float cell) {
  float reach = 0;
  for (std::size_t back = 0; back < std::min<std::size_t>(6, names.size()); ++back) {
    const float length = std::min(most_px, text_size(ui, TextRole::note, names[names.size() - 1 - back]).x);
    reach = std::max(reach, length * kHalfRoot - cell * static_cast<float>(back));
  }
  return reach;
}

int largest_in_row(const ShownMatrix& matrix, int row) {
  int best = -1;
  for (int c = 0; c < matrix.n_columns(); ++c) {
    const float w = matrix.values(row, c);
    if (!std::isnan(w) && w > 0 && (best < 0 || w > matrix.values(row, best))) best = c;
  }
  return best;
}

void frame_rect(Ui& ui, ImDrawList& list, const Rect& r, Colour colour, float width) {
  const float stroke = std::max(1.0f, std::floor(width * ui.scale));
  const float inward = (stroke - 1) / 2;  // ImGui itself moves the line in by half a pixel
  list.AddRect(ImVec2(r.x0 + inward, r.y0 + inward), ImVec2(r.x1 - inward, r.y1 - inward), colour, 0, 0,
               stroke);
}

// The opacity of rows that nothing supervised. Dark colours on white paper turn to fog sooner.
float dimmed_opacity(const Theme& theme) {
  return theme.name == ThemeName::light ? 0.72f : 0.5f;
}

// Runs of rows that are alike supervised make one quad each, so that the whole map stays one draw call.
std::vector<gl::HeatmapQuad> quads_of(const ShownMatrix& matrix, const MatrixPlace& place, float dimmed) {
  std::vector<gl::HeatmapQuad> quads;
  const float end_row =
      std::min(static_cast<float>(place.n_rows), place.first_row + place.cells.height() / place.cell);
  const float end_column =
      std::min(static_cast<float>(place.n_columns), place.first_column + place.cells.width() / place.cell);
  const auto y_of = [&](float row) { return place.cells.y0 + (row - place.first_row) * place.cell; };
  for (int row = place.top(); row < place.bottom();) {
    int end = row + 1;
    while (end < place.bottom() && matrix.supervised[static_cast<std::size_t>(end)] ==
                                       matrix.supervised[static_cast<std::size_t>(row)])
      ++end;
    gl::HeatmapQuad quad;
    quad.first_row = std::max(static_cast<float>(row), place.first_row);
    quad.end_row = std::min(static_cast<float>(end), end_row);
    quad.first_column = place.first_column;
    quad.end_column = end_column;
    quad.upper_left = ImVec2(place.cells.x0, y_of(quad.first_row));
    quad.lower_right = ImVec2(place.cells.x1, y_of(quad.end_row));
    quad.opacity = matrix.supervised[static_cast<std::size_t>(row)] ? 1.0f : dimmed;
    quads.push_back(quad);
    row = end;
  }
  return quads;
}

// Whether a name that is one of every `step` gives way to the chosen or lit one beside it.
bool gives_way(int index, int step, int chosen, int lit, int named = -1) {
  const auto near = [&](int other) { return other >= 0 && other != index && std::abs(other - index) < step; };
  return near(chosen) || near(lit) || near(named);
}

void draw_names(Ui& ui, ImDrawList& list, const ShownMatrix& matrix, const MatrixLook& look,
                const MatrixPlace& place) {
  const Theme& t = ui.theme;
  const float line = ui.fonts[TextRole::note].em_px * 1.3f;
  const int step = std::max(1, static_cast<int>(std::ceil(line / place.cell)));
  const auto ink_of = [&](bool chosen, bool lit) { return chosen || lit ? t.accent : t.ink; };
  for (int r = place.top(); r < place.bottom(); ++r) {
    const bool chosen = r == look.chosen_row, lit = r == look.lit_row;
    if (!chosen && !lit && (r % step != 0 || gives_way(r, step, look.chosen_row, look.lit_row))) continue;
    const Rect cell = place.cell_rect(r, place.left());
    const float middle = (cell.y0 + cell.y1) / 2;
    if (middle < place.cells.y0 || middle > place.cells.y1) continue;
    const bool dimmed = !matrix.supervised[static_cast<std::size_t>(r)];
    draw_text_in(ui, list, chosen ? TextRole::heading : TextRole::note,
                 {place.row_names.x0, middle - line, place.row_names.x1 - ui.px(6), middle + line},
                 dimmed && !lit && !chosen ? t.dim : ink_of(chosen, lit),
                 matrix.rows[static_cast<std::size_t>(r)], 1);
  }
  // Turned names stand closer to one another than the columns do.
  const int column_step = std::max(1, static_cast<int>(std::ceil(line * 0.8f / (place.cell * kHalfRoot))));
  const float most = place.column_names.height() / kHalfRoot - line;
  for (int c = place.left(); c < place.right(); ++c) {
    const bool chosen = c == look.chosen_column, lit = c == look.lit_column, named = c == look.named_column;
    if (!chosen && !lit && !named &&
        (c % column_step != 0 ||
         gives_way(c, column_step, look.chosen_column, look.lit_column, look.named_column)))
      continue;
    // The strongest key gives way to one that a person points at.
    if (named && !chosen && !lit && gives_way(c, column_step, look.chosen_column, look.lit_column)) continue;
    const Rect cell = place.cell_rect(place.top(), c);
    const float middle = (cell.x0 + cell.x1) / 2;
    if (middle < place.cells.x0 || middle > place.cells.x1) continue;
    const TextRole role = chosen || named ? TextRole::heading : TextRole::note;
    draw_text_turned(ui, list, role, ImVec2(middle + line * 0.22f, place.cells.y0 - ui.px(5)), 45,
                     ink_of(chosen, lit),
                     shortened(ui, role, matrix.columns[static_cast<std::size_t>(c)], most));
  }
}

// "query ↓ key →" in the corner over the row names, where no column name leans: on two lines where one is too
// long for it, and not at all where there is no room.
void draw_axes(Ui& ui, ImDrawList& list, const MatrixLook& look, const MatrixPlace& place) {
  if (look.axes.empty()) return;
  const float line = ui.px(16);
  const Rect corner{place.row_names.x0, place.column_names.y0, place.cells.x0 - ui.px(2),
                    place.column_names.y1};
  if (text_size(ui, TextRole::note, look.axes).x <= corner.width())
    return draw_text_in(ui, list, TextRole::note, {corner.x0, corner.y0, corner.x1, corner.y0 + line},
                        ui.theme.dim, look.axes);
  const std::size_t between = look.axes.find("  ");
  if (between == std::string_view::npos || corner.height() < 2 * line) return;
  const std::string_view parts[2] = {look.axes.substr(0, between), look.axes.substr(between + 2)};
  for (int i = 0; i < 2; ++i) {
    if (text_size(ui, TextRole::note, parts[i]).x > corner.width()) return;
    const float y = corner.y0 + line * static_cast<float>(i);
    draw_text_in(ui, list, TextRole::note, {corner.x0, y, corner.x1, y + line}, ui.theme.dim, parts[i]);
  }
}

void draw_cell_marks(Ui& ui, ImDrawList& list, const ShownMatrix& matrix, const MatrixLook& look,
                     const MatrixPlace& place) {
  const float widest = text_size(ui, TextRole::cell, look.differences ? "+.00" : ".00").x;
  const bool numbers = place.cell >= widest + ui.px(3);
  const bool outlines = !look.differences && place.cell >= ui.px(9);
  for (int r = place.top(); r < place.bottom(); ++r) {
    const int largest = outlines ? largest_in_row(matrix, r) : -1;
    const float of_row =
        look.per_row && largest_in_row(matrix, r) >= 0 ? matrix.values(r, largest_in_row(matrix, r)) : 1.0f;
    for (int c = place.left(); c < place.right(); ++c) {
      const float w = matrix.values(r, c);
      const bool number = numbers && !std::isnan(w) && std::abs(w) >= look.number_from;
      if (!number && c != largest) continue;
      const Rect cell = place.cell_rect(r, c);
      Colour ground = colour_of(look.colours, w / of_row);
      if (!matrix.supervised[static_cast<std::size_t>(r)])
        ground = mix(ui.theme.panel, ground, dimmed_opacity(ui.theme));
      const Colour ink = readable_on(ground);
      if (c == largest)
        frame_rect(ui, list, {cell.x0 + ui.px(1), cell.y0 + ui.px(1), cell.x1 - ui.px(2), cell.y1 - ui.px(2)},
                   with_alpha(ink, 0.8f), 1);
      if (number)
        draw_text_in(ui, list, TextRole::cell, {cell.x0 - ui.px(2), cell.y0, cell.x1 + ui.px(1), cell.y1},
                     ink, look.differences ? difference_text(w) : cell_text(w), 0.5f);
    }
  }
}

void draw_covered(Ui& ui, ImDrawList& list, const MatrixPlace& place) {
  const Theme& t = ui.theme;
  const Rect& cells = place.cells;
  list.AddRectFilled(ImVec2(cells.x0, cells.y0), ImVec2(cells.x1, cells.y1), t.hatch_ground);
  if (place.cell < ui.px(16)) return draw_text_in(ui, list, TextRole::title, cells, t.dim, "?", 0.5f);
  for (int r = place.top(); r < place.bottom(); ++r)
    for (int c = place.left(); c < place.right(); ++c) {
      const Rect cell = place.cell_rect(r, c);
      frame_rect(ui, list, cell, t.panel, 1);
      draw_text_in(ui, list, TextRole::note, cell, t.dim, "?", 0.5f);
    }
}

}  // namespace

int MatrixPlace::row_at(float y_px) const {
  if (y_px < cells.y0 || y_px >= cells.y1) return -1;
  return std::clamp(static_cast<int>(first_row + (y_px - cells.y0) / cell), 0, n_rows - 1);
}
int MatrixPlace::column_at(float x_px) const {
  if (x_px < cells.x0 || x_px >= cells.x1) return -1;
  return std::clamp(static_cast<int>(first_column + (x_px - cells.x0) / cell), 0, n_columns - 1);
}
Rect MatrixPlace::cell_rect(int row, int column) const {
  const float x = cells.x0 + (static_cast<float>(column) - first_column) * cell;
  const float y = cells.y0 + (static_cast<float>(row) - first_row) * cell;
  return {x, y, x + cell, y + cell};
}
int MatrixPlace::bottom() const {
  return std::min(n_rows, static_cast<int>(std::ceil(first_row + cells.height() / cell - 1e-3f)));
}
int MatrixPlace::right() const {
  return std::min(n_columns, static_cast<int>(std::ceil(first_column + cells.width() / cell - 1e-3f)));
}

NameRoom room_for_names(Ui& ui, const ShownMatrix& matrix, float most_px) {
  const float line = ui.fonts[TextRole::note].em_px * 1.3f;
  return {std::ceil(longest_name(ui, matrix.rows, most_px) + ui.px(8)),
          std::ceil((longest_name(ui, matrix.columns, most_px) + line) * kHalfRoot + ui.px(5)),
          std::max(0.0f, overhang(ui, matrix.columns, most_px, 0))};
}

float fitting_cell(Ui& ui, float width, float height, int n_across, int n_down) {
  const float fit = std::min({std::max(1.0f, width) / static_cast<float>(n_across),
                              std::max(1.0f, height) / static_cast<float>(n_down), ui.px(kMostCell)});
  return fit >= 4 ? std::floor(fit) : fit;
}

MatrixPlace place_cells(const ShownMatrix& matrix, ImVec2 corner, const NameRoom& names, float cell) {
  MatrixPlace place;
  place.n_rows = matrix.n_rows();
  place.n_columns = matrix.n_columns();
  place.cell = cell;
  const float x = std::floor(corner.x + names.beside), y = std::floor(corner.y + names.above);
  place.cells = {x, y, x + cell * static_cast<float>(place.n_columns),
                 y + cell * static_cast<float>(place.n_rows)};
  place.row_names = {x - names.beside, y, x, place.cells.y1};
  place.column_names = {x, y - names.above, place.cells.x1, y};
  return place;
}

MatrixPlace place_matrix(Ui& ui, const Rect& part, const ShownMatrix& matrix, const MatrixLook& look) {
  MatrixPlace place;
  // On whole pixels, so that every gap between cells is as wide as the next.
  const Rect rect{std::floor(part.x0), std::floor(part.y0), std::floor(part.x1), std::floor(part.y1)};
  place.n_rows = matrix.n_rows();
  place.n_columns = matrix.n_columns();
  const float most = most_name_px(ui, rect);
  const auto [gutter, head, leaning] = room_for_names(ui, matrix, most);
  const float n_rows = static_cast<float>(place.n_rows), n_columns = static_cast<float>(place.n_columns);
  const float width = std::max(1.0f, rect.width() - gutter - ui.px(2));
  const float height = std::max(1.0f, rect.height() - head);
  float fit = std::min({width / n_columns, height / n_rows, ui.px(kMostCell)});
  const float beyond = overhang(ui, matrix.columns, most, fit);
  fit = std::min(fit, (width - std::min(beyond, width * 0.3f)) / std::max(1.0f, n_columns - 0.5f));
  if (fit >= 4) fit = std::floor(fit);
  place.cell = std::max(fit * std::max(1.0f, look.zoom), 0.01f);
  const float area_width = look.zoom > 1 ? width - std::min(beyond, width * 0.3f) : width;
  const Rect all{rect.x0 + gutter, rect.y0 + head,
                 rect.x0 + gutter + std::min(area_width, n_columns * place.cell),
                 rect.y0 + head + std::min(height, n_rows * place.cell)};
  place.cells = all;
  place.row_names = {rect.x0, all.y0, all.x0, all.y1};
  place.column_names = {all.x0, rect.y0, all.x1, all.y0};
  place.first_column =
      std::clamp(look.pan_x * n_columns, 0.0f, std::max(0.0f, n_columns - all.width() / place.cell));
  place.first_row = std::clamp(look.pan_y * n_rows, 0.0f, std::max(0.0f, n_rows - all.height() / place.cell));
  return place;
}

void draw_matrix(Ui& ui, const ShownMatrix& matrix, const gl::HeatmapStack& stack, const MatrixLook& look,
                 const MatrixPlace& place) {
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_names(ui, list, matrix, look, place);
  draw_axes(ui, list, look, place);
  const Rect& cells = place.cells;
  list.PushClipRect(ImVec2(cells.x0, cells.y0), ImVec2(cells.x1, cells.y1), true);
  if (look.covered) {
    draw_covered(ui, list, place);
  } else {
    ui.heatmaps.draw(list, stack, look.colours, quads_of(matrix, place, dimmed_opacity(ui.theme)));
    draw_cell_marks(ui, list, matrix, look, place);
  }
  if (look.lit_row >= 0) {
    const Rect row = place.cell_rect(look.lit_row, place.left());
    frame_rect(ui, list, {cells.x0, row.y0 - 1, cells.x1, row.y1}, with_alpha(t.accent, 0.85f), 1);
  }
  if (look.lit_column >= 0) {
    const Rect column = place.cell_rect(place.top(), look.lit_column);
    frame_rect(ui, list, {column.x0 - 1, cells.y0, column.x1, cells.y1}, with_alpha(t.accent, 0.85f), 1);
  }
  list.PopClipRect();
  // 0 is the colour of the paper: without an edge nobody sees where the map ends.
  if (look.differences) list.AddRect(ImVec2(cells.x0, cells.y0), ImVec2(cells.x1, cells.y1), t.line);
  // The frame of the chosen row stands a little outside, so that it hides no weight.
  list.PushClipRect(ImVec2(cells.x0 - ui.px(2), cells.y0 - ui.px(2)),
                    ImVec2(cells.x1 + ui.px(2), cells.y1 + ui.px(2)), true);
  if (look.chosen_row >= place.top() && look.chosen_row < place.bottom()) {
    const Rect row = place.cell_rect(look.chosen_row, place.left());
    frame_rect(ui, list, {cells.x0 - ui.px(2), row.y0 - ui.px(2), cells.x1 + ui.px(1), row.y1 + ui.px(1)},
               t.accent, 2);
    if (look.chosen_column >= 0 && place.cell >= ui.px(6)) {
      const Rect cell = place.cell_rect(look.chosen_row, look.chosen_column);
      frame_rect(ui, list, {cell.x0 - ui.px(2), cell.y0 - ui.px(2), cell.x1 + ui.px(1), cell.y1 + ui.px(1)},
                 t.warn, 2);
    }
  }
  list.PopClipRect();

  if (look.name.empty()) return;
  if ((place.bottom() - place.top()) * (place.right() - place.left()) > kMostMarks) return;
  for (int r = place.top(); r < place.bottom(); ++r)
    for (int c = place.left(); c < place.right(); ++c) {
      const float w = matrix.values(r, c);
      mark(ui,
           std::string(look.name) + "." + std::to_string(matrix.query_of[static_cast<std::size_t>(r)]) + "." +
               std::to_string(matrix.key_of[static_cast<std::size_t>(c)]),
           place.cell_rect(r, c), {},
           look.covered    ? "?"
           : std::isnan(w) ? "masked"
                           : fixed(static_cast<double>(w), 3));
    }
}

}  // namespace attn::app

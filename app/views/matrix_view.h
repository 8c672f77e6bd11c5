#pragma once

#include "app/state/view_state.h"
#include "app/views/shown_matrix.h"
#include "app/widgets/widgets.h"

namespace attn::app {

// A matrix with its names, as the attention map and the comparison draw it.

struct MatrixLook {
  gl::HeatmapLook colours;
  float zoom = 1, pan_x = 0, pan_y = 0;  // as MapView
  bool per_row = false;                  // the stack holds parts of each row's largest
  bool differences = false;              // numbers with a sign, no row's largest
  bool covered = false;                  // "?" in place of weights
  float number_from = 0.045f;            // smaller values are left to the colour
  int chosen_row = -1, chosen_column = -1;
  int named_column = -1;  // its name is always there (the chosen row's strongest key)
  std::string_view axes;  // what rows and columns are, beside the first column's name; empty: not said
  int lit_row = -1, lit_column = -1;
  std::string_view name;  // of the cells, for scripts: "map" marks "map.7.1" (query and key, as tokens)
};

// Where a matrix lies on the screen.
struct MatrixPlace {
  Rect cells;                             // of the part that is seen, pixels
  Rect row_names, column_names;           // beside and above it
  float cell = 1;                         // side of a cell, pixels
  float first_row = 0, first_column = 0;  // at the upper left corner, in cells
  int n_rows = 0, n_columns = 0;

  int row_at(float y_px) const;  // -1: outside
  int column_at(float x_px) const;
  Rect cell_rect(int row, int column) const;
  // Rows and columns that can be seen, [first, end).
  int top() const { return static_cast<int>(first_row); }
  int left() const { return static_cast<int>(first_column); }
  int bottom() const;
  int right() const;
};

// What the names of a matrix take beside and above its cells, and how far the last columns' names lean beyond
// them; pixels.
struct NameRoom {
  float beside = 0, above = 0, beyond = 0;
};
NameRoom room_for_names(Ui& ui, const ShownMatrix& matrix, float most_px);

// The largest cells that let `n_across` columns and `n_down` rows into this much room: whole pixels, but for
// very small ones.
float fitting_cell(Ui& ui, float width, float height, int n_across, int n_down);

// The whole matrix with cells of this size; `corner`: the upper left one of its names.
MatrixPlace place_cells(const ShownMatrix& matrix, ImVec2 corner, const NameRoom& names, float cell);
MatrixPlace place_matrix(Ui& ui, const Rect& rect, const ShownMatrix& matrix, const MatrixLook& look);
void draw_matrix(Ui& ui, const ShownMatrix& matrix, const gl::HeatmapStack& stack, const MatrixLook& look,
                 const MatrixPlace& place);

}  // namespace attn::app

#pragma once

#include <string_view>
#include <vector>

#include "app/views/matrix_view.h"
#include "app/views/views.h"

namespace attn::app {

// The parts of the attention map; `rect` in pixels. Only for the files of this view.

// How a model's stacks may be drawn. A model with one stack, or a recording of one, has nothing to choose.
struct StacksTogether {
  bool offered = false;
  std::string_view why_not{};  // a key of assets/text; empty: they can stand side by side
  bool shown = false;          // they can, and the person wants it
};

// Title, and what is drawn in which scale and colours.
void draw_map_header(Ui& ui, const Rect& rect, const Side& side, const HeadId& head,
                     const StacksTogether& together, const Study& study, const ViewState& view,
                     Intents& intents);
// The colour bar with its ends; returns how much of the width it took. largest: of the values; 1 for weights.
float draw_colour_bar(Ui& ui, const Rect& rect, const ViewState& view, const gl::HeatmapLook& look,
                      float largest, Intents& intents);
// What the rows add up to, or what else must be known to read the map.
void draw_statement(Ui& ui, const Rect& rect, const ViewState& view, const ShownMatrix& matrix,
                    bool several_lines);

// Hovering, choosing, panning and zooming, blocking cells, dragging a weight.
void feel_cells(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const HeadId& head,
                const Frame& frame, const Study& study, const ViewState& view, Intents& intents);
// A cell's words and weight beside the mouse.
void draw_cell_box(Ui& ui, const ShownMatrix& matrix, int row, int column, const Frame& frame,
                   const HeadId& head, const ViewState& view);
// Shuts or opens the cell under the mouse: the first cell of a drag decides which.
void block_cells(Ui& ui, const Touch& touch, Stack stack, int query, int key, const Study& study,
                 Intents& intents);
void feel_names(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const Study& study,
                const ViewState& view, Intents& intents);

// Cells whose weight was set by hand get a corner of their own.
void draw_set_cells(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const HeadId& head,
                    const Side& side);

// The whole map in a corner while only a part of it is seen; a click or drag moves the part.
void draw_minimap(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const gl::HeatmapStack& stack,
                  const MatrixLook& look, Intents& intents);

// Looking for a token (Ctrl+F): the field, and marks beside the rows and columns that were found.
void draw_find_bar(Ui& ui, const Rect& rect, const MatrixPlace& place, const ShownMatrix& matrix,
                   const Study& study, const ViewState& view, Intents& intents);
void draw_found(Ui& ui, const MatrixPlace& place, const ShownMatrix& matrix, const ViewState& view);

// The rows or columns whose name has `wanted` in it; letters of ASCII in either case. Empty: none.
std::vector<int> find_names(const std::vector<std::string>& names, std::string_view wanted);
// The one after (or before) `from`, around the ends; -1: there is none.
int next_found(const std::vector<int>& found, int from, bool forward);

}  // namespace attn::app

#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/views/grid_layout.h"
#include "core/model/head_id.h"

namespace attn::app {

// Layers × heads as cells coloured by one number each: a measure, a divergence.
struct ValueGrid {
  std::string_view name;  // cells are marked "name.3.0"
  Stack stack = Stack::encoder;
  int n_layers = 0, n_heads = 0;
  std::function<double(const HeadId&)> value;  // not-a-number: none
  std::function<bool(const HeadId&)> dimmed;   // filtered out; may be empty
  float low = 0, high = 1;                     // values at the two ends of the colours
  int digits = 2;
};

// The names of layers and heads along a grid.
void draw_grid_numbers(Ui& ui, ImDrawList& list, const GridLayout& grid, const HeadId& head,
                       const ViewState& view);

// A frame around one head's cell, `width` design units; nothing where the grid of `stack` has no such cell.
void draw_cell_frame(Ui& ui, ImDrawList& list, const GridLayout& layout, Stack stack, const HeadId& id,
                     Colour colour, float width);

// As large as `rect` allows; `selected` has a frame. Returns the head that was clicked, and lights up the one
// under the mouse.
std::optional<HeadId> draw_value_grid(Ui& ui, const Rect& rect, const ValueGrid& grid, const HeadId& selected,
                                      const ViewState& view, Intents& intents);
// Only the cells, in a layout that is there already.
void draw_value_cells(Ui& ui, ImDrawList& list, const GridLayout& layout, const ValueGrid& grid,
                      const ViewState& view);

// The colours of a grid with its two ends in words, in a line of `rect`.
void draw_value_legend(Ui& ui, const Rect& rect, float low, float high, int digits, const ViewState& view);

}  // namespace attn::app

#pragma once

#include <optional>
#include <utility>

#include "app/state/frame.h"
#include "app/widgets/widgets.h"

namespace attn::app {

// Where each head's thumbnail stands.
struct GridLayout {
  Rect area;                            // with the names of layers and heads
  ImVec2 first{};                       // upper left corner of L0·H0
  float size = 0, gap = 0, gutter = 0;  // pixels
  int n_layers = 0, n_heads = 0;

  Rect cell(int layer, int head) const;
  std::optional<std::pair<int, int>> head_at(float x, float y) const;  // (layer, head)
};

// As large as fits into `rect`, between the smallest and the largest size; higher than `rect` when even the
// smallest does not fit.
GridLayout lay_out_grid(Ui& ui, const Rect& rect, int n_layers, int n_heads);

// How wide a grid of the smallest cells is, pixels.
float least_grid_width(Ui& ui, int n_heads);

// How wide the grid likes to be in a part of the window, pixels; 0 while there is nothing to draw.
float head_grid_width(Ui& ui, const Rect& part, const Frame& frame, const Study& study);

}  // namespace attn::app

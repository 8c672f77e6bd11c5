#pragma once

#include <cstdint>

#include "core/math/matrix.h"
#include "core/math/rows.h"
#include "core/math/strided.h"

namespace attn {

// The products behind Linear and the attention of a head, on raw memory.
//
// The right-hand matrix B [depth, columns] stands in panels of kPanelWidth columns: panel p holds columns
// [p * kPanelWidth, ...) as [depth, kPanelWidth], contiguous, the last panel filled up with zeros. A kernel
// keeps a tile of (some rows) x (some columns of a panel) of the result in registers while it walks down the
// depth. Each element is one chain of multiply-adds in the order of k, however rows and columns are cut into
// tiles: bit-equal.
constexpr Index kPanelWidth = 32;

inline Index panel_count(Index columns) {
  return (columns + kPanelWidth - 1) / kPanelWidth;
}

// A [depth, columns] matrix that was not packed: element (k, c) is data[k * row_stride + c * column_stride].
struct LooseMatrix {
  const float* data = nullptr;
  Index row_stride = 0;
  Index column_stride = 1;
};

// y = activation(scale * (start + x B)) + residual, for some rows and some panels.
struct PanelProduct {
  const float* x = nullptr;  // [rows, depth], or where x_transposed [depth, rows]
  Index x_stride = 0;
  bool x_transposed = false;
  Index rows = 0;
  Index depth = 0;

  const void* panels = nullptr;  // all panels of B, or
  LooseMatrix loose;             // B as it is, gathered into panels on the way
  DType type = DType::f32;       // of the panels: f32, f16 or bf16
  Index columns = 0;             // of B

  const float* start = nullptr;  // [panel_count * kPanelWidth] or null: zeros; a layer's bias
  bool adds = false;             // to what stands in y, in place of `start`
  float scale = 1;
  Activation activation = Activation::identity;
  const float* residual = nullptr;  // [rows, columns] or null; must not overlap y
  Index residual_stride = 0;

  float* y = nullptr;  // [rows, columns]
  Index y_stride = 0;
};

// Rows [first_row, end_row) and panels [first_panel, end_panel) of `p`. No allocation; safe from any thread.
void multiply_panels(const PanelProduct& p, Index first_row, Index end_row, Index first_panel,
                     Index end_panel);

}  // namespace attn

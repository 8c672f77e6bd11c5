#pragma once

#include <vector>

#include "app/gl/texture.h"
#include "core/math/matrix.h"

namespace attn::gl {

// The levels of a matrix, each half the size of the one before (rounded down, at least 1): every cell of a
// level holds the value of largest size among the cells it covers, NaN only where all of them are. [0] is a
// copy of `values`, row-major. Costs 4/3 of a copy.
std::vector<std::vector<float>> max_pooled_levels(ConstView values);

// Matrices of one size on the graphics card, ready to be drawn at any size without losing a maximum.
class HeatmapStack {
 public:
  HeatmapStack() = default;
  // rows, columns, layers ≥ 1. Costs 4/3 · rows · columns · layers floats of video memory; throws Error when
  // the driver has no such texture.
  HeatmapStack(int rows, int columns, int layers);

  // values: [rows, columns]; NaN: masked. per_row: each row is divided by its largest value first.
  void set(int layer, ConstView values, bool per_row = false);

  int rows() const { return texture_.rows(); }
  int columns() const { return texture_.columns(); }
  int layers() const { return texture_.layers(); }
  bool empty() const { return layers() == 0; }
  unsigned texture() const { return texture_.name(); }

 private:
  FloatStack texture_;
};

}  // namespace attn::gl

#pragma once

#include "core/math/matrix.h"

namespace attn {

// Vectors as points of a plane: principal component analysis (Pearson 1901). The rows are centred on their
// mean and seen along the two directions in which they spread widest.
struct PlaneProjection {
  Matrix points;    // [n, 2] the widest direction first; of each axis the largest entry is positive
  float share = 0;  // of the whole spread (sum of squares) that the plane shows, 0 … 1
};

// rows: [n, d], n ≥ 1. Costs O(min(n, d)² max(n, d)).
PlaneProjection project_to_plane(ConstView rows);

// cos of the angle between rows i and j, -1 … 1: [n, n]. A row of zeros is like nothing: 0.
Matrix cosine_similarities(ConstView rows);

}  // namespace attn

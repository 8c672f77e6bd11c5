#pragma once

#include <algorithm>

#include "core/math/matrix.h"

namespace attn {

constexpr Index kThumbnailSide = 64;

// A thumbnail shows a weight matrix [n_queries, n_keys] with at most 64 x 64 cells, each the largest weight
// of the cells it stands for, so that nothing vanishes. Weight (q, k) falls into cell (q * rows / n_queries,
// k * cols / n_keys).
template <class S>
MatrixOf<S> empty_thumbnail(Index n_queries, Index n_keys) {
  return MatrixOf<S>::Zero(std::min(n_queries, kThumbnailSide), std::min(n_keys, kThumbnailSide));
}

// Takes in some rows of the weights, the first of them row `first` of n_queries. weights: [n, n_keys].
template <class S>
void pool_into_thumbnail(ConstViewOf<S> weights, Index first, Index n_queries, MatrixOf<S>& thumbnail) {
  const Index n_keys = weights.cols();
  const auto cell_row = [&](Index r) { return (first + r) * thumbnail.rows() / n_queries; };
  RowOf<S> merged;  // the largest of the rows that share a row of cells
  for (Index r = 0; r < weights.rows();) {
    const Index cell = cell_row(r);
    merged = weights.row(r);
    for (++r; r < weights.rows() && cell_row(r) == cell; ++r) merged = merged.cwiseMax(weights.row(r));
    auto cells = thumbnail.row(cell);
    for (Index c = 0, k = 0; c < cells.size(); ++c) {
      const Index end = ((c + 1) * n_keys + cells.size() - 1) / cells.size();
      for (; k < end; ++k) cells[c] = std::max(cells[c], merged[k]);
    }
  }
}

}  // namespace attn

#pragma once

#include <Eigen/Dense>

namespace attn {

using Index = Eigen::Index;

// Every matrix is row-major: a row is a token (or a query), contiguous in memory.
// Formulas are templates on the scalar S: float for the window, double for gradient checks.
template <class S>
using MatrixOf = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class S>
using RowOf = Eigen::Matrix<S, 1, Eigen::Dynamic, Eigen::RowMajor>;

// Views never copy: rows are contiguous, and successive rows are `outerStride()` scalars apart, so a head's
// block of columns is a view too. (An Eigen::Ref<const ...> would silently copy an expression.)
template <class S>
using ConstViewOf = Eigen::Map<const MatrixOf<S>, Eigen::Unaligned, Eigen::OuterStride<>>;
template <class S>
using ViewOf = Eigen::Map<MatrixOf<S>, Eigen::Unaligned, Eigen::OuterStride<>>;

using Matrix = MatrixOf<float>;
using Row = RowOf<float>;
using ConstView = ConstViewOf<float>;
using View = ViewOf<float>;

template <class S>
ConstViewOf<S> view(const MatrixOf<S>& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.cols())};
}
template <class S>
ViewOf<S> view(MatrixOf<S>& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.cols())};
}
template <class S>
ConstViewOf<S> as_const(const ViewOf<S>& v) {
  return {v.data(), v.rows(), v.cols(), Eigen::OuterStride<>(v.outerStride())};
}

// Rows [first, first + count) of a view.
template <class S>
ConstViewOf<S> rows_of(ConstViewOf<S> v, Index first, Index count) {
  return {v.data() + first * v.outerStride(), count, v.cols(), Eigen::OuterStride<>(v.outerStride())};
}
template <class S>
ViewOf<S> rows_of(ViewOf<S> v, Index first, Index count) {
  return {v.data() + first * v.outerStride(), count, v.cols(), Eigen::OuterStride<>(v.outerStride())};
}

// Columns [first, first + count) of a view: one head's block of a [T, H * d_head] matrix.
template <class S>
ConstViewOf<S> columns_of(ConstViewOf<S> v, Index first, Index count) {
  return {v.data() + first, v.rows(), count, Eigen::OuterStride<>(v.outerStride())};
}
template <class S>
ViewOf<S> columns_of(ViewOf<S> v, Index first, Index count) {
  return {v.data() + first, v.rows(), count, Eigen::OuterStride<>(v.outerStride())};
}

}  // namespace attn

#include "core/math/linear.h"

#include <cassert>

namespace attn {

template <class S>
struct Linear<S>::Packed {
  MatrixOf<S> weight;  // [outputs, inputs]
  RowOf<S> bias;       // [outputs] or empty
};

template <class S>
Linear<S> Linear<S>::from_matrix(const MatrixOf<S>& weight, const RowOf<S>& bias) {
  assert(bias.size() == 0 || bias.size() == weight.rows());
  Linear linear;
  linear.packed_ = std::make_shared<const Packed>(Packed{weight, bias});
  return linear;
}

template <class S>
Linear<S> Linear<S>::from_source(const StridedSource& weight, const RowOf<S>& bias) {
  return from_matrix(to_matrix(weight).template cast<S>(), bias);
}

template <class S>
Index Linear<S>::inputs() const {
  return packed_->weight.cols();
}

template <class S>
Index Linear<S>::outputs() const {
  return packed_->weight.rows();
}

template <class S>
const RowOf<S>& Linear<S>::bias() const {
  return packed_->bias;
}

template <class S>
std::size_t Linear<S>::memory_bytes() const {
  return static_cast<std::size_t>(packed_->weight.size() + packed_->bias.size()) * sizeof(S);
}

template <class S>
void Linear<S>::apply(ConstViewOf<S> x, ViewOf<S> y, Pool* pool) const {
  assert(x.cols() == inputs() && y.cols() == outputs() && x.rows() == y.rows());
  // Row by row, so that a row's result does not depend on how many others there are.
  parallel_for(pool, x.rows(), [&](Index r) {
    y.row(r).noalias() = x.row(r) * packed_->weight.transpose();
    if (packed_->bias.size() > 0) y.row(r) += packed_->bias;
  });
}

template <class S>
MatrixOf<S> Linear<S>::operator()(ConstViewOf<S> x, Pool* pool) const {
  MatrixOf<S> y(x.rows(), outputs());
  apply(x, view(y), pool);
  return y;
}

template <class S>
MatrixOf<S> Linear<S>::weight() const {
  return packed_->weight;
}

template <class S>
MatrixOf<S> Linear<S>::weight_columns(Index first, Index count) const {
  return packed_->weight.middleCols(first, count);
}

template class Linear<float>;
template class Linear<double>;

}  // namespace attn

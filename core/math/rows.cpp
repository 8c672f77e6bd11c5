#include "core/math/rows.h"

#include <cassert>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/math/panels.h"
#include "core/math/row_kernels.h"

namespace attn {

namespace {

template <class S>
constexpr bool kHasKernels = std::is_same_v<S, float>;

// Row r of a view, as numbers in memory.
template <class S>
S* row_of(ViewOf<S>& v, Index r) {
  return v.data() + r * v.outerStride();
}
template <class S>
const S* row_of(const ConstViewOf<S>& v, Index r) {
  return v.data() + r * v.outerStride();
}

}  // namespace

template <class S>
void softmax_rows(ViewOf<S> rows) {
  for (Index r = 0; r < rows.rows(); ++r) {
    if constexpr (kHasKernels<S>) {
      softmax_row(row_of(rows, r), rows.cols());
    } else {
      auto row = rows.row(r);
      const S largest = row.size() > 0 ? row.maxCoeff() : S(0);
      if (!(largest > -std::numeric_limits<S>::infinity())) {
        row.setZero();
        continue;
      }
      row = (row.array() - largest).exp();
      row /= row.sum();
    }
  }
}

template <class S>
void layer_norm_rows(ConstViewOf<S> x, const RowOf<S>& gain, const RowOf<S>& bias, S epsilon, ViewOf<S> out) {
  assert(gain.size() == x.cols() && out.rows() == x.rows() && out.cols() == x.cols());
  assert(bias.size() == 0 || bias.size() == x.cols());
  for (Index r = 0; r < x.rows(); ++r) {
    if constexpr (kHasKernels<S>) {
      layer_norm_row(row_of(x, r), gain.data(), bias.size() > 0 ? bias.data() : nullptr, epsilon, x.cols(),
                     row_of(out, r));
    } else {
      const S mean = x.row(r).mean();
      const S variance = (x.row(r).array() - mean).square().mean();
      const S inverse = S(1) / std::sqrt(variance + epsilon);
      out.row(r).array() = (x.row(r).array() - mean) * inverse * gain.array();
      if (bias.size() > 0) out.row(r) += bias;
    }
  }
}

template <class S>
void rms_norm_rows(ConstViewOf<S> x, const RowOf<S>& gain, S gain_offset, S epsilon, ViewOf<S> out) {
  assert(gain.size() == x.cols() && out.rows() == x.rows() && out.cols() == x.cols());
  for (Index r = 0; r < x.rows(); ++r) {
    if constexpr (kHasKernels<S>) {
      rms_norm_row(row_of(x, r), gain.data(), gain_offset, epsilon, x.cols(), row_of(out, r));
    } else {
      const S inverse = S(1) / std::sqrt(x.row(r).array().square().mean() + epsilon);
      out.row(r).array() = x.row(r).array() * inverse * (gain.array() + gain_offset);
    }
  }
}

namespace {

template <class S>
constexpr S kSqrtHalf = S(0.70710678118654752440);
template <class S>
constexpr S kSqrtTwoOverPi = S(0.79788456080286535588);
template <class S>
constexpr S kInverseSqrtTwoPi = S(0.39894228040143267794);

template <class S>
S sigmoid(S x) {
  return S(1) / (S(1) + std::exp(-x));
}

}  // namespace

template <class S>
S activate_one(Activation activation, S x) {
  switch (activation) {
    case Activation::identity:
      return x;
    case Activation::relu:
      return x < 0 ? S(0) : x;
    case Activation::gelu:
      return S(0.5) * x * (S(1) + std::erf(x * kSqrtHalf<S>));
    case Activation::gelu_tanh:
      return S(0.5) * x * (S(1) + std::tanh(kSqrtTwoOverPi<S> * (x + S(0.044715) * x * x * x)));
    case Activation::quick_gelu:
      return x * sigmoid(S(1.702) * x);
    case Activation::silu:
      return x * sigmoid(x);
    case Activation::relu_squared:
      return x < 0 ? S(0) : x * x;
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
  }
  return x;
}

template <class S>
S activation_slope(Activation activation, S x) {
  switch (activation) {
    case Activation::identity:
      return S(1);
    case Activation::relu:
      return x > 0 ? S(1) : S(0);
    case Activation::gelu:
      return S(0.5) * (S(1) + std::erf(x * kSqrtHalf<S>)) + x * kInverseSqrtTwoPi<S> * std::exp(-x * x / 2);
    case Activation::gelu_tanh: {
      const S inner = kSqrtTwoOverPi<S> * (x + S(0.044715) * x * x * x);
      const S t = std::tanh(inner);
      const S inner_slope = kSqrtTwoOverPi<S> * (S(1) + S(3 * 0.044715) * x * x);
      return S(0.5) * (S(1) + t) + S(0.5) * x * (S(1) - t * t) * inner_slope;
    }
    case Activation::quick_gelu: {
      const S s = sigmoid(S(1.702) * x);
      return s + S(1.702) * x * s * (S(1) - s);
    }
    case Activation::silu: {
      const S s = sigmoid(x);
      return s + x * s * (S(1) - s);
    }
    case Activation::relu_squared:
      return x > 0 ? 2 * x : S(0);
    case Activation::tanh: {
      const S t = std::tanh(x);
      return S(1) - t * t;
    }
    case Activation::sigmoid: {
      const S s = sigmoid(x);
      return s * (S(1) - s);
    }
  }
  return S(1);
}

template <class S>
void activate(Activation activation, ViewOf<S> x) {
  for (Index r = 0; r < x.rows(); ++r) {
    if constexpr (kHasKernels<S>) {
      activate_row(activation, row_of(x, r), x.cols());
    } else {
      for (Index c = 0; c < x.cols(); ++c) x(r, c) = activate_one(activation, x(r, c));
    }
  }
}

namespace {

// out = scale * a B, row by row the same whatever the other rows are.
void multiply_loose(ConstView a, const LooseMatrix& b, float scale, View out) {
  PanelProduct p;
  p.x = a.data();
  p.x_stride = a.outerStride();
  p.rows = a.rows();
  p.depth = a.cols();
  p.loose = b;
  p.columns = out.cols();
  p.scale = scale;
  p.y = out.data();
  p.y_stride = out.outerStride();
  multiply_panels(p, 0, a.rows(), 0, panel_count(out.cols()));
}

}  // namespace

template <class S>
void product_transposed(ConstViewOf<S> a, ConstViewOf<S> b, S scale, ViewOf<S> out) {
  assert(a.cols() == b.cols() && out.rows() == a.rows() && out.cols() == b.rows());
  if constexpr (kHasKernels<S>) {
    multiply_loose(a, {b.data(), 1, b.outerStride()}, scale, out);
  } else {
    out.noalias() = scale * a * b.transpose();
  }
}

template <class S>
void product(ConstViewOf<S> a, ConstViewOf<S> b, ViewOf<S> out) {
  assert(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols());
  if constexpr (kHasKernels<S>) {
    multiply_loose(a, {b.data(), b.outerStride(), 1}, 1.0f, out);
  } else {
    out.noalias() = a * b;
  }
}

#define ATTN_INSTANTIATE_ROWS(S)                                                                    \
  template void softmax_rows<S>(ViewOf<S>);                                                         \
  template void layer_norm_rows<S>(ConstViewOf<S>, const RowOf<S>&, const RowOf<S>&, S, ViewOf<S>); \
  template void rms_norm_rows<S>(ConstViewOf<S>, const RowOf<S>&, S, S, ViewOf<S>);                 \
  template S activate_one<S>(Activation, S);                                                        \
  template S activation_slope<S>(Activation, S);                                                    \
  template void activate<S>(Activation, ViewOf<S>);                                                 \
  template void product_transposed<S>(ConstViewOf<S>, ConstViewOf<S>, S, ViewOf<S>);                \
  template void product<S>(ConstViewOf<S>, ConstViewOf<S>, ViewOf<S>);
ATTN_INSTANTIATE_ROWS(float)
ATTN_INSTANTIATE_ROWS(double)
#undef ATTN_INSTANTIATE_ROWS

}  // namespace attn

#pragma once

#include "core/math/matrix.h"

namespace attn {

// Operations on whole rows, in place or from view to view. float: vector instructions chosen at run time
// (simd.h); double: the plain formula. Pure; safe from any thread; no allocation. A row's result does not
// depend on the other rows: bit-equal. NaN makes its whole row NaN in softmax and the norms.

// Each row r becomes exp(r - max r) / sum: a distribution (Vaswani et al. 2017, eq. 1). Entries of -infinity
// become exactly 0; a row that is -infinity throughout becomes all 0 (nothing may be seen, nothing is taken).
// float: the exponential is within 2 units in the last place; what is below e^-87.3 of the largest becomes 0.
template <class S>
void softmax_rows(ViewOf<S> rows);

// (x - mean) / sqrt(variance + epsilon) * gain + bias, variance over the row, population (Ba et al. 2016).
// An empty `bias` counts as 0. out may be x.
template <class S>
void layer_norm_rows(ConstViewOf<S> x, const RowOf<S>& gain, const RowOf<S>& bias, S epsilon, ViewOf<S> out);

// x / sqrt(mean(x²) + epsilon) * (gain + gain_offset) (Zhang & Sennrich 2019; Gemma stores gain - 1).
template <class S>
void rms_norm_rows(ConstViewOf<S> x, const RowOf<S>& gain, S gain_offset, S epsilon, ViewOf<S> out);

enum class Activation {
  identity,
  relu,
  gelu,        // x Φ(x), by the error function (Hendrycks & Gimpel 2016)
  gelu_tanh,   // its tanh approximation: gelu_new, gelu_pytorch_tanh, gelu_fast
  quick_gelu,  // x σ(1.702 x)
  silu,        // x σ(x), also called swish
  relu_squared,
  tanh,
  sigmoid,
};

// float: within 2e-7 times max(1, |result|) of the formula; gelu within 1e-7 times that.
template <class S>
void activate(Activation activation, ViewOf<S> x);
// The formula itself, by the standard library.
template <class S>
S activate_one(Activation activation, S x);
// d activation / d x at x: for the backward pass.
template <class S>
S activation_slope(Activation activation, S x);

// Two products for one head; out must not overlap a or b. float: each sum is taken in the order of k.
//
// out = scale * a bᵀ. a: [m, k], b: [n, k], out: [m, n]. The scores of one head: queries · keys.
template <class S>
void product_transposed(ConstViewOf<S> a, ConstViewOf<S> b, S scale, ViewOf<S> out);

// out = a b. a: [m, k], b: [k, n], out: [m, n]. The weighted sum of one head: weights · values.
template <class S>
void product(ConstViewOf<S> a, ConstViewOf<S> b, ViewOf<S> out);

}  // namespace attn

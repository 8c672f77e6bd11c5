#pragma once

#include "core/math/rows.h"

namespace attn {

// What a backward pass does with the formulas of rows.h. float: vector instructions chosen at run time;
// double: the plain formula. Pure but for what they add to; safe from any thread; no allocation.

// The chain rule through an activation: dy *= activation_slope(x), element by element. float: the slope
// within 2e-6 times max(1, |slope|) of the formula.
template <class S>
void multiply_by_slope(Activation activation, ConstViewOf<S> x, ViewOf<S> dy);

// out += aᵀ b. a: [k, m], b: [k, n], out: [m, n], which overlaps neither. What the product x Wᵀ hands back to
// W: dW += dyᵀ x. float: each sum is taken in the order of k.
template <class S>
void add_product_of_transposed(ConstViewOf<S> a, ConstViewOf<S> b, ViewOf<S> out);

}  // namespace attn

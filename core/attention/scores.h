#pragma once

#include "core/math/matrix.h"

namespace attn {

// How alike a query and a key are. Pure; safe from any thread. Row = query, column = key.

// out = scale * Q Kᵀ   (Vaswani et al. 2017, eq. 1). queries: [Tq, d], keys: [Tk, d], out: [Tq, Tk].
template <class S>
void dot_product_scores(ConstViewOf<S> queries, ConstViewOf<S> keys, S scale, ViewOf<S> out);

// out(q, k) = scale * v · tanh(q + k)   (Bahdanau et al. 2015, eq. in A.1.2). v: d numbers.
// Costs Tq Tk d hyperbolic tangents.
template <class S>
void additive_scores(ConstViewOf<S> queries, ConstViewOf<S> keys, const S* v, S scale, ViewOf<S> out);

// scores = cap * tanh(scores / cap): no score leaves (-cap, cap)   (Gemma 2).
template <class S>
void soft_cap(S cap, ViewOf<S> scores);

}  // namespace attn

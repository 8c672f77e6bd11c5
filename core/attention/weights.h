#pragma once

#include <span>

#include "core/attention/mask.h"
#include "core/math/matrix.h"

namespace attn {

// From scores to weights, other than by the usual softmax (softmax_rows in core/math/rows.h). In place, by
// rows; a masked score is -infinity and gets weight 0, a wholly masked row becomes 0. Pure.

// Hard attention: all the weight on the largest score, shared equally between ties.
template <class S>
void hard_rows(ViewOf<S> scores);

// Every visible key alike: what a head would do that has no opinion.
template <class S>
void uniform_rows(const AttentionMask& mask, ViewOf<S> weights, Index first_query = 0);

// One weight set by hand.
template <class S>
struct SetWeight {
  Index key;
  S weight;  // in [0, 1]; those of one row sum to at most 1
};

// The weights of one query with some of them set by hand: the rest of the row shares what is left, in
// proportion to what it had, or equally over the visible keys where it had nothing. Where nobody else is
// visible the set weights themselves grow until they sum to 1.
// weights: n_keys numbers, a softmaxed row of `query`.
template <class S>
void set_weights(std::span<const SetWeight<S>> set, const AttentionMask& mask, Index query, S* weights,
                 Index n_keys);

}  // namespace attn

#pragma once

#include <span>
#include <vector>

#include "core/forward/trace.h"
#include "core/math/pool.h"

namespace attn {

// How much of each input token is left in each token after several layers, if attention were all that moves
// things (Abnar & Zuidema 2020). Both assume that half of every token stays where it is (the residual
// stream): measured in BERT-base the mixing is 19 %, not 50 % (Kobayashi et al. 2021), so say so beside the
// picture.

// The heads of a layer averaged, [T, T]; weights that the Trace did not keep are made again. Throws Error
// when a recording lacks them.
Matrix mean_of_heads(const Trace& trace, Stack stack, int layer);

// ½ A + ½ I, rows that are wholly masked become I.
Matrix with_residual(const Matrix& weights);

// Ã_l = (½ A_l + ½ I) Ã_{l-1}, for every layer l: result[l], [T, T], row = token after layer l, column =
// input token. Rows sum to 1.
std::vector<Matrix> rollout(const Trace& trace, Stack stack);

// Ã of one layer, holding no more than two layers at a time. Throws Cancelled.
Matrix rollout_up_to(const Trace& trace, Stack stack, int layer, const CancelToken* cancel = nullptr);

// One head's own look through what lies below it: A(l, h) Ã_{l-1}.
Matrix rollout_of_head(const Trace& trace, const HeadId& id, const CancelToken* cancel = nullptr);

// Attention flow: the tokens of all layers are nodes, the weights ½ A + ½ I capacities. The largest flow from
// token `query` after the last of these layers to each input token, [T]; the values do not sum to 1. Costs
// O(T² L) for each augmenting path and many of them: for short texts, on demand. layers: [T, T] each, lowest
// first, residual included.
// Cancel throws Cancelled between tokens.
Row attention_flow(std::span<const Matrix> layers, int query, const CancelToken* cancel = nullptr);

}  // namespace attn

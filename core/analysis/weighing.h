#pragma once

#include "core/forward/trace.h"

namespace attn {

// Weights that take into account how long the vectors are that they mix. [Tq, Tk] each; rows do not sum to 1.
// Costs O(Tk d_head D) and O(Tq Tk). Weights that the Trace did not keep are made again. Throws Error
// for a recording: it has no values.

// α_ij ‖v_j‖, v_j = x_j W_V + b_V of this head: value-weighted attention.
Matrix value_weighted(const Trace& trace, const HeadId& id);

// ‖α_ij f(x_j)‖, f(x) = (x W_V + b_V) W_O, with this head's slice of W_O (Kobayashi et al. 2020).
Matrix norm_weighted(const Trace& trace, const HeadId& id);

// ‖Σ_h α^h_ij f^h(x_j)‖: the heads' vectors are added first (the fused map of Kobayashi et al. 2020).
// Costs O(Tq Tk H D).
Matrix fused_norms(const Trace& trace, Stack stack, int layer);

}  // namespace attn

#pragma once

#include <vector>

#include "core/forward/trace.h"
#include "core/math/pool.h"

namespace attn {

// What the last hidden states would say if they were those of an earlier layer: LN_f(x_l) W_U for one token
// (nostalgebraist 2020). Row l of the result is the residual stream that enters layer l, the last row what
// the model says: [L + 1, V] logits. A projection, not a belief: early layers are not made to be read like
// this. Throws Error for recordings and for models that do not predict words.
Matrix logit_lens(const Trace& trace, int token, Pool* pool = nullptr);

// What each part of the model adds to logit(target) - logit(distractor) at one token, the scale of the final
// norm frozen as it was: with x the residual stream behind the last layer and c a part of it,
//   (c - mean c) / σ(x) ⊙ gain · (W_U[target] - W_U[distractor])         (Elhage et al. 2021; no mean for
//   RMSNorm)
// Heads, biases, FFNs, embedding and the norm's bias add up to the difference of the logits.
struct DirectContributions {
  struct OfHead {
    HeadId head;
    double value = 0;
  };
  std::vector<OfHead> heads;  // layers, heads; cross-attention after the layer's own
  std::vector<double> ffn;    // by layer
  double embedding = 0;
  double biases = 0;  // of all attention outputs and of the final norm
  double total = 0;   // logit(target) - logit(distractor)
};

// Only where the way from a head to the logits is linear: norms before the branches (GPT-2, Llama, T5), no
// transform in the output head. Throws Error saying which part is in the way otherwise.
DirectContributions direct_contributions(const Trace& trace, int token, int target, int distractor,
                                         Pool* pool = nullptr);

}  // namespace attn

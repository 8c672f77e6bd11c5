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

// What each part of the model adds to logit(target) - logit(distractor) at one token, every norm behind it
// frozen at the scale that it had: with x the residual stream behind the last layer and c a part of it,
//   (c - mean c) / σ(x) ⊙ gain · (W_U[target] - W_U[distractor])         (Elhage et al. 2021; no mean for
//   RMSNorm)
// Where norms stand behind the branches (BERT) each of them is frozen in turn (Kobayashi et al. 2021), and
// the activation of an output head's own layer keeps its slope f(x) / x. Heads, biases, FFNs, embedding and
// the norms' biases add up to the difference of the logits.
struct DirectContributions {
  struct OfHead {
    HeadId head;
    double value = 0;
  };
  std::vector<OfHead> heads;  // layers, heads; cross-attention after the layer's own
  std::vector<double> ffn;    // by layer
  double embedding = 0;
  double biases = 0;  // of attention outputs, norms and output head, and numbers set by hand
  double total = 0;   // logit(target) - logit(distractor)
};

// Throws Error for a model that predicts no words, and where a part stands in the way that does not add up (a
// soft cap on the logits), saying which.
DirectContributions direct_contributions(const Trace& trace, int token, int target, int distractor,
                                         Pool* pool = nullptr);

}  // namespace attn

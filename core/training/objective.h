#pragma once

#include <vector>

#include "core/forward/inputs.h"
#include "core/forward/interventions.h"
#include "core/model/head_id.h"
#include "core/training/weights.h"

namespace attn {

// What a batch asks of a model. Every weight is what the target's loss is
// multiplied by (1 / how many there are in the step), so that parts of a batch add up.

// The output head should name `id` at `row` (counted over all inputs, one after another): masked words, next
// words, labels; cross-entropy.
struct OutputTarget {
  int row = 0;
  int id = 0;
  double weight = 1;
};

// The weights that one head's query gives to `keys` together should be 1 (attention sum: Kadlec et al. 2016;
// on cross attention this is guided alignment: Chen et al. 2016). query and keys count within their sequence.
struct AttentionTarget {
  HeadId head;
  int sequence = 0;
  int query = 0;
  std::vector<int> keys;
  double weight = 1;
};

struct Batch {
  std::vector<Inputs> inputs;
  std::vector<OutputTarget> outputs;
  std::vector<AttentionTarget> attention;
};

struct Losses {
  double outputs = 0, attention = 0;
  double total() const { return outputs + attention; }
};

// Forward, loss, backward; adds d loss / d parameter to *gradient (null: the loss alone).
// `packed` holds the same numbers as `weights`. `with`: what the model is trained with beside its spec; only
// residual connections may be off in it, in every layer or in none. Pure but for *gradient.
template <class S>
Losses loss_and_gradient(const ModelSpec& spec, const Weights<S>& weights, const ParametersOf<S>& packed,
                         const Batch& batch, Weights<S>* gradient, const Interventions& with = {});

}  // namespace attn

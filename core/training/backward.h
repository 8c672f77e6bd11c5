#pragma once

#include <map>
#include <vector>

#include "core/forward/forward.h"
#include "core/training/weights.h"

namespace attn {

// The backward pass of core/forward/forward.h: from d loss / d output to d loss / d every parameter, by the
// chain rule over what the forward pass recorded (Rumelhart et al. 1986). Templates on the scalar: double for
// the checks against finite differences. All functions ADD to `gradient`, so that parts of a batch can share
// one.

// y = x Wᵀ + b: adds to dW, db, returns dx. dy: [R, outputs], x: [R, inputs].
template <class S>
MatrixOf<S> dense_backward(const DenseWeights<S>& weights, const MatrixOf<S>& x, const MatrixOf<S>& dy,
                           DenseWeights<S>& gradient);

// y = norm(x): adds to the gain's and bias's gradient, returns dx. [R, D].
template <class S>
MatrixOf<S> norm_backward(const NormSpec& spec, const NormWeights<S>& weights, const MatrixOf<S>& x,
                          const MatrixOf<S>& dy, NormWeights<S>& gradient);

// Where a loss reads attention weights itself: d loss / d weights [Tq, Tk] of (sequence * H + head); empty
// matrices, or no entry for a layer: it does not.
template <class S>
using WeightSlopes = std::map<int, std::vector<MatrixOf<S>>>;

// One attention sub-layer: d_out [N, D] is the gradient at W_O's output. Returns the gradient at `read`,
// which queries are made from; for cross attention, adds the gradient at `key_source` to *d_source (null for
// self-attention, where both are the same). position: rotary ones are turned back; null: none.
template <class S>
MatrixOf<S> attention_backward(const AttentionSpec& spec, const PositionSpec* position,
                               const AttentionWeights<S>& weights, const AttentionSteps<S>& steps,
                               const MatrixOf<S>& read, const BatchRows& query_rows,
                               const MatrixOf<S>& key_source, const BatchRows& key_rows,
                               const std::vector<MatrixOf<S>>* slopes, const MatrixOf<S>& d_out,
                               AttentionWeights<S>& gradient, MatrixOf<S>* d_source);

// What flows back through a stack: its own parameters' gradient, the embedding tables' (in `tables`), and the
// slopes of losses that read its attention weights.
template <class S>
struct StackGradient {
  StackWeights<S>& stack;
  Weights<S>& tables;
  const WeightSlopes<S>* self_slopes = nullptr;
  const WeightSlopes<S>* cross_slopes = nullptr;
  bool residual = true;  // false: the pass was run without x + in its branches
};

// A whole stack, from d_output [N, D] down to the embedding tables. ids: of every row. For a decoder with
// cross attention: `source` is the encoder's pass, and d_source [Ns, D] receives what flows into its output.
template <class S>
void stack_backward(const StackSpec& spec, const EmbeddingSpec& embedding, const StackWeights<S>& weights,
                    const StackSteps<S>& steps, const std::vector<int>& ids, MatrixOf<S> d_output,
                    const StackGradient<S>& gradient, const StackSteps<S>* source = nullptr,
                    MatrixOf<S>* d_source = nullptr);

}  // namespace attn

#pragma once

#include "core/training/tape.h"
#include "core/training/weights.h"

namespace attn {

// The backward pass: from d loss / d output to d loss / d every parameter, by the chain rule over what the
// forward pass recorded (Rumelhart et al. 1986). Templates on the scalar: double for the checks against finite
// differences. All functions ADD to `gradient`, so that parts of a batch can share one.

// y = x Wᵀ + b: adds to dW, db, returns dx. dy: [R, outputs], x: [R, inputs].
template <class S>
MatrixOf<S> dense_backward(const DenseWeights<S>& weights, const MatrixOf<S>& x, const MatrixOf<S>& dy,
                           DenseWeights<S>& gradient);

// y = norm(x): adds to the gain's and bias's gradient, returns dx. [R, D].
template <class S>
MatrixOf<S> norm_backward(const NormSpec& spec, const NormWeights<S>& weights, const MatrixOf<S>& x,
                          const MatrixOf<S>& dy, NormWeights<S>& gradient);

// One attention sub-layer: d_out [R, D] is the gradient at W_O's output. Returns the gradient at tape.read; for
// cross attention, adds the gradient at the source to *d_source (null for self-attention). `key_source`: what
// keys and values were made from. Where tape.weights_gradient is filled, a loss that reads the weights joins in.
template <class S>
MatrixOf<S> attention_backward(const AttentionSpec& spec, const PositionSpec* position,
                               const AttentionWeights<S>& weights, const AttentionTape<S>& tape,
                               const std::vector<Span>& queries_at, const MatrixOf<S>& key_source,
                               const std::vector<Span>& keys_at, const MatrixOf<S>& d_out,
                               AttentionWeights<S>& gradient, MatrixOf<S>* d_source);

// A whole stack, from d_output [R, D] down to the embedding tables in `gradient`. For a decoder with cross
// attention: `source` is the encoder's tape, and d_source [Rs, D] receives what flows into its output.
template <class S>
void stack_backward(const StackSpec& spec, const EmbeddingSpec& embedding, const StackWeights<S>& weights,
                    const StackTape<S>& tape, MatrixOf<S> d_output, StackWeights<S>& gradient,
                    Weights<S>& tables, const StackTape<S>* source = nullptr, MatrixOf<S>* d_source = nullptr);

}  // namespace attn

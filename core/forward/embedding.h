#pragma once

#include <span>

#include "core/forward/inputs.h"
#include "core/forward/layers.h"
#include "core/forward/plan.h"
#include "core/model/model.h"

namespace attn {

// How many tokens (patches, frames) one input makes in a stack: rows of its attention. Throws Error when it
// makes none, is not of the kind or shape that the model reads, or is longer than the model's positions.
Index count_tokens(const ModelSpec& spec, Stack stack, const Inputs& inputs);

// What the embedding computed on the way, for a backward pass. N = rows of the batch.
template <class S>
struct EmbeddingSteps {
  MatrixOf<S> sum;     // [N, d_embedding] words (scaled) + positions + token types, before the norm
  MatrixOf<S> normed;  // [N, d_embedding] after it, before a projection; empty where there is no projection
};

// The residual stream that enters the first layer, [N, D]: words, patches or frames, with positions.
// `stack`: encoder or decoder; `plan`: its plan; rows: those of count_tokens for each of the inputs. Throws
// Error for an id outside the vocabulary.
template <class S>
MatrixOf<S> embed(const ModelSpec& spec, const ParametersOf<S>& parameters, Stack stack,
                  const PositionPlan& plan, std::span<const Inputs> inputs, const BatchRows& rows, Pool* pool,
                  EmbeddingSteps<S>* steps = nullptr);

}  // namespace attn

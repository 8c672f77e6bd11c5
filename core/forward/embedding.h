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

// Where every token of every input stands in its sequence.
std::vector<int> token_positions(const ModelSpec& spec, Stack stack, const PositionPlan& plan,
                                 std::span<const Inputs> inputs, const BatchRows& rows);

// The token type of every token, for the stack whose layers themselves look at it (XLNet); otherwise empty.
std::vector<int> token_segments(const ModelSpec& spec, Stack stack, std::span<const Inputs> inputs);

// What the embedding computed on the way, for a backward pass. N = rows of the batch.
template <class S>
struct EmbeddingSteps {
  MatrixOf<S> sum;     // [N, d_embedding or D] words (scaled) + positions + token types, before the norm
  MatrixOf<S> normed;  // [N, d_embedding] after it, before a projection; empty where none comes last

  // What `sum` is made of, for those who look: words (scaled; patches, frames), positions and token types,
  // shaped like it (before a projection that comes between); empty where the model adds none.
  bool keep_parts = false;  // asked for before the call
  MatrixOf<S> words, positions, types;
};

// The residual stream that enters the first layer, [N, D]: words, patches or frames, with positions.
// `stack`: encoder or decoder; `plan`: its plan (positions, numbers set by hand); rows: those of count_tokens
// for each of the inputs; positions: those of token_positions. Throws Error for an id outside the vocabulary.
template <class S>
MatrixOf<S> embed(const ModelSpec& spec, const ParametersOf<S>& parameters, Stack stack,
                  const StackPlan& plan, std::span<const Inputs> inputs, const BatchRows& rows,
                  std::span<const int> positions, Pool* pool, EmbeddingSteps<S>* steps = nullptr);

}  // namespace attn

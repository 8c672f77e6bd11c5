#pragma once

#include <span>

#include "core/forward/embedding.h"
#include "core/forward/layers.h"
#include "core/forward/trace.h"

namespace attn {

// What a pass had in its hands and did not keep, made again from its Trace for rows that someone looks at.
// Bit-equal to the pass. Throw Error for a recording and for layers that are not there (yet).

// Some rows of a matrix in the order given. Throws Error for a row that is not there.
Matrix pick_rows(const Matrix& all, std::span<const int> rows);
// The same, where no rows asked for are all of them.
Matrix asked_rows(const Matrix& all, std::span<const int> rows);

// Rows of one layer between its branches: what each norm read and gave, the sums, the feed-forward network
// (LayerSteps with its "steps" members, but for the insides of the attentions).
struct RetracedLayer {
  LayerSteps<float> steps;
  Matrix output;  // [rows, D] the residual stream that leaves the layer
};
RetracedLayer retrace_rows(const Trace& trace, Stack stack, int layer, std::span<const int> rows);

// What the attention of a layer (Stack::cross: of its cross attention) said, before residual and (post) norm:
// as recorded, or made again from what its heads said. No rows asked for: all. [rows, D]
Matrix attention_output(const Trace& trace, Stack stack, int layer, std::span<const int> rows = {});

// What each branch of a layer added for one token, [D], as recorded or made again; cross: empty where there
// is none.
struct BranchOutputs {
  Row self, cross, feed_forward;
};
BranchOutputs branch_outputs(const Trace& trace, Stack stack, int layer, int token);

// What enters the first layer, and the words, positions and token types that it is the sum of.
struct RetracedEmbedding {
  EmbeddingSteps<float> steps;
  Matrix output;               // [T, D]
  std::vector<int> positions;  // [T] where each token stands
};
RetracedEmbedding retrace_embedding(const Trace& trace, Stack stack);

}  // namespace attn

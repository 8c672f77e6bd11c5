#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/forward/inputs.h"
#include "core/forward/interventions.h"
#include "core/math/matrix.h"
#include "core/model/head_id.h"

namespace attn {

class Model;

// The weights of one head, softmax(mask(scores)): row = query, column = key, every row sums to 1 or is wholly
// masked and 0. A view into a Trace: valid while the Trace lives. Rows may lie in several blocks, so ask by
// row.
class HeadWeights {
 public:
  HeadWeights() = default;
  explicit HeadWeights(ConstView dense)
      : data_(dense.data()), rows_(dense.rows()), cols_(dense.cols()), stride_(dense.outerStride()) {}
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  const float* row(Index query) const { return data_ + query * stride_; }
  float at(Index query, Index key) const { return row(query)[key]; }

 private:
  const float* data_ = nullptr;
  Index rows_ = 0, cols_ = 0, stride_ = 0;
};

// What one attention sub-layer of one layer computed, all its heads side by side. Sealed once published.
struct AttentionRecord {
  Matrix queries;               // [Tq, H * d_head] as they enter the dot product (after bias and rotation)
  Matrix keys;                  // [Tk, G * d_head] likewise
  Matrix values;                // [Tk, G * d_head]
  std::vector<Matrix> weights;  // H of [Tq, Tk]; empty when over the Trace's budget: then made on demand
  Matrix mixed;  // [Tq, H * d_head] weights · values, after heads were switched off: what W_O reads
  std::vector<Matrix> thumbnails;  // H of at most [64, 64], max-pooled from the weights, made during the pass
};

struct LayerRecord {
  Matrix input;                         // [T, D] the residual stream that enters the layer
  std::optional<AttentionRecord> self;  // absent only in a recording without it
  std::optional<AttentionRecord> cross;
  // [T, D] what each branch computed, before residual and (post) norm; empty when over the Trace's budget:
  // then made on demand, for rows that someone looks at (core/forward/retrace.h).
  Matrix self_out, cross_out, ffn_out;
};

struct StackTrace {
  std::vector<std::shared_ptr<const LayerRecord>> layers;  // as many as are done
  Matrix before_norm;  // [T, D] after the last layer, before the final norm; empty where there is none
  Matrix output;       // [T, D] after the last layer and the final norm
};

// Everything about one head at work, made on demand from a Trace (see explain_head in core/forward/pass.h).
// scores = content + position, then soft cap; weights = softmax(scores + mask).
struct HeadExplanation {
  Matrix queries, keys, values;  // [Tq, d_head], [Tk, d_head], [Tk, d_head]
  Matrix content;                // [Tq, Tk] q · k * scale (additive models: v · tanh(q + k))
  Matrix position;               // [Tq, Tk] what the position bias adds; empty where the model has none
  Matrix scores;                 // [Tq, Tk] what enters the softmax, but for the mask
  Matrix visible;                // [Tq, Tk] 1 may be seen, 0 masked
  Matrix weights;                // [Tq, Tk]
  Matrix mixed;                  // [Tq, d_head] weights · values
  Matrix part;                   // [Tq, D] mixed through this head's columns of W_O: the heads' parts and the
                                 // output bias add up to the layer's attention output
};

// What one forward pass did, of one text. Never changes after it is published; every view of a frame draws
// from the same one. A recording (an attention file) is a Trace too: it has weights, and may have nothing
// else.
struct Trace {
  std::shared_ptr<const Model> model;  // null for a recording
  Inputs inputs;
  Interventions interventions;

  // For reading, parallel to the ids: what each row and column is called.
  std::vector<std::string> tokens;         // [T] of the text or source
  std::vector<std::string> target_tokens;  // [Tt]
  std::vector<int> words, target_words;    // the word number of each token, -1 for special ones; may be empty

  StackTrace encoder, decoder;  // an absent stack has no layers
  bool complete = false;        // false: a slow pass, published layer by layer
  double pass_ms = 0;           // wall time of the pass that made it
  // Layers of the text's stack below this one were taken over from an earlier Trace, untouched.
  int first_computed_layer = 0;
  // Rows of the decoder before this one were taken over, in a model that looks only back.
  int first_computed_row = 0;
  bool patched = false;  // made with PassOptions::patches: no later pass takes anything over from it

  Matrix logits;  // [T, V] and alike; empty until someone asks (PassOptions::logits)

  // The record of an attention sub-layer; null when there is none (yet).
  const AttentionRecord* attention(Stack stack, int layer) const;
  // The weights of a head; nullopt: not there, or not yet (over the budget): an intent asks for them.
  std::optional<HeadWeights> weights(const HeadId& id) const;
  // Names of the rows and of the columns of a head of this stack.
  const std::vector<std::string>& query_tokens(Stack stack) const;
  const std::vector<std::string>& key_tokens(Stack stack) const;
  // Layers and heads of a stack, from what is recorded (0 when absent).
  int n_layers(Stack stack) const;
  int n_heads(Stack stack) const;
};

}  // namespace attn

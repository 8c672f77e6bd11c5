#pragma once

#include "core/forward/pass.h"
#include "core/forward/retrace.h"
#include "core/forward/trace.h"
#include "core/model/spec.h"

namespace attn {

// One head's computation for one query token, step by step, with the pass's own numbers:
//   token + position → x → q, k, v → q · k → scale (+ position, cap, temperature) → mask → softmax
//   → weights · values → W_O → residual and norm → feed-forward network → next layer.
// Sizes: D d_model, d d_head, H heads, Tk keys. Of the query's token unless said otherwise.
struct HeadWalk {
  HeadId head;
  int query = 0;
  int key = 0;         // the key that is looked at closely
  AttentionSpec spec;  // of this attention
  NormPlace norm_place = NormPlace::before;
  bool has_norms = true;
  bool parallel_residual = false, shared_norm = false;
  FeedForwardSpec feed_forward;
  bool up_bias = false, gate_bias = false, down_bias = false;  // its matrices have biases
  PositionKind position = PositionKind::none;                  // in force
  bool last_layer = false;

  // From the token to what this attention reads. Empty rows: this model adds no such thing.
  Row word, at_position, type;  // [D or d_embedding] they add up to `summed`
  Row summed;
  Row embedded;  // [D] what enters the first layer: `summed`, after a norm or projection where there is one
  bool embedding_normed = false;  // there is one
  Row stream;                     // [D] the residual stream that enters this attention
  Row read;      // [D] what W_Q reads: norm(stream) where a norm comes before, otherwise `stream`
  Row key_read;  // [D] what W_K and W_V read of the key's token (cross attention: the encoder's output)
  bool norm_before = false;

  // W_Q, W_K, W_V of this head, [d, D], and their biases (empty: none). Empty where the model is too large to
  // unpack them for a picture.
  Matrix query_weight, key_weight, value_weight;
  Row query_bias, key_bias, value_bias;
  // [d] W x + b, before positions turn them (rotary) or a content bias is added; empty: nothing is done.
  Row query_plain, key_plain;

  HeadExplanation at;  // this query alone: [1, …]; keys and values of all tokens
  // [Tk, d] one row a key. q_i k_i (additive: v_i tanh(q_i + k_i)): each row adds up to `dots`.
  Matrix products;
  Row dots;           // [Tk] before the scale
  Matrix weighted;    // [Tk, d] weight · value; the rows add up to `summed_values`
  Row summed_values;  // [d] what the head says; unlike at.mixed where it was switched off or set by hand
                      // after it
  double scale = 1, trained_scale = 1, temperature = 1;
  bool hard = false, uniform = false;         // interventions on the softmax
  bool head_off = false;                      // switched off: 0 or its mean
  std::vector<OverwrittenCell> cells;         // weights set by hand in this row
  std::vector<OverwrittenNumber> set_scores;  // scores set by hand in this row

  Row concat;         // [H d] all heads' outputs beside one another: what W_O reads
  Row output_bias;    // [D] or empty
  Row attention_out;  // [D] W_O · concat + b

  // The rest of the layer, one row.
  LayerSteps<float> layer;
  Row next;        // [D] the residual stream that leaves the layer
  Row final_norm;  // [D] after the last layer: what the final norm makes of it; empty where there is none

  int n_keys() const { return static_cast<int>(at.keys.rows()); }
  int d_head() const { return spec.d_head; }
  bool visible(int k) const { return at.visible(0, k) > 0; }
};

// key < 0: the one with the largest weight. Costs O(Tk d), a few products of one row, and unpacking three
// matrices. Throws Error for a recording (it has no q, k, v) and for what is not there (yet).
HeadWalk walk_head(const Trace& trace, const HeadId& id, int query, int key = -1);

// What the weights of this row would be, were the scores made otherwise: softmax over the visible keys of
// cap(dots · scale + position) / temperature, [Tk]; scores set by hand stay. With the walk's own scale and
// temperature and no other intervention these are its weights.
Row weights_if(const HeadWalk& walk, double scale, double temperature);

}  // namespace attn

#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/head_id.h"
#include "core/model/spec.h"

namespace attn {

// Whatever makes the model do what it was not trained to do. A default-constructed value is "as trained".
// A plain value with one text form (`to_text`, `parse_interventions`), the same on the command line, in
// sessions, files, the badge and test scripts:
//   mask=causal; mask.cross=none; hide=3,5; block=7:1,7:2; positions=shuffled:2,0,1; scaling=off;
//   temperature=2; softmax=hard; head 0.1=zero; head cross 1.2=uniform; weight 1.0 7:5=0.9;
//   attention 0=off; residual 1=off; norm 1=off; ffn 0=off; ffn dec 0=off;
//   word-row 7:3=0.5; position-row 7:3=0; type-row 7:3=0; embedding-sum 7:3=1; embedding 7:3=0.5;
//   attention-norm 1 7:3=1; q 1.0 7:3=0.5; k 1.0 5:3=0; v 1.0 5:3=0; score 1.0 7:5=-2; z 1.0 7:3=0.5;
//   attention-out 1 7:3=0; attention-out-norm 1 7:3=0; attention-sum 1 7:3=1;
//   ffn-norm 1 7:3=1; activation 1 7:3=1; ffn-out 1 7:3=0; ffn-out-norm 1 7:3=0; ffn-sum 1 7:3=1;
//   stream 1 7:3=0.5; final-norm 7:3=1
// Where a model has one stack its name may be left out; in an encoder-decoder `enc`, `dec`, `cross` name it.

enum class MaskKind { as_trained, none, causal, window, not_itself };

struct MaskSetting {
  MaskKind kind = MaskKind::as_trained;
  int window = 0;                         // tokens to each side, itself included; for MaskKind::window
  std::set<int> hidden_keys;              // no query may see these
  std::set<std::pair<int, int>> blocked;  // (query, key) cells that are shut
  bool operator==(const MaskSetting&) const = default;
};

enum class PositionSetting { as_trained, off, shuffled, shifted, sinusoidal };
enum class SoftmaxSetting { soft, hard };
enum class HeadOff { zero, mean, uniform };  // output 0; its mean over this text; every visible key alike

// A weight set by hand, after the softmax; the rest of the row shares what is left in proportion, or equally
// over the visible keys where it has nothing to share.
struct OverwrittenCell {
  HeadId head;
  int query = 0;
  int key = 0;
  float weight = 0;
  bool operator==(const OverwrittenCell&) const = default;
};

// Numbers of the pass that can be set by hand, each an entry of a token's vector, in the order in which a
// pre-norm model makes them (in a post-norm one each norm follows the sum).
enum class NumberPlace {
  word,                 // [D or d_embedding] the word (scaled; patch, frame) before anything is added to it
  position,             // likewise: what its position adds
  type,                 // likewise: what its token type adds
  embedding_sum,        // their sum, before a norm or projection
  embedding,            // [D] what enters the first layer
  attention_norm,       // [D] what the norm of an attention gives, before the attention or after the sum
  query,                // [d_head] as it enters the scores (after bias and rotation)
  key,                  // likewise; heads that share keys and values share the number
  value,                // likewise
  score,                // [Tk] of a query: what enters the softmax; a masked one stays masked
  mixed,                // [d_head] weights · values, the head's output (z): what W_O reads
  attention,            // [D] what the attention of a layer computed, before residual and (post) norm
  attention_post_norm,  // [D] the norm of it, where norms stand on both sides
  attention_sum,        // [D] the residual stream after the attention, before a norm that follows
  feed_forward_norm,    // [D] what the norm before the feed-forward network gives
  activation,           // [d_ff] after the non-linearity and the gate
  feed_forward,         // [D] what the feed-forward network computed, before residual and (post) norm
  feed_forward_post_norm,  // [D] the norm of it, where norms stand on both sides
  feed_forward_sum,        // [D] stream + network, where a norm follows that gives `stream`
  stream,                  // [D] the residual stream that leaves a layer
  final_norm               // [D] what the norm after the last layer gives
};
inline constexpr int kNumberPlaces = static_cast<int>(NumberPlace::final_norm) + 1;
bool belongs_to_head(NumberPlace place);       // of one head; otherwise of a whole layer or stack
bool belongs_to_attention(NumberPlace place);  // self or cross attention: of a head, or of all of its heads
bool belongs_to_layer(NumberPlace place);      // of one layer; otherwise of the whole stack

inline constexpr float kLargestNumber = 1e6f;  // that can be set by hand, either sign

// Everything after it is computed with it.
struct OverwrittenNumber {
  NumberPlace place = NumberPlace::embedding;
  HeadId at;      // head 0 where it belongs to a whole layer, layer 0 where to the whole stack
  int token = 0;  // the query's; of keys and values the key's
  int entry = 0;  // of a score the key
  float value = 0;
  // Of which number, whatever it was set to.
  bool same_number(const OverwrittenNumber& other) const {
    return place == other.place && at == other.at && token == other.token && entry == other.entry;
  }
  bool operator==(const OverwrittenNumber&) const = default;
};

struct LayerParts {
  bool attention = true, residual = true, norm = true, feed_forward = true;
  bool operator==(const LayerParts&) const = default;
};

struct Interventions {
  std::map<Stack, MaskSetting> masks;
  PositionSetting positions = PositionSetting::as_trained;
  std::vector<int> permutation;  // positions=shuffled: token t stands at position permutation[t]
  int shift = 0;                 // positions=shifted
  bool scaling_off = false;      // scores are not divided by sqrt(d_head)
  float temperature = 1.0f;      // scores are divided by it before the softmax; > 0
  SoftmaxSetting softmax = SoftmaxSetting::soft;
  std::map<HeadId, HeadOff> heads_off;
  std::vector<OverwrittenCell> cells;
  std::vector<OverwrittenNumber> numbers;
  std::map<std::pair<Stack, int>, LayerParts> layers;  // (encoder or decoder, layer)

  bool any() const;  // false: as trained
  bool operator==(const Interventions&) const = default;
};

// Sets a weight by hand. A row has a budget of 1: weights that were set before give way to the newest.
void set_cell(Interventions& interventions, const OverwrittenCell& cell);
// Sets a number by hand, in place of what it was set to before.
void set_number(Interventions& interventions, const OverwrittenNumber& number);
// That number is again what the model computes.
void clear_number(Interventions& interventions, const OverwrittenNumber& number);

std::string to_text(const Interventions& interventions);
// Throws Error naming the setting that it does not understand and what it would understand.
Interventions parse_interventions(std::string_view text, const ModelSpec& spec);

// What this model cannot do, as sentences for a person; empty: everything in `interventions` has a meaning
// here. Checks ranges too: layers, heads, and tokens when n_tokens (of the text) or n_target_tokens (of an
// encoder-decoder's target) > 0.
std::vector<std::string> why_not(const Interventions& interventions, const ModelSpec& spec, int n_tokens = 0,
                                 int n_target_tokens = 0);

}  // namespace attn

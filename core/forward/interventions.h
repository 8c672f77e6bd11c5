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
//   attention 0=off; residual 1=off; norm 1=off; ffn 0=off; ffn dec 0=off
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
  std::map<std::pair<Stack, int>, LayerParts> layers;  // (encoder or decoder, layer)

  bool any() const;  // false: as trained
  bool operator==(const Interventions&) const = default;
};

std::string to_text(const Interventions& interventions);
// Throws Error naming the setting that it does not understand and what it would understand.
Interventions parse_interventions(std::string_view text, const ModelSpec& spec);

// What this model cannot do, as sentences for a person; empty: everything in `interventions` has a meaning
// here. Checks ranges too: layers, heads, and tokens when n_tokens (of the text) or n_target_tokens (of an
// encoder-decoder's target) > 0.
std::vector<std::string> why_not(const Interventions& interventions, const ModelSpec& spec, int n_tokens = 0,
                                 int n_target_tokens = 0);

}  // namespace attn

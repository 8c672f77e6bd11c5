#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/attention/mask.h"
#include "core/forward/interventions.h"
#include "core/model/spec.h"

namespace attn {

// What a pass really does: the model's own settings with the interventions put in. Two passes over the same
// inputs agree up to the first layer whose plans differ, whatever the interventions were called: this is how
// the program knows what a change touches.

struct AttentionPlan {
  AttentionMask mask;
  double scale = 1.0;
  double temperature = 1.0;
  bool hard = false;
  std::map<int, HeadOff> heads_off;
  std::vector<OverwrittenCell> cells;
  std::vector<OverwrittenNumber> numbers;  // of one head, and of the whole attention
  bool operator==(const AttentionPlan&) const = default;

  // No query's result depends on a later key, or on another query.
  bool looks_only_back() const;
  // A query's result depends on other queries: a head is replaced by its mean over them.
  bool mixes_queries() const;
};

struct LayerPlan {
  AttentionPlan self;
  std::optional<AttentionPlan> cross;
  LayerParts parts;
  std::vector<OverwrittenNumber> numbers;  // of the feed-forward network, and what leaves the layer
  bool operator==(const LayerPlan&) const = default;
};

struct PositionPlan {
  PositionKind kind = PositionKind::none;  // none: positions are off
  bool also_learned = false;
  std::vector<int> permutation;  // of the first tokens; the others stay
  int shift = 0;
  bool operator==(const PositionPlan&) const = default;

  // Where each token of a sequence stands. ids: of those tokens, or empty (patches, frames); RoBERTa does not
  // count some (PositionSpec::uncounted_id), which stand at -1.
  std::vector<int> positions(const PositionSpec& spec, Index n_tokens, const std::vector<int>& ids) const;
};

struct StackPlan {
  PositionPlan position;
  std::vector<OverwrittenNumber> numbers;  // of the embedding, and after the last layer
  std::vector<LayerPlan> layers;
  bool operator==(const StackPlan&) const = default;
};

struct PassPlan {
  std::optional<StackPlan> encoder, decoder;
};

// `interventions` have a meaning for `spec` (see why_not). A positions setting changes every stack, but for a
// permutation, which belongs to the text: the encoder where there is one.
PassPlan plan_pass(const ModelSpec& spec, const Interventions& interventions);

}  // namespace attn

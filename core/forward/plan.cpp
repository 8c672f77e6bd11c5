#include "core/forward/plan.h"

#include <algorithm>

namespace attn {

bool AttentionPlan::looks_only_back() const {
  const bool cell_ahead = std::any_of(cells.begin(), cells.end(),
                                      [](const OverwrittenCell& cell) { return cell.key > cell.query; });
  return mask.causal && !cell_ahead && !mixes_queries();
}

bool AttentionPlan::mixes_queries() const {
  return std::any_of(heads_off.begin(), heads_off.end(),
                     [](const auto& off) { return off.second == HeadOff::mean; });
}

std::vector<int> PositionPlan::positions(const PositionSpec& spec, Index n_tokens,
                                         const std::vector<int>& ids) const {
  std::vector<int> all(static_cast<std::size_t>(n_tokens));
  int n_counted = 0;
  for (std::size_t t = 0; t < all.size(); ++t) {
    if (t < permutation.size())
      all[t] = permutation[t];
    else if (spec.uncounted_id >= 0 && t < ids.size() && ids[t] == spec.uncounted_id)
      all[t] = -1;
    else
      all[t] = n_counted++ + shift;
  }
  return all;
}

namespace {

AttentionMask plan_mask(const AttentionSpec& spec, const MaskSetting* setting) {
  AttentionMask mask;
  mask.causal = spec.causal;
  mask.window = spec.window;
  if (!setting) return mask;
  switch (setting->kind) {
    case MaskKind::as_trained:
      break;
    case MaskKind::none:
      mask.causal = false;
      mask.window = 0;
      break;
    case MaskKind::causal:
      mask.causal = true;
      mask.window = 0;
      break;
    case MaskKind::window:
      mask.causal = false;
      mask.window = setting->window;
      break;
    case MaskKind::not_itself:
      mask.not_itself = true;
      break;
  }
  mask.hidden_keys = setting->hidden_keys;
  mask.blocked = setting->blocked;
  return mask;
}

AttentionPlan plan_attention(const AttentionSpec& spec, Stack stack, int layer, const Interventions& wish) {
  AttentionPlan plan;
  const auto mask = wish.masks.find(stack);
  plan.mask = plan_mask(spec, mask == wish.masks.end() ? nullptr : &mask->second);
  plan.scale = wish.scaling_off ? 1.0 : spec.scale;
  plan.temperature = wish.temperature;
  plan.hard = wish.softmax == SoftmaxSetting::hard;
  for (const auto& [id, off] : wish.heads_off)
    if (id.stack == stack && id.layer == layer) plan.heads_off[id.head] = off;
  for (const OverwrittenCell& cell : wish.cells)
    if (cell.head.stack == stack && cell.head.layer == layer) plan.cells.push_back(cell);
  for (const OverwrittenNumber& one : wish.numbers)
    if (one.at.stack == stack && one.at.layer == layer && belongs_to_attention(one.place))
      plan.numbers.push_back(one);
  return plan;
}

PositionPlan plan_positions(const PositionSpec& spec, bool is_text, const Interventions& wish) {
  PositionPlan plan;
  plan.kind = spec.kind;
  plan.also_learned = spec.also_learned;
  switch (wish.positions) {
    case PositionSetting::as_trained:
      break;
    case PositionSetting::off:
      plan.kind = PositionKind::none;
      plan.also_learned = false;
      break;
    case PositionSetting::shuffled:
      if (is_text) plan.permutation = wish.permutation;
      break;
    case PositionSetting::shifted:
      plan.shift = wish.shift;
      break;
    case PositionSetting::sinusoidal:
      plan.kind = PositionKind::sinusoidal;
      plan.also_learned = false;
      break;
  }
  return plan;
}

StackPlan plan_stack(const StackSpec& spec, Stack stack, bool is_text, const Interventions& wish) {
  StackPlan plan;
  plan.position = plan_positions(spec.position, is_text, wish);
  plan.layers.resize(spec.layers.size());
  for (int l = 0; l < spec.n_layers(); ++l) {
    const LayerSpec& layer = spec.layers[static_cast<std::size_t>(l)];
    LayerPlan& planned = plan.layers[static_cast<std::size_t>(l)];
    planned.self = plan_attention(layer.self, stack, l, wish);
    if (layer.cross) planned.cross = plan_attention(*layer.cross, Stack::cross, l, wish);
    const auto parts = wish.layers.find({stack, l});
    if (parts != wish.layers.end()) planned.parts = parts->second;
  }
  for (const OverwrittenNumber& one : wish.numbers) {
    if (one.at.stack != stack || belongs_to_attention(one.place)) continue;
    if (!belongs_to_layer(one.place))
      plan.numbers.push_back(one);
    else
      plan.layers[static_cast<std::size_t>(one.at.layer)].numbers.push_back(one);
  }
  return plan;
}

}  // namespace

PassPlan plan_pass(const ModelSpec& spec, const Interventions& interventions) {
  PassPlan plan;
  if (spec.encoder) plan.encoder = plan_stack(*spec.encoder, Stack::encoder, true, interventions);
  if (spec.decoder)
    plan.decoder = plan_stack(*spec.decoder, Stack::decoder, !spec.encoder.has_value(), interventions);
  return plan;
}

}  // namespace attn

#include <algorithm>
#include <cmath>
#include <set>

#include "core/forward/interventions.h"

namespace attn {

namespace {

using Reasons = std::vector<std::string>;

// Whether it exists, and what it is.
const StackSpec* find_stack(const ModelSpec& spec, Stack stack) {
  if (stack == Stack::encoder) return spec.encoder ? &*spec.encoder : nullptr;
  if (!spec.decoder) return nullptr;
  const bool has_cross = !spec.decoder->layers.empty() && spec.decoder->layers[0].cross;
  return stack == Stack::cross && !has_cross ? nullptr : &*spec.decoder;
}

std::string no_stack(Stack stack) {
  return stack == Stack::cross ? "This model has no cross attention: only an encoder-decoder has."
                               : "This model has no " + std::string(name_of(stack)) + ".";
}

// Tokens of a stack's queries and keys; 0: not known.
struct Lengths {
  int n_queries, n_keys;
};

void check_token(int token, int n_tokens, const std::string& role, Reasons& reasons) {
  if (token < 0 || (n_tokens > 0 && token >= n_tokens))
    reasons.push_back("There is no " + role + " " + std::to_string(token) +
                      (n_tokens > 0 ? ": there are " + std::to_string(n_tokens) + " tokens, counted from 0."
                                    : ": tokens are counted from 0."));
}

void check_mask(Stack stack, const MaskSetting& mask, const Lengths& lengths, Reasons& reasons) {
  if (mask.kind == MaskKind::window && mask.window < 1)
    reasons.push_back("A window of " + std::to_string(mask.window) +
                      " tokens shows nothing: it must be at least 1, the token itself.");
  if (mask.kind == MaskKind::not_itself && stack == Stack::cross)
    reasons.push_back(
        "In cross attention queries and keys are different texts: there is no 'itself' to mask.");
  for (int key : mask.hidden_keys) check_token(key, lengths.n_keys, "key", reasons);
  for (const auto& [query, key] : mask.blocked) {
    check_token(query, lengths.n_queries, "query", reasons);
    check_token(key, lengths.n_keys, "key", reasons);
  }
}

bool check_head(const HeadId& id, const ModelSpec& spec, Reasons& reasons) {
  const StackSpec* stack = find_stack(spec, id.stack);
  if (!stack) {
    reasons.push_back(no_stack(id.stack));
    return false;
  }
  if (id.layer < 0 || id.layer >= stack->n_layers()) {
    reasons.push_back("There is no layer " + std::to_string(id.layer) + ": this model has " +
                      std::to_string(stack->n_layers()) + ", counted from 0.");
    return false;
  }
  const LayerSpec& layer = stack->layers[static_cast<std::size_t>(id.layer)];
  const int n_heads = id.stack == Stack::cross ? layer.cross->n_heads : layer.self.n_heads;
  if (id.head < 0 || id.head >= n_heads) {
    reasons.push_back("There is no head " + std::to_string(id.head) + ": a layer of this model has " +
                      std::to_string(n_heads) + ", counted from 0.");
    return false;
  }
  return true;
}

void check_shift(const PositionSpec& position, int shift, int n_tokens, Reasons& reasons) {
  const bool from_table = position.kind == PositionKind::learned || position.also_learned;
  if (!from_table && position.kind != PositionKind::sinusoidal) return;
  if (shift < 0)
    reasons.push_back("Positions cannot be shifted by " + std::to_string(shift) + ": they begin at 0.");
  else if (position.n_positions > 0 && n_tokens + shift > position.n_positions)
    reasons.push_back("Positions cannot be shifted by " + std::to_string(shift) +
                      ": the table of this model ends at " + std::to_string(position.n_positions) +
                      (n_tokens > 0 ? ", and the text has " + std::to_string(n_tokens) + " tokens." : "."));
}

void check_permutation(const std::vector<int>& permutation, int n_tokens, Reasons& reasons) {
  std::vector<int> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] == static_cast<int>(i)) continue;
    reasons.push_back("Shuffled positions must name each position from 0 to " +
                      std::to_string(sorted.size() - 1) + " once.");
    return;
  }
  if (permutation.empty())
    reasons.push_back("Shuffled positions need an order, for example shuffled:2,0,1.");
  else if (n_tokens > 0 && static_cast<int>(permutation.size()) != n_tokens)
    reasons.push_back("The shuffled order is one of " + std::to_string(permutation.size()) +
                      " tokens, and the text has " + std::to_string(n_tokens) + ".");
}

void check_positions(const Interventions& wish, const ModelSpec& spec, int n_tokens, Reasons& reasons) {
  if (wish.positions == PositionSetting::as_trained) return;
  if (wish.positions == PositionSetting::shuffled) check_permutation(wish.permutation, n_tokens, reasons);
  if (wish.positions == PositionSetting::sinusoidal) return;
  if (!spec.encoder && !spec.decoder) return;
  const PositionSpec& position = spec.text_stack().position;
  if (position.kind == PositionKind::none)
    reasons.push_back("This model knows no positions: there is nothing to switch off, shuffle or shift.");
  if (position.kind == PositionKind::convolution && wish.positions != PositionSetting::off)
    reasons.push_back(
        "This model finds positions by a convolution over the sequence: it has no table to shuffle or "
        "shift.");
  if (wish.positions == PositionSetting::shifted) check_shift(position, wish.shift, n_tokens, reasons);
}

void check_scores(const Interventions& wish, const ModelSpec& spec, Reasons& reasons) {
  if (!(wish.temperature > 0) || !std::isfinite(wish.temperature))
    reasons.push_back("The temperature must be a number above 0.");
  if (!wish.scaling_off) return;
  bool scales = false;
  for (const std::optional<StackSpec>* stack : {&spec.encoder, &spec.decoder})
    if (*stack)
      for (const LayerSpec& layer : (*stack)->layers) scales = scales || layer.self.scale != 1.0;
  if (!scales) reasons.push_back("This model does not scale its scores: there is nothing to switch off.");
}

void check_cells(const Interventions& wish, const ModelSpec& spec, const auto& lengths_of, Reasons& reasons) {
  std::map<std::pair<HeadId, int>, float> sums;
  std::set<std::tuple<HeadId, int, int>> seen;
  for (const OverwrittenCell& cell : wish.cells) {
    if (!check_head(cell.head, spec, reasons)) continue;
    const Lengths lengths = lengths_of(cell.head.stack);
    check_token(cell.query, lengths.n_queries, "query", reasons);
    check_token(cell.key, lengths.n_keys, "key", reasons);
    if (!seen.insert({cell.head, cell.query, cell.key}).second)
      reasons.push_back("The weight of cell " + std::to_string(cell.query) + ":" + std::to_string(cell.key) +
                        " is set twice.");
    if (!(cell.weight >= 0 && cell.weight <= 1))
      reasons.push_back("A weight must be between 0 and 1.");
    else
      sums[{cell.head, cell.query}] += cell.weight;
  }
  for (const auto& [row, sum] : sums)
    if (sum > 1.0001f)
      reasons.push_back("The weights set by hand in row " + std::to_string(row.second) + " of " +
                        to_text(row.first) + " sum to more than 1.");
}

void check_layers(const Interventions& wish, const ModelSpec& spec, Reasons& reasons) {
  for (const auto& [where, parts] : wish.layers) {
    const auto& [stack, layer] = where;
    const StackSpec* own = find_stack(spec, stack);
    if (!own || stack == Stack::cross) {
      reasons.push_back(stack == Stack::cross
                            ? "A part of a layer belongs to the encoder or decoder, not to cross attention."
                            : no_stack(stack));
      continue;
    }
    if (layer < 0 || layer >= own->n_layers()) {
      reasons.push_back("There is no layer " + std::to_string(layer) + ": this model has " +
                        std::to_string(own->n_layers()) + ", counted from 0.");
      continue;
    }
    if (!parts.norm && own->norm.kind == NormKind::none)
      reasons.push_back("This model has no norm to switch off.");
    if (!parts.feed_forward && own->layers[static_cast<std::size_t>(layer)].feed_forward.d_ff == 0)
      reasons.push_back("Layer " + std::to_string(layer) + " has no feed-forward network to switch off.");
  }
}

}  // namespace

std::vector<std::string> why_not(const Interventions& interventions, const ModelSpec& spec, int n_tokens,
                                 int n_target_tokens) {
  Reasons reasons;
  const auto lengths_of = [&](Stack stack) {
    const int n_decoder = spec.encoder ? n_target_tokens : n_tokens;
    return Lengths{stack == Stack::encoder ? n_tokens : n_decoder,
                   stack == Stack::decoder ? n_decoder : n_tokens};
  };
  for (const auto& [stack, mask] : interventions.masks) {
    if (find_stack(spec, stack))
      check_mask(stack, mask, lengths_of(stack), reasons);
    else if (mask != MaskSetting())
      reasons.push_back(no_stack(stack));
  }
  check_positions(interventions, spec, n_tokens, reasons);
  check_scores(interventions, spec, reasons);
  for (const auto& [id, off] : interventions.heads_off) check_head(id, spec, reasons);
  check_cells(interventions, spec, lengths_of, reasons);
  check_layers(interventions, spec, reasons);
  return reasons;
}

}  // namespace attn

#include "core/forward/why_not.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace attn {

namespace {

using Reasons = std::vector<Wording>;
using Values = std::vector<std::pair<std::string, std::string>>;

// A reason: its key stands under "problem.why" in the words of the window.
void add(Reasons& reasons, const char* key, std::string_view english, Values values = {}) {
  reasons.push_back(worded(std::string("why.") + key, english, std::move(values)));
}

// Whether it exists, and what it is.
const StackSpec* find_stack(const ModelSpec& spec, Stack stack) {
  if (stack == Stack::encoder) return spec.encoder ? &*spec.encoder : nullptr;
  if (!spec.decoder) return nullptr;
  const bool has_cross = !spec.decoder->layers.empty() && spec.decoder->layers[0].cross;
  return stack == Stack::cross && !has_cross ? nullptr : &*spec.decoder;
}

void add_no_stack(Stack stack, Reasons& reasons) {
  if (stack == Stack::cross)
    add(reasons, "no_cross", "This model has no cross attention: only an encoder-decoder has.");
  else if (stack == Stack::decoder)
    add(reasons, "no_decoder", "This model has no decoder.");
  else
    add(reasons, "no_encoder", "This model has no encoder.");
}

// Tokens of a stack's queries and keys; 0: not known.
struct Lengths {
  int n_queries, n_keys;
};

enum class Role { query, key };

void check_token(int token, int n_tokens, Role role, Reasons& reasons) {
  if (token >= 0 && (n_tokens <= 0 || token < n_tokens)) return;
  const Values values = {{"i", std::to_string(token)}, {"n", std::to_string(n_tokens)}};
  const bool query = role == Role::query;
  if (n_tokens > 0)
    add(reasons, query ? "no_such_query" : "no_such_key",
        query ? "There is no query {i}: there are {n} tokens, counted from 0."
              : "There is no key {i}: there are {n} tokens, counted from 0.",
        values);
  else
    add(reasons, query ? "query_below_0" : "key_below_0",
        query ? "There is no query {i}: tokens are counted from 0."
              : "There is no key {i}: tokens are counted from 0.",
        values);
}

void check_mask(Stack stack, const MaskSetting& mask, const Lengths& lengths, Reasons& reasons) {
  if (mask.kind == MaskKind::window && mask.window < 1)
    add(reasons, "window", "A window of {n} tokens shows nothing: it must be at least 1, the token itself.",
        {{"n", std::to_string(mask.window)}});
  if (mask.kind == MaskKind::not_itself && stack == Stack::cross)
    add(reasons, "no_itself",
        "In cross attention queries and keys are different texts: there is no 'itself' to mask.");
  for (int key : mask.hidden_keys) check_token(key, lengths.n_keys, Role::key, reasons);
  for (const auto& [query, key] : mask.blocked) {
    check_token(query, lengths.n_queries, Role::query, reasons);
    check_token(key, lengths.n_keys, Role::key, reasons);
  }
}

void add_no_layer(int layer, const StackSpec& stack, Reasons& reasons) {
  add(reasons, "no_such_layer", "There is no layer {i}: this model has {n}, counted from 0.",
      {{"i", std::to_string(layer)}, {"n", std::to_string(stack.n_layers())}});
}

void add_cross_part(Reasons& reasons) {
  add(reasons, "cross_part", "A part of a layer belongs to the encoder or decoder, not to cross attention.");
}

const LayerSpec& layer_of(const HeadId& id, const ModelSpec& spec) {
  return find_stack(spec, id.stack)->layers[static_cast<std::size_t>(id.layer)];
}

const AttentionSpec& attention_of(const HeadId& id, const ModelSpec& spec) {
  const LayerSpec& layer = layer_of(id, spec);
  return id.stack == Stack::cross ? *layer.cross : layer.self;
}

bool check_layer(Stack stack, int layer, const ModelSpec& spec, Reasons& reasons) {
  const StackSpec* own = find_stack(spec, stack);
  if (!own) add_no_stack(stack, reasons);
  const bool there = own && layer >= 0 && layer < own->n_layers();
  if (own && !there) add_no_layer(layer, *own, reasons);
  return there;
}

bool check_head(const HeadId& id, const ModelSpec& spec, Reasons& reasons) {
  if (!check_layer(id.stack, id.layer, spec, reasons)) return false;
  const int n_heads = attention_of(id, spec).n_heads;
  if (id.head < 0 || id.head >= n_heads) {
    add(reasons, "no_such_head", "There is no head {i}: a layer of this model has {n}, counted from 0.",
        {{"i", std::to_string(id.head)}, {"n", std::to_string(n_heads)}});
    return false;
  }
  return true;
}

void check_shift(const PositionSpec& position, int shift, int n_tokens, Reasons& reasons) {
  const bool from_table = position.kind == PositionKind::learned || position.also_learned;
  if (!from_table && position.kind != PositionKind::sinusoidal) return;
  const std::string by = std::to_string(shift), most = std::to_string(position.n_positions);
  if (shift < 0)
    add(reasons, "shift_below_0", "Positions cannot be shifted by {by}: they begin at 0.", {{"by", by}});
  else if (position.n_positions > 0 && n_tokens + shift > position.n_positions && n_tokens > 0)
    add(reasons, "shift_beyond_text",
        "Positions cannot be shifted by {by}: the table of this model ends at {most}, and the text has {n} "
        "tokens.",
        {{"by", by}, {"most", most}, {"n", std::to_string(n_tokens)}});
  else if (position.n_positions > 0 && n_tokens + shift > position.n_positions)
    add(reasons, "shift_beyond",
        "Positions cannot be shifted by {by}: the table of this model ends at {most}.",
        {{"by", by}, {"most", most}});
}

void check_permutation(const std::vector<int>& permutation, int n_tokens, Reasons& reasons) {
  std::vector<int> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] == static_cast<int>(i)) continue;
    add(reasons, "shuffle_once", "Shuffled positions must name each position from 0 to {last} once.",
        {{"last", std::to_string(sorted.size() - 1)}});
    return;
  }
  if (permutation.empty())
    add(reasons, "shuffle_order", "Shuffled positions need an order, for example shuffled:2,0,1.");
  else if (n_tokens > 0 && static_cast<int>(permutation.size()) != n_tokens)
    add(reasons, "shuffle_length", "The shuffled order is one of {n} tokens, and the text has {m}.",
        {{"n", std::to_string(permutation.size())}, {"m", std::to_string(n_tokens)}});
}

void check_positions(const Interventions& wish, const ModelSpec& spec, int n_tokens, Reasons& reasons) {
  if (wish.positions == PositionSetting::as_trained) return;
  if (wish.positions == PositionSetting::shuffled) check_permutation(wish.permutation, n_tokens, reasons);
  if (wish.positions == PositionSetting::sinusoidal) return;
  if (!spec.encoder && !spec.decoder) return;
  const PositionSpec& position = spec.text_stack().position;
  if (position.kind == PositionKind::none)
    add(reasons, "no_positions",
        "This model knows no positions: there is nothing to switch off, shuffle or shift.");
  if (position.kind == PositionKind::convolution && wish.positions != PositionSetting::off)
    add(reasons, "convolution",
        "This model finds positions by a convolution over the sequence: it has no table to shuffle or "
        "shift.");
  if (wish.positions == PositionSetting::shifted) check_shift(position, wish.shift, n_tokens, reasons);
}

void check_scores(const Interventions& wish, const ModelSpec& spec, Reasons& reasons) {
  if (!(wish.temperature > 0) || !std::isfinite(wish.temperature))
    add(reasons, "temperature", "The temperature must be a number above 0.");
  if (!wish.scaling_off) return;
  bool scales = false;
  for (const std::optional<StackSpec>* stack : {&spec.encoder, &spec.decoder})
    if (*stack)
      for (const LayerSpec& layer : (*stack)->layers) scales = scales || layer.self.scale != 1.0;
  if (!scales)
    add(reasons, "no_scaling", "This model does not scale its scores: there is nothing to switch off.");
}

void check_cells(const Interventions& wish, const ModelSpec& spec, const auto& lengths_of, Reasons& reasons) {
  std::map<std::pair<HeadId, int>, float> sums;
  std::set<std::tuple<HeadId, int, int>> seen;
  for (const OverwrittenCell& cell : wish.cells) {
    if (!check_head(cell.head, spec, reasons)) continue;
    const Lengths lengths = lengths_of(cell.head.stack);
    check_token(cell.query, lengths.n_queries, Role::query, reasons);
    check_token(cell.key, lengths.n_keys, Role::key, reasons);
    if (!seen.insert({cell.head, cell.query, cell.key}).second)
      add(reasons, "cell_twice", "The weight of cell {query}:{key} is set twice.",
          {{"query", std::to_string(cell.query)}, {"key", std::to_string(cell.key)}});
    if (!(cell.weight >= 0 && cell.weight <= 1))
      add(reasons, "weight_range", "A weight must be between 0 and 1.");
    else
      sums[{cell.head, cell.query}] += cell.weight;
  }
  for (const auto& [row, sum] : sums)
    if (sum > 1.0001f)
      add(reasons, "row_sum", "The weights set by hand in row {row} of {head} sum to more than 1.",
          {{"row", std::to_string(row.second)}, {"head", to_text(row.first)}});
}

const EmbeddingSpec& embedding_of(Stack stack, const ModelSpec& spec) {
  const bool own_table = stack == Stack::decoder && spec.encoder && spec.target_embedding;
  return own_table ? *spec.target_embedding : spec.embedding;
}

// How wide the rows are that an embedding adds up (sum: and what they add up to).
int embedding_width(Stack stack, const ModelSpec& spec, bool sum) {
  const EmbeddingSpec& embedding = embedding_of(stack, spec);
  const bool from_words = spec.input == InputKind::words || (stack == Stack::decoder && spec.encoder);
  const bool projected = !from_words || embedding.project_first || (sum && embedding.project_before_norm);
  return projected || embedding.d_embedding == 0 ? find_stack(spec, stack)->d_model : embedding.d_embedding;
}

// How many entries a token's vector has at this place; 0: a score has one for every key. The place exists.
int entries_at(const OverwrittenNumber& one, const ModelSpec& spec) {
  if (one.place == NumberPlace::score) return 0;
  if (belongs_to_head(one.place)) return attention_of(one.at, spec).d_head;
  if (one.place == NumberPlace::activation) return layer_of(one.at, spec).feed_forward.d_ff;
  if (one.place < NumberPlace::embedding)
    return embedding_width(one.at.stack, spec, one.place == NumberPlace::embedding_sum);
  return find_stack(spec, one.at.stack)->d_model;
}

// Whether a row is added for a token's place, with these interventions.
bool adds_position_row(PositionSetting setting, const PositionSpec& position) {
  if (setting == PositionSetting::off) return false;
  return setting == PositionSetting::sinusoidal || position.also_learned ||
         position.kind == PositionKind::learned || position.kind == PositionKind::sinusoidal ||
         position.kind == PositionKind::convolution;
}

// Rows, norms and sums that not every model has; the layer exists.
void check_makes_number(const OverwrittenNumber& one, const Interventions& wish, const ModelSpec& spec,
                        Reasons& reasons) {
  const StackSpec& stack = *find_stack(spec, one.at.stack);
  const bool normed = stack.norm.kind != NormKind::none;
  const bool after = normed && stack.norm_place == NormPlace::after;
  const auto need = [&](bool there, const char* key, std::string_view english) {
    if (!there) add(reasons, key, english);
  };
  const auto need_norm = [&](bool there) {
    need(there, "no_such_norm", "This model has no norm of its own there.");
  };
  switch (one.place) {
    case NumberPlace::position:
      return need(adds_position_row(wish.positions, stack.position), "no_position_row",
                  "No row is added for a token's position here.");
    case NumberPlace::type:
      return need(embedding_of(one.at.stack, spec).n_token_types > 0, "no_type_row",
                  "This model adds no row for a token's type.");
    case NumberPlace::attention_norm:
      return need_norm(normed);
    case NumberPlace::feed_forward_norm:
      return need_norm(normed && !after && !(stack.parallel_residual && stack.shared_norm));
    case NumberPlace::attention_post_norm:
    case NumberPlace::feed_forward_post_norm:
      return need_norm(normed && stack.norm_place == NormPlace::both && one.at.stack != Stack::cross);
    case NumberPlace::final_norm:
      return need_norm(stack.final_norm);
    case NumberPlace::attention_sum:
      return need(!stack.parallel_residual, "no_middle",
                  "In this model attention and feed-forward network run side by side: there is no stream "
                  "between them.");
    case NumberPlace::feed_forward_sum:
      return need(after && !stack.parallel_residual, "no_sum_before_norm",
                  "No norm follows this sum: it is the residual stream that leaves the layer.");
    default:
      return;
  }
}

bool check_number_place(const OverwrittenNumber& one, const ModelSpec& spec, Reasons& reasons) {
  if (belongs_to_head(one.place)) return check_head(one.at, spec, reasons);
  if (one.at.stack == Stack::cross && !belongs_to_attention(one.place)) {
    add_cross_part(reasons);
    return false;
  }
  if (!check_layer(one.at.stack, one.at.layer, spec, reasons)) return false;
  const bool of_network = one.place >= NumberPlace::feed_forward_norm && one.place < NumberPlace::stream;
  if (!of_network || layer_of(one.at, spec).feed_forward.d_ff > 0) return true;
  add(reasons, "no_network", "Layer {i} has no feed-forward network.", {{"i", std::to_string(one.at.layer)}});
  return false;
}

// The same number under one name: heads that share a key share its numbers.
OverwrittenNumber named_once(OverwrittenNumber one, const ModelSpec& spec) {
  if (one.place != NumberPlace::key && one.place != NumberPlace::value) return one;
  const AttentionSpec& attention = attention_of(one.at, spec);
  one.at.head /= attention.n_heads / attention.n_kv_heads;
  return one;
}

void check_numbers(const Interventions& wish, const ModelSpec& spec, const auto& lengths_of,
                   Reasons& reasons) {
  std::set<std::tuple<NumberPlace, HeadId, int, int>> seen;
  for (const OverwrittenNumber& one : wish.numbers) {
    if (!check_number_place(one, spec, reasons)) continue;
    check_makes_number(one, wish, spec, reasons);
    const Lengths lengths = lengths_of(one.at.stack);
    const bool of_key = one.place == NumberPlace::key || one.place == NumberPlace::value;
    check_token(one.token, of_key ? lengths.n_keys : lengths.n_queries, of_key ? Role::key : Role::query,
                reasons);
    const int n = entries_at(one, spec);
    if (one.place == NumberPlace::score)
      check_token(one.entry, lengths.n_keys, Role::key, reasons);
    else if (one.entry < 0 || one.entry >= n)
      add(reasons, "no_such_entry", "There is no entry {i}: the vector has {n}, counted from 0.",
          {{"i", std::to_string(one.entry)}, {"n", std::to_string(n)}});
    if (!(std::abs(one.value) <= kLargestNumber))
      add(reasons, "number_range", "A number set by hand must be between −1,000,000 and 1,000,000.");
    const OverwrittenNumber name = named_once(one, spec);
    if (!seen.insert({name.place, name.at, name.token, name.entry}).second)
      add(reasons, "number_twice", "The same number is set twice.");
  }
}

void check_layers(const Interventions& wish, const ModelSpec& spec, Reasons& reasons) {
  for (const auto& [where, parts] : wish.layers) {
    const auto& [stack, layer] = where;
    if (stack == Stack::cross) {
      add_cross_part(reasons);
      continue;
    }
    if (!check_layer(stack, layer, spec, reasons)) continue;
    const StackSpec* own = find_stack(spec, stack);
    if (!parts.norm && own->norm.kind == NormKind::none)
      add(reasons, "no_norm", "This model has no norm to switch off.");
    if (!parts.feed_forward && own->layers[static_cast<std::size_t>(layer)].feed_forward.d_ff == 0)
      add(reasons, "no_feed_forward", "Layer {i} has no feed-forward network to switch off.",
          {{"i", std::to_string(layer)}});
  }
}

}  // namespace

std::vector<Wording> reasons_against(const Interventions& interventions, const ModelSpec& spec, int n_tokens,
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
      add_no_stack(stack, reasons);
  }
  check_positions(interventions, spec, n_tokens, reasons);
  check_scores(interventions, spec, reasons);
  for (const auto& [id, off] : interventions.heads_off) check_head(id, spec, reasons);
  check_cells(interventions, spec, lengths_of, reasons);
  check_numbers(interventions, spec, lengths_of, reasons);
  check_layers(interventions, spec, reasons);
  return reasons;
}

std::vector<std::string> why_not(const Interventions& interventions, const ModelSpec& spec, int n_tokens,
                                 int n_target_tokens) {
  std::vector<std::string> sentences;
  for (const Wording& reason : reasons_against(interventions, spec, n_tokens, n_target_tokens))
    sentences.push_back(reason.english);
  return sentences;
}

}  // namespace attn

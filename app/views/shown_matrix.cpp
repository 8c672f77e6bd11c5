#include "app/views/shown_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/analysis/head_distance.h"
#include "core/forward/plan.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

// The rows or columns of a map, before any is left out.
struct Axis {
  std::vector<std::vector<int>> tokens;  // of each row
  std::vector<std::string> names;
  std::vector<bool> kept;
  int n_kept() const { return static_cast<int>(std::count(kept.begin(), kept.end(), true)); }
};

Axis make_axis(WordGroups places, const std::vector<bool>& special, const ShownOptions& options) {
  Axis axis;
  axis.tokens = std::move(places.groups);
  axis.names = std::move(places.names);
  for (std::size_t i = 0; i < axis.tokens.size(); ++i) {
    const auto first = static_cast<std::size_t>(axis.tokens[i].front());
    const bool is_special = first < special.size() && special[first];
    axis.kept.push_back(!(options.hide_special && is_special) && !(options.hide_first && i == 0));
  }
  if (axis.n_kept() == 0) axis.kept.assign(axis.kept.size(), true);
  return axis;
}

bool any_visible(const AttentionMask& mask, const std::vector<int>& queries, const std::vector<int>& keys) {
  return std::any_of(queries.begin(), queries.end(), [&](int query) {
    return std::any_of(keys.begin(), keys.end(), [&](int key) { return mask.visible(query, key); });
  });
}

void keep_names(const Axis& axis, std::size_t n_tokens, std::vector<std::string>& names,
                std::vector<int>& of_token, std::vector<int>& first_token) {
  of_token.assign(n_tokens, -1);
  for (std::size_t i = 0; i < axis.tokens.size(); ++i) {
    if (!axis.kept[i]) continue;
    for (const int token : axis.tokens[i])
      of_token[static_cast<std::size_t>(token)] = static_cast<int>(names.size());
    names.push_back(axis.names[i]);
    first_token.push_back(axis.tokens[i].front());
  }
}

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::vector<bool> special_of(const Side& side, bool target) {
  if (target) return side.text.target ? side.text.target->special : std::vector<bool>();
  return side.text.source.special;
}

// What is kept of `whole`; cells that no query may look into are not-a-number.
void fill_values(Matrix& values, const HeadWeights& whole, const Axis& rows, const Axis& columns,
                 const std::optional<AttentionMask>& mask) {
  std::vector<Index> kept;
  for (std::size_t c = 0; c < columns.tokens.size(); ++c)
    if (columns.kept[c]) kept.push_back(static_cast<Index>(c));
  const auto n_kept = static_cast<Index>(kept.size());
  // One token a row and column, as mostly: asked directly, since a long text has millions of cells.
  const bool single = rows.tokens.size() == static_cast<std::size_t>(rows.tokens.back().front() + 1) &&
                      columns.tokens.size() == static_cast<std::size_t>(columns.tokens.back().front() + 1);
  Index row = 0;
  for (std::size_t r = 0; r < rows.tokens.size(); ++r) {
    if (!rows.kept[r]) continue;
    float* out = values.data() + row++ * values.outerStride();
    const float* from = whole.row(static_cast<Index>(r));
    for (Index c = 0; c < n_kept; ++c) out[c] = from[kept[static_cast<std::size_t>(c)]];
    if (!mask) continue;
    for (Index c = 0; c < n_kept; ++c) {
      if (out[c] != 0) continue;
      const auto column = static_cast<std::size_t>(kept[static_cast<std::size_t>(c)]);
      const bool visible = single ? mask->visible(static_cast<Index>(r), static_cast<Index>(column))
                                  : any_visible(*mask, rows.tokens[r], columns.tokens[column]);
      if (!visible) out[c] = std::numeric_limits<float>::quiet_NaN();
    }
  }
}

}  // namespace

std::optional<AttentionMask> mask_of(const Trace& trace, const HeadId& head) {
  if (!trace.model) return std::nullopt;
  const PassPlan plan = plan_pass(trace.model->spec, trace.interventions);
  const std::optional<StackPlan>& stack = head.stack == Stack::encoder ? plan.encoder : plan.decoder;
  if (!stack || head.layer >= static_cast<int>(stack->layers.size())) return std::nullopt;
  const LayerPlan& layer = stack->layers[static_cast<std::size_t>(head.layer)];
  const AttentionPlan* attention = head.stack != Stack::cross ? &layer.self
                                   : layer.cross              ? &*layer.cross
                                                              : nullptr;
  if (!attention || attention->mask == AttentionMask{}) return std::nullopt;
  return attention->mask;
}

ShownOptions shown_options(const ViewState& view) {
  return {view.map.hide_special, view.map.hide_first, view.words_merged,
          view.map.scale == ValueScale::per_row};
}

Difference difference_of(const ShownMatrix& a, const ShownMatrix& b) {
  // A masked cell has no weight: it differs from a visible one by that one's weight.
  const auto without_masks = [](const Matrix& m) {
    return Matrix(m.unaryExpr([](float w) { return std::isnan(w) ? 0.0f : w; }));
  };
  const Matrix weights_a = without_masks(a.values), weights_b = without_masks(b.values);
  const HeadWeights of_a(view(weights_a)), of_b(view(weights_b));
  const Alignment rows = align_tokens(a.rows, b.rows);
  const Alignment columns = align_tokens(a.columns, b.columns);
  Difference out{aligned_difference(of_a, of_b, rows, columns), 0,
                 aligned_distance(of_a, of_b, rows, columns)};
  for (Index i = 0; i < out.values.size(); ++i) {
    const float d = out.values.data()[i];
    if (!std::isnan(d)) out.largest = std::max(out.largest, std::abs(d));
  }
  return out;
}

std::optional<std::pair<std::size_t, std::size_t>> letters_of(const Side& side, Stack stack, int token) {
  const Encoding& source = side.text.source;
  const auto t = static_cast<std::size_t>(token);
  const bool of_text = stack != Stack::cross && !(stack == Stack::decoder && side.text.target);
  if (!of_text || token < 0 || t >= source.begin.size() || source.end[t] <= source.begin[t])
    return std::nullopt;
  if (!source.type_ids.empty() && source.type_ids[t] != 0) return std::nullopt;
  if (source.end[t] > side.subject.text.size()) return std::nullopt;
  return std::pair{source.begin[t], source.end[t]};
}

WordGroups places_of(const Trace& trace, Stack stack, bool queries, bool merged) {
  const std::vector<std::string>& tokens = queries ? trace.query_tokens(stack) : trace.key_tokens(stack);
  if (merged) return group_words(tokens, &tokens == &trace.target_tokens ? trace.target_words : trace.words);
  WordGroups places;
  for (std::size_t t = 0; t < tokens.size(); ++t) places.groups.push_back({static_cast<int>(t)});
  places.names = readable_tokens(tokens);
  return places;
}

std::vector<bool> special_keys(const Side& side, Stack stack) {
  return special_of(side, side.trace && &side.trace->key_tokens(stack) == &side.trace->target_tokens);
}
std::vector<bool> special_queries(const Side& side, Stack stack) {
  return special_of(side, side.trace && &side.trace->query_tokens(stack) == &side.trace->target_tokens);
}

std::vector<bool> supervised_rows(const Side& side, const HeadId& head) {
  const std::vector<std::string>& tokens = side.trace->query_tokens(head.stack);
  const Model* model = side.trace->model.get();
  const bool points = model && model->spec.pointer && head.stack != Stack::cross &&
                      model->spec.pointer->layer == head.layer && model->spec.pointer->head == head.head;
  if (!points) return std::vector<bool>(tokens.size(), true);
  std::vector<bool> supervised;
  const std::vector<std::string>& asked = model->spec.pointer->asked_at;
  for (const std::string& token : tokens) {
    const std::string word = lower_case(readable_token(token));
    supervised.push_back(
        std::any_of(asked.begin(), asked.end(), [&](const std::string& a) { return lower_case(a) == word; }));
  }
  return supervised;
}

float largest_of(const ShownMatrix& matrix) {
  float largest = 0;
  for (Index i = 0; i < matrix.values.size(); ++i)
    if (const float value = matrix.values.data()[i]; value > largest) largest = value;
  return largest;
}

std::optional<ShownMatrix> make_shown_matrix(const Side& side, const HeadId& head,
                                             const ShownOptions& options, const Matrix* values) {
  const std::optional<HeadWeights> weights =
      values ? std::optional(HeadWeights(view(*values))) : side.weights(head);
  if (!weights) return std::nullopt;
  const Trace& trace = *side.trace;
  const std::vector<std::string>& queries = trace.query_tokens(head.stack);
  const std::vector<std::string>& keys = trace.key_tokens(head.stack);
  if (weights->rows() != static_cast<Index>(queries.size()) ||
      weights->cols() != static_cast<Index>(keys.size()) || queries.empty() || keys.empty())
    return std::nullopt;

  Axis rows = make_axis(places_of(trace, head.stack, true, options.words_merged),
                        special_queries(side, head.stack), options);
  const Axis columns = make_axis(places_of(trace, head.stack, false, options.words_merged),
                                 special_keys(side, head.stack), options);
  if (options.only_query >= 0)
    for (std::size_t r = 0; r < rows.tokens.size(); ++r) {
      const std::vector<int>& of_row = rows.tokens[r];
      rows.kept[r] = std::find(of_row.begin(), of_row.end(), options.only_query) != of_row.end();
    }
  Matrix made;  // where the weights are not shown as they are
  HeadWeights whole = *weights;
  if (options.words_merged) {
    made = merge_words(whole, {rows.tokens, rows.names}, {columns.tokens, columns.names});
    whole = HeadWeights(as_const(view(made)));
  }
  ShownMatrix out;
  out.renormalised = !values && columns.n_kept() < static_cast<int>(columns.kept.size());
  if (out.renormalised) {
    std::vector<bool> hidden = columns.kept;
    hidden.flip();
    made = hide_keys(whole, hidden);
    whole = HeadWeights(as_const(view(made)));
  }

  keep_names(rows, queries.size(), out.rows, out.row_of, out.query_of);
  keep_names(columns, keys.size(), out.columns, out.column_of, out.key_of);
  // What reaches a token through several layers may pass by this layer's mask: such a cell is not masked.
  const std::optional<AttentionMask> mask = mask_of(trace, head);
  out.values.resize(rows.n_kept(), columns.n_kept());
  fill_values(out.values, whole, rows, columns, mask);
  const std::vector<bool> supervised = supervised_rows(side, head);
  for (const int query : out.query_of) out.supervised.push_back(supervised[static_cast<std::size_t>(query)]);
  return out;
}

}  // namespace attn::app

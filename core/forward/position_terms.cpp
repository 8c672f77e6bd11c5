#include "core/forward/position_terms.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "core/math/rows.h"

namespace attn {

namespace {

template <class T, class F>
ByDistance<T> by_distance(int farthest, F value) {
  ByDistance<T> all{-farthest, {}};
  all.values.reserve(static_cast<std::size_t>(2 * farthest + 1));
  for (int distance = -farthest; distance <= farthest; ++distance)
    all.values.push_back(static_cast<T>(value(distance)));
  return all;
}

template <class S>
void alibi(const PositionSpec& spec, int farthest, PositionTerms<S>& terms) {
  for (double slope : spec.alibi_slopes)
    terms.bias.push_back(by_distance<S>(
        farthest, [&](int distance) { return -spec.alibi_scale * slope * std::abs(distance); }));
}

// Falcon adds slope * key position, rounded to bfloat16 as it was trained.
template <class S>
void alibi_in_bfloat16(const PositionSpec& spec, int nearest, int farthest, PositionTerms<S>& terms) {
  const auto rounded = [](double x) { return static_cast<float>(Eigen::bfloat16(static_cast<float>(x))); };
  for (double slope : spec.alibi_slopes) {
    ByDistance<S> bias{nearest, {}};
    for (int position = nearest; position <= farthest; ++position)
      bias.values.push_back(static_cast<S>(spec.alibi_scale * rounded(rounded(slope) * position)));
    terms.key_bias.push_back(std::move(bias));
  }
}

template <class S>
void bucket_bias(const StackSpec& spec, const MatrixOf<S>& table, int layer, int farthest,
                 PositionTerms<S>& terms) {
  // A decoder's buckets are all for the past, whatever mask is in force.
  const bool two_sided = !spec.layers[static_cast<std::size_t>(layer)].self.causal;
  const ByDistance<int> bucket = by_distance<int>(farthest, [&](int distance) {
    return t5_bucket(distance, two_sided, spec.position.n_buckets, spec.position.max_distance);
  });
  for (Index head = 0; head < table.cols(); ++head)
    terms.bias.push_back(
        by_distance<S>(farthest, [&](int distance) { return table(bucket(distance), head); }));
}

template <class S>
void relative_key(const PositionSpec& spec, const AttentionParameters<S>& p, int farthest,
                  PositionTerms<S>& terms) {
  const int middle = spec.max_distance - 1;
  terms.slot =
      by_distance<int>(farthest, [&](int distance) { return std::clamp(distance + middle, 0, 2 * middle); });
  terms.key_table = p.distance_table;
  if (spec.kind == PositionKind::relative_key_query) terms.query_table = p.distance_table;
}

template <class S>
void disentangled(const StackSpec& spec, const StackParameters<S>& stack, const AttentionParameters<S>& p,
                  int farthest, PositionTerms<S>& terms) {
  const int span = static_cast<int>(stack.relative_table.rows() / 2);
  terms.slot = by_distance<int>(farthest, [&](int distance) {
    return std::clamp(log_bucket(distance, spec.position.n_buckets, spec.position.max_distance) + span, 0,
                      2 * span - 1);
  });
  MatrixOf<S> relative = stack.relative_table;
  if (stack.relative_norm.gain.size() > 0)
    layer_norm_rows<S>(view(stack.relative_table), stack.relative_norm.gain, stack.relative_norm.bias,
                       static_cast<S>(spec.norm.epsilon), view(relative));
  const ConstViewOf<S> read = view(std::as_const(relative));
  if (spec.position.content_to_position) terms.key_table = p.position_key(read);
  if (spec.position.position_to_content) terms.query_table = p.position_query(read);
}

template <class S>
void transformer_xl(const StackSpec& spec, const AttentionParameters<S>& p, int farthest,
                    PositionTerms<S>& terms) {
  std::vector<int> distances(static_cast<std::size_t>(2 * farthest + 1));
  std::iota(distances.begin(), distances.end(), -farthest);
  const int clamp = spec.position.max_distance;
  if (clamp > 0)
    for (int& distance : distances) distance = std::clamp(distance, -clamp, clamp);
  const MatrixOf<S> sinusoids = sinusoid_table<S>(distances, spec.d_model, false);
  terms.slot = by_distance<int>(farthest, [&](int distance) { return distance + farthest; });
  terms.key_table = p.relative(view(sinusoids));
  terms.query_shift = p.position_bias - p.content_bias;
}

}  // namespace

template <class S>
PositionTerms<S> make_position_terms(const StackSpec& spec, const StackParameters<S>& parameters, int layer,
                                     const PositionPlan& plan, std::span<const int> positions) {
  const AttentionParameters<S>& p = parameters.layers[spec.parameters_of(layer)].self;
  const auto [first, last] = std::minmax_element(positions.begin(), positions.end());
  const int farthest = *last - *first;
  PositionTerms<S> terms;
  switch (plan.kind) {
    case PositionKind::alibi:
      if (spec.position.alibi_in_bfloat16)
        alibi_in_bfloat16(spec.position, *first, *last, terms);
      else
        alibi(spec.position, farthest, terms);
      break;
    case PositionKind::bucket_bias:
      bucket_bias(spec, parameters.bucket_bias, layer, farthest, terms);
      break;
    case PositionKind::relative_key:
    case PositionKind::relative_key_query:
      relative_key(spec.position, p, farthest, terms);
      break;
    case PositionKind::disentangled:
      disentangled(spec, parameters, p, farthest, terms);
      break;
    case PositionKind::transformer_xl:
      transformer_xl(spec, p, farthest, terms);
      break;
    default:
      break;  // in the embedding, or in the queries and keys themselves
  }
  // Which segment a token is in is no position: it stays when positions are off.
  if (p.segment_table.size() > 0) {
    terms.segment_table = p.segment_table;
    terms.segment_shift = p.segment_bias - p.content_bias;
  }
  return terms;
}

namespace {

// The columns of one head, or all where heads share a table.
template <class S>
ConstViewOf<S> of_head(const MatrixOf<S>& table, Index head, Index d_head) {
  return table.cols() == d_head ? view(table) : columns_of(view(table), head * d_head, d_head);
}

template <class S>
void add_segment_scores(const HeadPositions<S>& positions, ConstViewOf<S> queries, Index first_query, S scale,
                        ViewOf<S> scores) {
  const PositionTerms<S>& terms = *positions.terms;
  const auto table = of_head(terms.segment_table, positions.head, positions.d_head);
  const auto shift = terms.segment_shift.segment(positions.head * positions.d_head, positions.d_head);
  for (Index q = 0; q < queries.rows(); ++q) {
    const int segment = positions.query_segments[static_cast<std::size_t>(first_query + q)];
    const S same = scale * (queries.row(q) + shift).dot(table.row(0));
    const S other = scale * (queries.row(q) + shift).dot(table.row(1));
    for (Index k = 0; k < scores.cols(); ++k)
      scores(q, k) += positions.key_segments[static_cast<std::size_t>(k)] == segment ? same : other;
  }
}

}  // namespace

template <class S>
void HeadPositions<S>::prepare(ConstViewOf<S> keys, S scale) {
  if (empty() || (terms->key_table.size() == 0 && terms->query_table.size() == 0)) return;
  const auto [first_query, last_query] = std::minmax_element(query_positions.begin(), query_positions.end());
  const auto [first_key, last_key] = std::minmax_element(key_positions.begin(), key_positions.end());
  first_slot = terms->slot(*first_query - *last_key);  // slots grow with distance
  n_slots = terms->slot(*last_query - *first_key) - first_slot + 1;
  slot = terms->slot;
  for (int& one : slot.values) one -= static_cast<int>(first_slot);
  if (terms->query_table.size() == 0) return;
  by_key.resize(keys.rows(), n_slots);
  product_transposed<S>(keys, rows_of(of_head(terms->query_table, head, d_head), first_slot, n_slots), scale,
                        view(by_key));
}

template <class S>
void add_position_scores(const HeadPositions<S>& positions, ConstViewOf<S> queries, Index first_query,
                         S scale, ViewOf<S> scores) {
  const PositionTerms<S>& terms = *positions.terms;
  const std::span<const int> query_positions = positions.query_positions.subspan(
      static_cast<std::size_t>(first_query), static_cast<std::size_t>(queries.rows()));
  if (!terms.bias.empty())
    add_distance_bias<S>(terms.bias[static_cast<std::size_t>(positions.head)], query_positions,
                         positions.key_positions, scores);
  if (!terms.key_bias.empty()) {
    const ByDistance<S>& bias = terms.key_bias[static_cast<std::size_t>(positions.head)];
    for (Index q = 0; q < scores.rows(); ++q)
      for (Index k = 0; k < scores.cols(); ++k)
        scores(q, k) += bias(positions.key_positions[static_cast<std::size_t>(k)]);
  }
  if (terms.key_table.size() > 0) {
    MatrixOf<S> shifted = queries;
    if (terms.query_shift.size() > 0)
      shifted.rowwise() += terms.query_shift.segment(positions.head * positions.d_head, positions.d_head);
    const ConstViewOf<S> table = rows_of(of_head(terms.key_table, positions.head, positions.d_head),
                                         positions.first_slot, positions.n_slots);
    MatrixOf<S> by_query(queries.rows(), positions.n_slots);
    product_transposed<S>(view(std::as_const(shifted)), table, scale, view(by_query));
    add_by_query<S>(view(std::as_const(by_query)), positions.slot, query_positions, positions.key_positions,
                    scores);
  }
  if (positions.by_key.size() > 0)
    add_by_key<S>(view(positions.by_key), positions.slot, query_positions, positions.key_positions, scores);
  if (terms.segment_table.size() > 0 && !positions.query_segments.empty())
    add_segment_scores(positions, queries, first_query, scale, scores);
}

#define ATTN_INSTANTIATE_POSITION_TERMS(S)                                                           \
  template PositionTerms<S> make_position_terms<S>(const StackSpec&, const StackParameters<S>&, int, \
                                                   const PositionPlan&, std::span<const int>);       \
  template struct HeadPositions<S>;                                                                  \
  template void add_position_scores<S>(const HeadPositions<S>&, ConstViewOf<S>, Index, S, ViewOf<S>);
ATTN_INSTANTIATE_POSITION_TERMS(float)
ATTN_INSTANTIATE_POSITION_TERMS(double)
#undef ATTN_INSTANTIATE_POSITION_TERMS

}  // namespace attn

#include <algorithm>
#include <cassert>

#include "core/forward/layers.h"
#include "core/forward/row_blocks.h"
#include "core/forward/thumbnails.h"

// The attention sub-layers of a StackPass.

namespace attn {

namespace {

template <class S>
MatrixOf<S> stacked(ConstViewOf<S> above, const MatrixOf<S>& below) {
  MatrixOf<S> all(above.rows() + below.rows(), below.cols());
  all << above, below;
  return all;
}

}  // namespace

template <class S>
void StackPass<S>::self_attention(int layer, ConstViewOf<S> read, AttentionSteps<S>& steps) {
  const std::size_t l = static_cast<std::size_t>(layer);
  const AttentionSpec& spec = spec_.layers[l].self;
  const AttentionParameters<S>& p = layer_parameters(layer).self;
  {
    const StageClock clock(keep_.times, &StageTimes::projections);
    steps.queries = p.query(read, pool_);
    steps.keys = p.key(read, pool_);
    steps.values = p.value(read, pool_);
  }
  if (p.content_bias.size() > 0) steps.queries.rowwise() += p.content_bias;
  if (rotary_.cos.size() > 0) {
    for_row_blocks(pool_, read.rows(), [&](Index first, Index count) {
      rotate<S>(rotary_, n_past_ + first, spec.d_head, rows_of(view(steps.queries), first, count));
      rotate<S>(rotary_, n_past_ + first, spec.d_head, rows_of(view(steps.keys), first, count));
    });
  }
  const AttentionPlan& plan = plan_.layers[l].self;
  put_vectors(spec, plan, tokens(), steps);
  const PositionTerms<S> terms =
      make_position_terms<S>(spec_, parameters_, layer, plan_.position, positions_);
  if (n_past_ == 0) {
    attend(spec, plan, p, &terms, rows_, steps);
  } else {
    steps.keys = stacked(past_[l].keys, steps.keys);
    steps.values = stacked(past_[l].values, steps.values);
    BatchRows all;
    all.add(steps.keys.rows());
    attend(spec, plan, p, &terms, all, steps);
  }
  mix_out(false, layer, p, steps);
}

template <class S>
void StackPass<S>::cross_attention(int layer, ConstViewOf<S> read, AttentionSteps<S>& steps) {
  const std::size_t l = static_cast<std::size_t>(layer);
  assert(spec_.layers[l].cross && plan_.layers[l].cross);
  const AttentionParameters<S>& p = layer_parameters(layer).cross;
  {
    const StageClock clock(keep_.times, &StageTimes::projections);
    steps.queries = p.query(read, pool_);
    steps.keys = p.key(memory_, pool_);
    steps.values = p.value(memory_, pool_);
  }
  const AttentionSpec& spec = *spec_.layers[l].cross;
  const AttentionPlan& plan = *plan_.layers[l].cross;
  put_vectors(spec, plan, {*memory_rows_}, steps);
  attend(spec, plan, p, nullptr, *memory_rows_, steps);
  mix_out(true, layer, p, steps);
}

// Numbers set by hand in q, k and v. `keys`: which tokens the keys are.
template <class S>
void StackPass<S>::put_vectors(const AttentionSpec& spec, const AttentionPlan& plan, const TokensOfRows& keys,
                               AttentionSteps<S>& steps) const {
  const Index d = spec.d_head, heads_to_a_key = spec.n_heads / spec.n_kv_heads;
  put_numbers<S>(plan.numbers, NumberPlace::query, tokens(), view(steps.queries), d);
  put_numbers<S>(plan.numbers, NumberPlace::key, keys, view(steps.keys), d, heads_to_a_key);
  put_numbers<S>(plan.numbers, NumberPlace::value, keys, view(steps.values), d, heads_to_a_key);
}

// The heads' sums back to the model's width: mixed · W_Oᵀ + b.
template <class S>
void StackPass<S>::mix_out(bool cross, int layer, const AttentionParameters<S>& p, AttentionSteps<S>& steps) {
  const std::size_t l = static_cast<std::size_t>(layer);
  const AttentionSpec& spec = cross ? *spec_.layers[l].cross : spec_.layers[l].self;
  const AttentionPlan& plan = cross ? *plan_.layers[l].cross : plan_.layers[l].self;
  put_numbers<S>(plan.numbers, NumberPlace::mixed, tokens(), view(steps.mixed), spec.d_head);
  if (after_mixing_) after_mixing_(cross, layer, steps.mixed);
  const StageClock clock(keep_.times, &StageTimes::output);
  steps.out = p.output(view(std::as_const(steps.mixed)), pool_);
  put(plan.numbers, NumberPlace::attention, steps.out);
}

template <class S>
MatrixOf<S> StackPass<S>::attention_output(bool cross, int layer, MatrixOf<S> mixed) {
  AttentionSteps<S> steps;
  steps.mixed = std::move(mixed);
  mix_out(cross, layer, cross ? layer_parameters(layer).cross : layer_parameters(layer).self, steps);
  if (!plan_.layers[static_cast<std::size_t>(layer)].parts.attention) steps.out.setZero();
  return std::move(steps.out);
}

// Every head of every sequence, shared out among the threads.
template <class S>
void StackPass<S>::attend(const AttentionSpec& spec, const AttentionPlan& plan,
                          const AttentionParameters<S>& parameters, const PositionTerms<S>* terms,
                          const BatchRows& key_rows, AttentionSteps<S>& steps) {
  const StageClock clock(keep_.times, &StageTimes::attention);
  const Index n_heads = spec.n_heads;
  const Index d_head = spec.d_head;
  const Index heads_to_a_key = n_heads / spec.n_kv_heads;
  const std::size_t n = static_cast<std::size_t>(rows_.n_sequences() * n_heads);
  if (keep_.weights) steps.weights.resize(n);
  if (keep_.thumbnails) steps.thumbnails.resize(n);
  steps.mixed.resize(steps.queries.rows(), n_heads * d_head);

  parallel_for(pool_, static_cast<Index>(n), [&](Index i) {
    const Index sequence = i / n_heads;
    const Index h = i % n_heads;
    const Index q = rows_.begin(sequence), n_queries = rows_.count(sequence);
    const Index k = key_rows.begin(sequence), n_keys = key_rows.count(sequence);
    const auto block = [&](const MatrixOf<S>& all, Index first, Index count, Index column) {
      return columns_of(rows_of(view(all), first, count), column * d_head, d_head);
    };
    const auto share = [](const std::vector<int>& all, Index first, Index count) {
      return all.empty() ? std::span<const int>()
                         : std::span<const int>(all).subspan(static_cast<std::size_t>(first),
                                                             static_cast<std::size_t>(count));
    };
    HeadAtWork<S> head;
    head.spec = &spec;
    head.plan = &plan;
    head.head = static_cast<int>(h);
    point_at(head.queries, block(steps.queries, q, n_queries, h));
    point_at(head.keys, block(steps.keys, k, n_keys, h / heads_to_a_key));
    point_at(head.values, block(steps.values, k, n_keys, h / heads_to_a_key));
    if (parameters.additive.size() > 0) head.additive = parameters.additive.row(h).data();
    head.n_past = n_past_;
    if (terms && !terms->empty()) {
      HeadPositions<S>& positions = head.positions;
      positions.terms = terms;
      positions.head = h;
      positions.d_head = d_head;
      positions.query_positions = share(positions_, n_past_ + q, n_queries);
      positions.key_positions = share(positions_, k, n_keys);
      positions.query_segments = share(type_ids_, n_past_ + q, n_queries);
      positions.key_segments = share(type_ids_, k, n_keys);
      positions.prepare(head.keys, static_cast<S>(plan.scale));
    }
    work(head, keep_.weights ? &steps.weights[static_cast<std::size_t>(i)] : nullptr,
         keep_.thumbnails ? &steps.thumbnails[static_cast<std::size_t>(i)] : nullptr,
         columns_of(rows_of(view(steps.mixed), q, n_queries), h * d_head, d_head));
  });
}

// One head of one sequence: weights, and their sum of the values.
template <class S>
void StackPass<S>::work(const HeadAtWork<S>& head, MatrixOf<S>* weights, MatrixOf<S>* thumbnail,
                        ViewOf<S> mixed) const {
  const Index n_queries = head.queries.rows();
  const Index n_keys = head.keys.rows();
  MatrixOf<S> own;
  if (weights)
    weights->resize(n_queries, n_keys);
  else
    own.resize(std::min(n_queries, kQueriesAtOnce), n_keys);
  if (thumbnail) *thumbnail = empty_thumbnail<S>(n_queries, n_keys);

  for (Index first = 0; first < n_queries; first += kQueriesAtOnce) {
    const Index count = std::min(kQueriesAtOnce, n_queries - first);
    ViewOf<S> rows = weights ? rows_of(view(*weights), first, count) : rows_of(view(own), 0, count);
    const Index n_seen = head_weights<S>(head, first, rows);
    product<S>(columns_of(as_const(rows), 0, n_seen), rows_of(head.values, 0, n_seen),
               rows_of(mixed, first, count));
    if (thumbnail) pool_into_thumbnail<S>(as_const(rows), first, n_queries, *thumbnail);
  }

  const auto off = head.plan->heads_off.find(head.head);
  if (off == head.plan->heads_off.end()) return;
  if (off->second == HeadOff::zero) mixed.setZero();
  if (off->second == HeadOff::mean) mixed.rowwise() = mixed.colwise().mean().eval();
}

#define ATTN_INSTANTIATE_ATTENTION(S)                                                   \
  template void StackPass<S>::self_attention(int, ConstViewOf<S>, AttentionSteps<S>&);  \
  template void StackPass<S>::cross_attention(int, ConstViewOf<S>, AttentionSteps<S>&); \
  template MatrixOf<S> StackPass<S>::attention_output(bool, int, MatrixOf<S>);
ATTN_INSTANTIATE_ATTENTION(float)
ATTN_INSTANTIATE_ATTENTION(double)
#undef ATTN_INSTANTIATE_ATTENTION

}  // namespace attn

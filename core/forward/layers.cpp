#include "core/forward/layers.h"

#include <algorithm>
#include <cassert>

#include "core/forward/thumbnails.h"

namespace attn {

namespace {

// body(first, count) for blocks of rows, so that threads share the work on whole rows.
template <class F>
void for_row_blocks(Pool* pool, Index n_rows, F body) {
  constexpr Index kRows = 16;
  const Index n_blocks = (n_rows + kRows - 1) / kRows;
  parallel_for(pool, n_blocks,
               [&](Index block) { body(block * kRows, std::min(kRows, n_rows - block * kRows)); });
}

template <class S>
MatrixOf<S> stacked(ConstViewOf<S> above, const MatrixOf<S>& below) {
  MatrixOf<S> all(above.rows() + below.rows(), below.cols());
  all << above, below;
  return all;
}

}  // namespace

template <class S>
StackPass<S>::StackPass(const StackSpec& spec, const StackParameters<S>& parameters, const StackPlan& plan,
                        const BatchRows& rows, Keep keep, Pool* pool, std::vector<int> positions,
                        std::vector<int> type_ids)
    : spec_(spec),
      parameters_(parameters),
      plan_(plan),
      rows_(rows),
      keep_(keep),
      pool_(pool),
      positions_(std::move(positions)),
      type_ids_(std::move(type_ids)) {
  if (plan.position.kind == PositionKind::rotary) {
    const RotarySpec& rotary = spec.position.rotary;
    rotary_ = rotary_table<S>(positions_, rotary.inverse_frequencies, rotary.magnitude, rotary.interleaved);
  }
}

template <class S>
void StackPass<S>::look_at(ConstViewOf<S> memory, const BatchRows& memory_rows) {
  point_at(memory_, memory);
  memory_rows_ = &memory_rows;
}

template <class S>
void StackPass<S>::follow(Index n_past, std::vector<PastRows<S>> past) {
  assert(rows_.n_sequences() == 1);
  n_past_ = n_past;
  past_ = std::move(past);
}

template <class S>
const LayerParameters<S>& StackPass<S>::layer_parameters(int layer) const {
  const int shared = spec_.n_layer_groups > 0 ? layer * spec_.n_layer_groups / spec_.n_layers() : layer;
  return parameters_.layers[static_cast<std::size_t>(shared)];
}

template <class S>
void StackPass<S>::normalise(const NormParameters<S>& norm, ConstViewOf<S> x, ViewOf<S> out) const {
  for_row_blocks(pool_, x.rows(), [&](Index first, Index count) {
    normalise_rows(norm, rows_of(x, first, count), rows_of(out, first, count));
  });
}

template <class S>
void StackPass<S>::normalise_rows(const NormParameters<S>& norm, ConstViewOf<S> x, ViewOf<S> out) const {
  const S epsilon = static_cast<S>(spec_.norm.epsilon);
  if (spec_.norm.kind == NormKind::layer)
    layer_norm_rows<S>(x, norm.gain, norm.bias, epsilon, out);
  else
    rms_norm_rows<S>(x, norm.gain, spec_.norm.kind == NormKind::rms_offset ? S(1) : S(0), epsilon, out);
}

// One layer of the transformer (Vaswani et al. 2017, fig. 1): attention to the stack's own tokens, in a
// decoder attention to the encoder's, and a feed-forward network, each on a branch of the residual stream.
template <class S>
MatrixOf<S> StackPass<S>::run_layer(int layer, MatrixOf<S> x, LayerSteps<S>& steps) {
  steps = LayerSteps<S>();
  steps.input = std::move(x);
  return layer_of(
      layer, memory_rows_ != nullptr, steps,
      [&](ConstViewOf<S> read) { self_attention(layer, read, steps.self); },
      [&](ConstViewOf<S> read) { cross_attention(layer, read, steps.cross); });
}

template <class S>
MatrixOf<S> StackPass<S>::retrace_layer(int layer, MatrixOf<S> x, const MatrixOf<S>& self_out,
                                        const MatrixOf<S>& cross_out, LayerSteps<S>& steps) {
  assert(keep_.steps);
  steps = LayerSteps<S>();
  steps.input = std::move(x);
  return layer_of(
      layer, cross_out.size() > 0, steps, [&](ConstViewOf<S>) { steps.self.out = self_out; },
      [&](ConstViewOf<S>) { steps.cross.out = cross_out; });
}

// The branches of a layer one after the other; `self` and `cross` compute what the attentions say.
template <class S>
template <class SelfF, class CrossF>
MatrixOf<S> StackPass<S>::layer_of(int layer, bool has_cross, LayerSteps<S>& steps, SelfF self,
                                   CrossF cross) {
  if (spec_.parallel_residual) return parallel_branches(layer, steps, self);

  const LayerParameters<S>& p = layer_parameters(layer);
  const LayerParts& parts = plan_.layers[static_cast<std::size_t>(layer)].parts;

  MatrixOf<S> stream =
      branch(steps.input, {p.self_norm, p.self_post_norm}, parts.attention, parts, steps.self, self);
  if (has_cross) {
    MatrixOf<S> next = branch(stream, {p.cross_norm, no_norm_}, parts.attention, parts, steps.cross, cross);
    if (keep_.steps) steps.cross.input = std::move(stream);
    stream = std::move(next);
  }
  const bool feeds_forward = parts.feed_forward && !p.up.empty();
  MatrixOf<S> next = branch(stream, {p.ffn_norm, p.ffn_post_norm}, feeds_forward, parts, steps.feed_forward,
                            [&](ConstViewOf<S> read) { feed_forward(layer, read, steps.feed_forward); });
  if (keep_.steps) steps.feed_forward.input = std::move(stream);
  return next;
}

// x + f(norm(x)), norm(x + f(x)) or x + norm(f(norm(x))), as the spec says.
template <class S>
template <class F>
MatrixOf<S> StackPass<S>::branch(const MatrixOf<S>& x, const Norms& norms, bool on, const LayerParts& parts,
                                 BranchSteps<S>& steps, F compute) {
  MatrixOf<S>& read = keep_.steps ? steps.read : scratch_.read;
  const ConstViewOf<S> entering = enter(x, norms.norm, parts, read);
  compute(entering);
  if (!on) steps.out.setZero();
  return join(spec_.residual_from_norm ? entering : view(x), steps.out, norms, on, parts,
              keep_.steps ? &steps.sum : nullptr);
}

// What a branch reads: norm(x) where a norm comes before it (made in `normed`), otherwise x itself.
template <class S>
ConstViewOf<S> StackPass<S>::enter(const MatrixOf<S>& x, const NormParameters<S>& norm,
                                   const LayerParts& parts, MatrixOf<S>& normed) const {
  if (!parts.norm || spec_.norm_place == NormPlace::after || norm.gain.size() == 0) return view(x);
  normed.resize(x.rows(), x.cols());
  normalise(norm, view(x), view(normed));
  return view(std::as_const(normed));
}

// A branch's result back to the stream. A branch that is off leaves the stream as it was, but for a norm
// after it.
template <class S>
MatrixOf<S> StackPass<S>::join(ConstViewOf<S> x, const MatrixOf<S>& out, const Norms& norms, bool on,
                               const LayerParts& parts, MatrixOf<S>* sum) const {
  const bool norm_branch =
      on && parts.norm && spec_.norm_place == NormPlace::both && norms.post_norm.gain.size() > 0;
  const bool norm_stream = parts.norm && spec_.norm_place == NormPlace::after && norms.norm.gain.size() > 0;
  const bool add = !on || parts.residual;
  MatrixOf<S> stream(out.rows(), out.cols());
  if (sum && norm_stream) sum->resize(out.rows(), out.cols());
  for_row_blocks(pool_, out.rows(), [&](Index first, Index count) {
    ViewOf<S> rows = rows_of(view(stream), first, count);
    const ConstViewOf<S> from = rows_of(view(out), first, count);
    if (norm_branch)
      normalise_rows(norms.post_norm, from, rows);
    else
      rows = from;
    if (add) rows += rows_of(x, first, count);
    if (!norm_stream) return;
    if (sum) sum->middleRows(first, count) = rows;
    normalise_rows(norms.norm, as_const(rows), rows);
  });
  return stream;
}

// x + attention(norm(x)) + ffn(norm(x)): both branches read the stream that enters (GPT-J, NeoX, Phi,
// Falcon).
template <class S>
template <class SelfF>
MatrixOf<S> StackPass<S>::parallel_branches(int layer, LayerSteps<S>& steps, SelfF self) {
  const LayerParameters<S>& p = layer_parameters(layer);
  const LayerParts& parts = plan_.layers[static_cast<std::size_t>(layer)].parts;
  const MatrixOf<S>& x = steps.input;
  self(enter(x, p.self_norm, parts, keep_.steps ? steps.self.read : scratch_.read));
  feed_forward(layer,
               enter(x, spec_.shared_norm ? p.self_norm : p.ffn_norm, parts,
                     keep_.steps ? steps.feed_forward.read : scratch_.read),
               steps.feed_forward);

  if (!parts.attention) steps.self.out.setZero();
  MatrixOf<S> stream = steps.self.out + steps.feed_forward.out;
  const bool all_off = !parts.attention && !parts.feed_forward;
  if (parts.residual || all_off) stream += x;
  return stream;
}

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
  const PositionTerms<S> terms =
      make_position_terms<S>(spec_, parameters_, layer, plan_.position, positions_);
  if (n_past_ == 0) {
    attend(spec, plan_.layers[l].self, p, &terms, rows_, steps);
  } else {
    steps.keys = stacked(past_[l].keys, steps.keys);
    steps.values = stacked(past_[l].values, steps.values);
    BatchRows all;
    all.add(steps.keys.rows());
    attend(spec, plan_.layers[l].self, p, &terms, all, steps);
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
  attend(*spec_.layers[l].cross, *plan_.layers[l].cross, p, nullptr, *memory_rows_, steps);
  mix_out(true, layer, p, steps);
}

// The heads' sums back to the model's width: mixed · W_Oᵀ + b.
template <class S>
void StackPass<S>::mix_out(bool cross, int layer, const AttentionParameters<S>& p, AttentionSteps<S>& steps) {
  if (after_mixing_) after_mixing_(cross, layer, steps.mixed);
  const StageClock clock(keep_.times, &StageTimes::output);
  steps.out = p.output(view(std::as_const(steps.mixed)), pool_);
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
    head_weights<S>(head, first, rows);
    product<S>(as_const(rows), head.values, rows_of(mixed, first, count));
    if (thumbnail) pool_into_thumbnail<S>(as_const(rows), first, n_queries, *thumbnail);
  }

  const auto off = head.plan->heads_off.find(head.head);
  if (off == head.plan->heads_off.end()) return;
  if (off->second == HeadOff::zero) mixed.setZero();
  if (off->second == HeadOff::mean) mixed.rowwise() = mixed.colwise().mean().eval();
}

// W_down act(W_up x), or gated: W_down (act(W_gate x) * W_up x).
template <class S>
void StackPass<S>::feed_forward(int layer, ConstViewOf<S> read, FeedForwardSteps<S>& steps) {
  const bool absent = layer_parameters(layer).up.empty();
  if (absent || !plan_.layers[static_cast<std::size_t>(layer)].parts.feed_forward) {
    steps.out = MatrixOf<S>::Zero(read.rows(), spec_.d_model);
    return;
  }
  const StageClock clock(keep_.times, &StageTimes::feed_forward);
  const MatrixOf<S>& hidden = activations(layer, read, keep_.steps ? steps : scratch_);
  steps.out = layer_parameters(layer).down(view(hidden), pool_);
}

// act(W_up x), or act(W_gate x) * W_up x. Where steps are kept they are kept apart, otherwise one buffer
// does.
template <class S>
const MatrixOf<S>& StackPass<S>::activations(int layer, ConstViewOf<S> read,
                                             FeedForwardSteps<S>& steps) const {
  const FeedForwardSpec& spec = spec_.layers[static_cast<std::size_t>(layer)].feed_forward;
  const LayerParameters<S>& p = layer_parameters(layer);
  steps.up.resize(read.rows(), p.up.outputs());
  if (!spec.gated && !keep_.steps) {
    p.up.apply_activated(read, spec.activation, view(steps.up), pool_);
    return steps.up;
  }
  p.up.apply(read, view(steps.up), pool_);
  if (spec.gated) {
    steps.gate.resize(read.rows(), p.gate.outputs());
    p.gate.apply(read, view(steps.gate), pool_);
  }
  MatrixOf<S>& before = spec.gated ? steps.gate : steps.up;
  if (keep_.steps) steps.hidden = before;
  MatrixOf<S>& hidden = keep_.steps ? steps.hidden : before;
  for_row_blocks(pool_, read.rows(), [&](Index first, Index count) {
    activate<S>(spec.activation, rows_of(view(hidden), first, count));
    if (spec.gated) hidden.middleRows(first, count).array() *= steps.up.middleRows(first, count).array();
  });
  return hidden;
}

template <class S>
MatrixOf<S> StackPass<S>::feed_forward_activations(int layer, const MatrixOf<S>& input,
                                                   const MatrixOf<S>& self_out,
                                                   const MatrixOf<S>& cross_out) const {
  const LayerParameters<S>& p = layer_parameters(layer);
  const LayerParts& parts = plan_.layers[static_cast<std::size_t>(layer)].parts;
  MatrixOf<S> stream = input, normed;
  const auto join_attention = [&](const MatrixOf<S>& out, const Norms& norms) {
    const ConstViewOf<S> entering =
        spec_.residual_from_norm ? enter(stream, norms.norm, parts, normed) : view(std::as_const(stream));
    stream = join(entering, out, norms, parts.attention, parts, nullptr);
  };
  if (!spec_.parallel_residual) {
    join_attention(self_out, {p.self_norm, p.self_post_norm});
    if (cross_out.size() > 0) join_attention(cross_out, {p.cross_norm, no_norm_});
  }
  const bool reads_shared = spec_.parallel_residual && spec_.shared_norm;
  FeedForwardSteps<S> steps;
  return activations(layer, enter(stream, reads_shared ? p.self_norm : p.ffn_norm, parts, normed), steps);
}

template <class S>
MatrixOf<S> StackPass<S>::final_norm(ConstViewOf<S> x) const {
  MatrixOf<S> out = x;
  if (spec_.final_norm) normalise(parameters_.final_norm, x, view(out));
  if (!parameters_.output_projection.empty())
    out = parameters_.output_projection(view(std::as_const(out)), pool_);
  return out;
}

template class StackPass<float>;
template class StackPass<double>;

}  // namespace attn

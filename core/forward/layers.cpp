#include "core/forward/layers.h"

#include <cassert>

#include "core/forward/row_blocks.h"

namespace attn {

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
  return parameters_.layers[spec_.parameters_of(layer)];
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
  MatrixOf<S> next = layer_of(
      layer, memory_rows_ != nullptr, steps,
      [&](ConstViewOf<S> read) { self_attention(layer, read, steps.self); },
      [&](ConstViewOf<S> read) { cross_attention(layer, read, steps.cross); });
  put(plan_.layers[static_cast<std::size_t>(layer)].numbers, NumberPlace::stream, next);
  return next;
}

template <class S>
MatrixOf<S> StackPass<S>::retrace_layer(int layer, MatrixOf<S> x, const MatrixOf<S>& self_out,
                                        const MatrixOf<S>& cross_out, LayerSteps<S>& steps) {
  assert(keep_.steps);
  steps = LayerSteps<S>();
  steps.input = std::move(x);
  MatrixOf<S> next = layer_of(
      layer, cross_out.size() > 0, steps, [&](ConstViewOf<S>) { steps.self.out = self_out; },
      [&](ConstViewOf<S>) { steps.cross.out = cross_out; });
  put(plan_.layers[static_cast<std::size_t>(layer)].numbers, NumberPlace::stream, next);
  return next;
}

template <class S>
void StackPass<S>::put(std::span<const OverwrittenNumber> numbers, NumberPlace place, MatrixOf<S>& x) const {
  put_numbers<S>(numbers, place, tokens(), view(x));
}

// The branches of a layer one after the other; `self` and `cross` compute what the attentions say.
template <class S>
template <class SelfF, class CrossF>
MatrixOf<S> StackPass<S>::layer_of(int layer, bool has_cross, LayerSteps<S>& steps, SelfF self,
                                   CrossF cross) {
  if (spec_.parallel_residual) return parallel_branches(layer, steps, self);

  const LayerParts& parts = plan_.layers[static_cast<std::size_t>(layer)].parts;
  MatrixOf<S> stream =
      run_branch(steps.input, attention_branch(layer, false), parts.attention, parts, steps.self, self);
  if (has_cross) {
    MatrixOf<S> next =
        run_branch(stream, attention_branch(layer, true), parts.attention, parts, steps.cross, cross);
    if (keep_.steps) steps.cross.input = std::move(stream);
    stream = std::move(next);
  }
  const bool feeds_forward = parts.feed_forward && !layer_parameters(layer).up.empty();
  MatrixOf<S> next = run_branch(stream, feed_forward_branch(layer), feeds_forward, parts, steps.feed_forward,
                                [&](ConstViewOf<S> read) { feed_forward(layer, read, steps.feed_forward); });
  if (keep_.steps) steps.feed_forward.input = std::move(stream);
  return next;
}

template <class S>
typename StackPass<S>::Branch StackPass<S>::attention_branch(int layer, bool cross) const {
  const LayerParameters<S>& p = layer_parameters(layer);
  const LayerPlan& plan = plan_.layers[static_cast<std::size_t>(layer)];
  return {cross ? p.cross_norm : p.self_norm,
          cross ? no_norm_ : p.self_post_norm,
          cross ? plan.cross->numbers : plan.self.numbers,
          NumberPlace::attention_norm,
          NumberPlace::attention_post_norm,
          NumberPlace::attention_sum};
}

template <class S>
typename StackPass<S>::Branch StackPass<S>::feed_forward_branch(int layer) const {
  const LayerParameters<S>& p = layer_parameters(layer);
  return {p.ffn_norm,
          p.ffn_post_norm,
          plan_.layers[static_cast<std::size_t>(layer)].numbers,
          NumberPlace::feed_forward_norm,
          NumberPlace::feed_forward_post_norm,
          NumberPlace::feed_forward_sum};
}

// x + f(norm(x)), norm(x + f(x)) or x + norm(f(norm(x))), as the spec says.
template <class S>
template <class F>
MatrixOf<S> StackPass<S>::run_branch(const MatrixOf<S>& x, const Branch& branch, bool on,
                                     const LayerParts& parts, BranchSteps<S>& steps, F compute) {
  MatrixOf<S>& read = keep_.steps ? steps.read : scratch_.read;
  const ConstViewOf<S> entering = enter(x, branch, parts, read);
  compute(entering);
  if (!on) steps.out.setZero();
  return join(spec_.residual_from_norm ? entering : view(x), steps.out, branch, on, parts,
              keep_.steps ? &steps : nullptr);
}

// What a branch reads: norm(x) where a norm comes before it (made in `normed`), otherwise x itself.
template <class S>
ConstViewOf<S> StackPass<S>::enter(const MatrixOf<S>& x, const Branch& branch, const LayerParts& parts,
                                   MatrixOf<S>& normed) const {
  if (!parts.norm || spec_.norm_place == NormPlace::after || branch.norm.gain.size() == 0) return view(x);
  normed.resize(x.rows(), x.cols());
  normalise(branch.norm, view(x), view(normed));
  put(branch.by_hand, branch.at_norm, normed);
  return view(std::as_const(normed));
}

// A branch's result back to the stream. A branch that is off leaves the stream as it was, but for a norm
// after it. kept: where to keep what is made on the way; null: nowhere.
template <class S>
MatrixOf<S> StackPass<S>::join(ConstViewOf<S> x, const MatrixOf<S>& out, const Branch& branch, bool on,
                               const LayerParts& parts, BranchSteps<S>* kept) const {
  const bool norm_branch =
      on && parts.norm && spec_.norm_place == NormPlace::both && branch.post_norm.gain.size() > 0;
  const bool norm_stream = parts.norm && spec_.norm_place == NormPlace::after && branch.norm.gain.size() > 0;
  const bool add = !on || parts.residual;
  MatrixOf<S> stream(out.rows(), out.cols());
  if (kept && norm_branch) kept->normed.resize(out.rows(), out.cols());
  if (kept && norm_stream) kept->sum.resize(out.rows(), out.cols());
  for_row_blocks(pool_, out.rows(), [&](Index first, Index count) {
    ViewOf<S> rows = rows_of(view(stream), first, count);
    const ConstViewOf<S> from = rows_of(view(out), first, count);
    const auto set_by_hand = [&](NumberPlace place) {
      put_numbers_in_block<S>(branch.by_hand, place, tokens(), first, rows);
    };
    if (norm_branch) {
      normalise_rows(branch.post_norm, from, rows);
      set_by_hand(branch.at_post_norm);
      if (kept) kept->normed.middleRows(first, count) = rows;
    } else {
      rows = from;
    }
    if (add) rows += rows_of(x, first, count);
    set_by_hand(branch.at_sum);
    if (!norm_stream) return;
    if (kept) kept->sum.middleRows(first, count) = rows;
    normalise_rows(branch.norm, as_const(rows), rows);
    set_by_hand(branch.at_norm);
  });
  return stream;
}

// x + attention(norm(x)) + ffn(norm(x)): both branches read the stream that enters (GPT-J, NeoX, Phi,
// Falcon).
template <class S>
template <class SelfF>
MatrixOf<S> StackPass<S>::parallel_branches(int layer, LayerSteps<S>& steps, SelfF self) {
  const LayerParts& parts = plan_.layers[static_cast<std::size_t>(layer)].parts;
  const MatrixOf<S>& x = steps.input;
  const Branch attention = attention_branch(layer, false);
  self(enter(x, attention, parts, keep_.steps ? steps.self.read : scratch_.read));
  feed_forward(layer,
               enter(x, spec_.shared_norm ? attention : feed_forward_branch(layer), parts,
                     keep_.steps ? steps.feed_forward.read : scratch_.read),
               steps.feed_forward);

  if (!parts.attention) steps.self.out.setZero();
  MatrixOf<S> stream = steps.self.out + steps.feed_forward.out;
  const bool all_off = !parts.attention && !parts.feed_forward;
  if (parts.residual || all_off) stream += x;
  return stream;
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
  put(plan_.layers[static_cast<std::size_t>(layer)].numbers, NumberPlace::feed_forward, steps.out);
}

// act(W_up x), or act(W_gate x) * W_up x. Where steps are kept they are kept apart, otherwise one buffer
// does.
template <class S>
const MatrixOf<S>& StackPass<S>::activations(int layer, ConstViewOf<S> read,
                                             FeedForwardSteps<S>& steps) const {
  const FeedForwardSpec& spec = spec_.layers[static_cast<std::size_t>(layer)].feed_forward;
  const LayerParameters<S>& p = layer_parameters(layer);
  const std::vector<OverwrittenNumber>& by_hand = plan_.layers[static_cast<std::size_t>(layer)].numbers;
  steps.up.resize(read.rows(), p.up.outputs());
  if (!spec.gated && !keep_.steps) {
    p.up.apply_activated(read, spec.activation, view(steps.up), pool_);
    put(by_hand, NumberPlace::activation, steps.up);
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
  put(by_hand, NumberPlace::activation, hidden);
  return hidden;
}

template <class S>
MatrixOf<S> StackPass<S>::feed_forward_activations(int layer, const MatrixOf<S>& input,
                                                   const MatrixOf<S>& self_out,
                                                   const MatrixOf<S>& cross_out) const {
  const LayerParts& parts = plan_.layers[static_cast<std::size_t>(layer)].parts;
  MatrixOf<S> stream = input, normed;
  const auto join_attention = [&](const MatrixOf<S>& out, bool cross) {
    const Branch branch = attention_branch(layer, cross);
    const ConstViewOf<S> entering =
        spec_.residual_from_norm ? enter(stream, branch, parts, normed) : view(std::as_const(stream));
    stream = join(entering, out, branch, parts.attention, parts, nullptr);
  };
  if (!spec_.parallel_residual) {
    join_attention(self_out, false);
    if (cross_out.size() > 0) join_attention(cross_out, true);
  }
  const bool reads_shared = spec_.parallel_residual && spec_.shared_norm;
  FeedForwardSteps<S> steps;
  return activations(layer,
                     enter(stream, reads_shared ? attention_branch(layer, false) : feed_forward_branch(layer),
                           parts, normed),
                     steps);
}

template <class S>
MatrixOf<S> StackPass<S>::final_norm(ConstViewOf<S> x) const {
  MatrixOf<S> out = x;
  if (spec_.final_norm) {
    normalise(parameters_.final_norm, x, view(out));
    put(plan_.numbers, NumberPlace::final_norm, out);
  }
  if (!parameters_.output_projection.empty())
    out = parameters_.output_projection(view(std::as_const(out)), pool_);
  return out;
}

template class StackPass<float>;
template class StackPass<double>;

}  // namespace attn

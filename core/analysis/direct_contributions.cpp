#include <cmath>

#include "core/analysis/lens.h"
#include "core/analysis/output_stack.h"
#include "core/analysis/parameters_of.h"
#include "core/forward/plan.h"
#include "core/forward/retrace.h"
#include "core/math/rows.h"
#include "core/math/worded_error.h"

namespace attn {

namespace {

void refuse_crooked_ways(const Model& model, const StackSpec& spec) {
  if (spec.residual_from_norm)
    throw WordedError(worded("contributions.normed_stream",
                             "What heads add does not add up in this model: its residual stream is normed. "
                             "Look at what happens when a head is switched off instead."));
  if (model.spec.output_soft_cap > 0)
    throw WordedError(worded("contributions.soft_cap",
                             "What heads add does not add up in this model: it caps its logits. Look at what "
                             "happens when a head is switched off instead."));
}

// The residual stream at one token as the sum of its parts, [parts, D]. The last row has what belongs to no
// part of the model that looks or thinks: biases. Every step keeps the sum of the rows equal to what the pass
// computed.
class Parts {
 public:
  Parts(Index n_parts, Index width) : rows_(Matrix::Zero(n_parts + 1, width)) {}

  Eigen::Ref<Row, 0, Eigen::InnerStride<>> row(Index part) { return rows_.row(part); }
  Eigen::Ref<Row, 0, Eigen::InnerStride<>> biases() { return rows_.row(rows_.rows() - 1); }
  Row sum() const { return rows_.colwise().sum(); }
  const Matrix& rows() const { return rows_; }
  void clear() { rows_.setZero(); }
  void add(const Parts& other) { rows_ += other.rows_; }

  // A norm whose scale stays what it was for the whole: linear in the parts.
  void freeze(const NormSpec& spec, const NormParameters<float>& norm) {
    if (norm.gain.size() == 0 || spec.kind == NormKind::none) return;
    if (spec.kind == NormKind::layer) rows_.colwise() -= rows_.rowwise().mean().eval();
    const Row x = sum();
    const auto scale =
        static_cast<float>(1 / std::sqrt(x.squaredNorm() / static_cast<float>(x.size()) + spec.epsilon));
    Row gain = norm.gain * scale;
    if (spec.kind == NormKind::rms_offset) gain.array() += scale;
    rows_.array().rowwise() *= gain.array();
    if (spec.kind == NormKind::layer && norm.bias.size() > 0) biases() += norm.bias;
  }

  void apply(const Linear<float>& map, Pool* pool) {
    const Matrix out = map(view(std::as_const(rows_)), pool);
    rows_ = out;
    if (map.bias().size() == 0) return;  // each row has it now: it is a part of its own, and counts once
    rows_.topRows(rows_.rows() - 1).rowwise() -= map.bias();
  }

  // An activation whose slope from 0, f(x) / x, stays what it was for the whole.
  void freeze(Activation activation) {
    const Matrix x = sum();
    Matrix f = x;
    activate<float>(activation, view(f));
    for (Index i = 0; i < x.cols(); ++i) {
      if (x(0, i) != 0)
        rows_.col(i) *= f(0, i) / x(0, i);
      else
        rows_(rows_.rows() - 1, i) += f(0, i);
    }
  }

 private:
  Matrix rows_;
};

// Follows one token through a stack, from the embedding to the logits.
class Way {
 public:
  Way(const Trace& trace, int token)
      : trace_(trace),
        token_(token),
        model_(word_model_of(trace)),
        stack_(output_stack(model_)),
        layers_(finished_stack(trace, stack_, token)),
        spec_(stack_spec(model_, stack_)),
        plan_(plan_pass(model_.spec, trace.interventions)),
        heads_(heads()),
        stream_(1 + static_cast<Index>(heads_.size() + layers_.layers.size()), spec_.d_model) {}

  DirectContributions add_up(int target, int distractor, Pool* pool);

 private:
  std::vector<HeadId> heads() const;
  const LayerRecord& record(int l) const { return *layers_.layers[static_cast<std::size_t>(l)]; }
  Index row_of_ffn(int l) const { return 1 + static_cast<Index>(heads_.size()) + l; }
  Parts attention(Stack stack, int layer, const Row& out);
  void join(Parts branch, const NormParameters<float>& norm, const NormParameters<float>& post_norm, bool on,
            const LayerParts& parts);
  void pass_layer(int l);
  void pass_output(Pool* pool);
  void meet(const Matrix& recorded);

  const Trace& trace_;
  const int token_;
  const Model& model_;
  const Stack stack_;
  const StackTrace& layers_;
  const StackSpec& spec_;
  const PassPlan plan_;
  const std::vector<HeadId> heads_;  // in the order of their rows, from row 1
  Parts stream_;
};

std::vector<HeadId> Way::heads() const {
  std::vector<HeadId> all;
  for (int l = 0; l < static_cast<int>(layers_.layers.size()); ++l)
    for (const Stack stack : {stack_, Stack::cross}) {
      const auto& attention = stack == Stack::cross ? record(l).cross : record(l).self;
      if (!attention) continue;
      for (int h = 0; h < attention_spec(model_, stack, l).n_heads; ++h) all.push_back({stack, l, h});
    }
  return all;
}

// What each head of a layer added to its output, and what the output's bias did.
Parts Way::attention(Stack stack, int layer, const Row& out) {
  Parts branch(stream_.rows().rows() - 1, spec_.d_model);
  const AttentionSpec& spec = attention_spec(model_, stack, layer);
  const Linear<float>& output = attention_parameters(model_, stack, layer).output;
  Row sum = Row::Zero(spec_.d_model);
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    const HeadId& id = heads_[i];
    if (id.stack != stack || id.layer != layer) continue;
    const Index first = id.head * spec.d_head;
    const Row mixed = trace_.attention(stack, layer)->mixed.row(token_).segment(first, spec.d_head);
    const Row part = mixed * output.weight_columns(first, spec.d_head).transpose();
    branch.row(1 + static_cast<Index>(i)) = part;
    sum += part;
  }
  branch.biases() = out - sum;
  return branch;
}

// Back to the stream, as StackPass::join does it.
void Way::join(Parts branch, const NormParameters<float>& norm, const NormParameters<float>& post_norm,
               bool on, const LayerParts& parts) {
  if (on && parts.norm && spec_.norm_place == NormPlace::both) branch.freeze(spec_.norm, post_norm);
  if (on && !parts.residual) stream_.clear();
  if (on) stream_.add(branch);
  if (parts.norm && spec_.norm_place == NormPlace::after) stream_.freeze(spec_.norm, norm);
}

// Numbers of the stream that were set by hand belong to no part.
void Way::meet(const Matrix& recorded) {
  if (!trace_.interventions.numbers.empty()) stream_.biases() += recorded.row(token_) - stream_.sum();
}

void Way::pass_layer(int l) {
  const LayerParameters<float>& p = layer_parameters(model_, stack_, l);
  const StackPlan& plan = stack_ == Stack::encoder ? *plan_.encoder : *plan_.decoder;
  const LayerParts& parts = plan.layers[static_cast<std::size_t>(l)].parts;
  meet(record(l).input);
  const BranchOutputs said = branch_outputs(trace_, stack_, l, token_);
  join(attention(stack_, l, said.self), p.self_norm, p.self_post_norm, parts.attention, parts);
  if (record(l).cross) join(attention(Stack::cross, l, said.cross), p.cross_norm, {}, parts.attention, parts);
  Parts network(stream_.rows().rows() - 1, spec_.d_model);
  if (said.feed_forward.size() > 0) network.row(row_of_ffn(l)) = said.feed_forward;
  join(std::move(network), p.ffn_norm, p.ffn_post_norm, parts.feed_forward && !p.up.empty(), parts);
}

void Way::pass_output(Pool* pool) {
  const StackParameters<float>& parameters = stack_parameters(model_, stack_);
  if (layers_.before_norm.size() > 0) meet(layers_.before_norm);
  if (spec_.final_norm) stream_.freeze(spec_.norm, parameters.final_norm);
  if (!parameters.output_projection.empty()) stream_.apply(parameters.output_projection, pool);
  if (layers_.before_norm.size() == 0) meet(layers_.output);
  const OutputParameters<float>& output = model_.parameters.output;
  if (!output.transform.empty()) {
    stream_.apply(output.transform, pool);
    stream_.freeze(output.transform_activation);
  }
  stream_.freeze(model_.spec.output_norm, output.transform_norm);
}

DirectContributions Way::add_up(int target, int distractor, Pool* pool) {
  refuse_crooked_ways(model_, spec_);
  stream_.row(0) = layers_.layers[0]->input.row(token_);
  for (int l = 0; l < static_cast<int>(layers_.layers.size()); ++l) pass_layer(l);
  pass_output(pool);
  stream_.apply(model_.parameters.output.project, pool);

  const Matrix& logits = stream_.rows();
  const auto value = [&](Index part) {
    return model_.spec.output_scale * static_cast<double>(logits(part, target) - logits(part, distractor));
  };
  DirectContributions out;
  out.embedding = value(0);
  for (std::size_t i = 0; i < heads_.size(); ++i)
    out.heads.push_back({heads_[i], value(1 + static_cast<Index>(i))});
  for (int l = 0; l < static_cast<int>(layers_.layers.size()); ++l) out.ffn.push_back(value(row_of_ffn(l)));
  out.biases = value(logits.rows() - 1);
  out.total = out.embedding + out.biases;
  for (const DirectContributions::OfHead& head : out.heads) out.total += head.value;
  for (const double ffn : out.ffn) out.total += ffn;
  return out;
}

}  // namespace

DirectContributions direct_contributions(const Trace& trace, int token, int target, int distractor,
                                         Pool* pool) {
  for (const int id : {target, distractor})
    if (id < 0 || id >= word_model_of(trace).parameters.output.project.outputs())
      throw Error("There is no word " + std::to_string(id) + " in the vocabulary of " +
                  std::to_string(word_model_of(trace).parameters.output.project.outputs()) + ".");
  return Way(trace, token).add_up(target, distractor, pool);
}

}  // namespace attn

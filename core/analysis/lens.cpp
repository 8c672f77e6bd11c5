#include "core/analysis/lens.h"

#include <cmath>

#include "core/analysis/parameters_of.h"
#include "core/forward/output.h"
#include "core/math/error.h"
#include "core/math/rows.h"

namespace attn {

namespace {

// The stack whose hidden states the output head reads.
Stack output_stack(const Model& model) {
  return model.spec.decoder ? Stack::decoder : Stack::encoder;
}

const Model& word_model_of(const Trace& trace) {
  const Model& model = model_of(trace);
  if (model.spec.output != OutputKind::masked_words && model.spec.output != OutputKind::next_words)
    throw Error("This model predicts no words, so there are no logits to look at in its layers.");
  return model;
}

const StackTrace& finished_stack(const Trace& trace, Stack stack, int token) {
  const StackTrace& layers = stack == Stack::encoder ? trace.encoder : trace.decoder;
  if (layers.layers.empty() || layers.output.size() == 0)
    throw Error("The pass is not finished: its last hidden states are not there yet.");
  if (token < 0 || token >= layers.output.rows())
    throw Error("There is no token " + std::to_string(token) + ": the text has " +
                std::to_string(layers.output.rows()) + ", counted from 0.");
  return layers;
}

void apply_norm(const NormSpec& spec, const NormParameters<float>& parameters, Matrix& rows) {
  const auto epsilon = static_cast<float>(spec.epsilon);
  const View out = view(rows);
  if (parameters.gain.size() == 0) return;
  if (spec.kind == NormKind::layer)
    layer_norm_rows<float>(as_const(out), parameters.gain, parameters.bias, epsilon, out);
  else if (spec.kind != NormKind::none)
    rms_norm_rows<float>(as_const(out), parameters.gain, spec.kind == NormKind::rms_offset ? 1.0f : 0.0f,
                         epsilon, out);
}

const StackParameters<float>& stack_parameters(const Model& model, Stack stack) {
  return stack == Stack::encoder ? model.parameters.encoder : model.parameters.decoder;
}

}  // namespace

Matrix logit_lens(const Trace& trace, int token, Pool* pool) {
  const Model& model = word_model_of(trace);
  const Stack stack = output_stack(model);
  const StackTrace& layers = finished_stack(trace, stack, token);
  const StackParameters<float>& parameters = stack_parameters(model, stack);
  const auto n_layers = static_cast<Index>(layers.layers.size());

  Matrix inner(n_layers, layers.layers[0]->input.cols());
  for (Index l = 0; l < n_layers; ++l)
    inner.row(l) = layers.layers[static_cast<std::size_t>(l)]->input.row(token);
  const StackSpec& spec = stack_spec(model, stack);
  if (spec.final_norm) apply_norm(spec.norm, parameters.final_norm, inner);
  if (!parameters.output_projection.empty())
    inner = parameters.output_projection(view(std::as_const(inner)), pool);

  Matrix hidden(n_layers + 1, layers.output.cols());
  hidden << inner, layers.output.row(token);
  return apply_output<float>(model.spec, model.parameters.output, view(std::as_const(hidden)), pool);
}

namespace {

void refuse_crooked_ways(const Model& model, const StackSpec& spec,
                         const StackParameters<float>& parameters) {
  const auto refuse = [](const std::string& part) {
    throw Error("Direct contributions need a straight way from the heads to the logits; in this model " +
                part + " in the way. Look at what happens when a head is switched off instead.");
  };
  if (spec.norm_place != NormPlace::before || !spec.final_norm) refuse("a norm behind each branch stands");
  if (spec.residual_from_norm) refuse("a residual stream that is normed stands");
  if (!model.parameters.output.transform.empty()) refuse("a layer of the output head stands");
  if (!parameters.output_projection.empty()) refuse("a projection behind the final norm stands");
  if (model.spec.output_soft_cap > 0) refuse("a soft cap on the logits stands");
}

// A layer's rows at one token, gathered with a name for each.
struct Parts {
  std::vector<Row> rows;
  Row sum;
  void add(const Row& row) {
    rows.push_back(row);
    sum = sum.size() == 0 ? row : Row(sum + row);
  }
};

// One head's part of its layer's output at one token.
Row head_part(const Trace& trace, const Model& model, const HeadId& id, int token) {
  const AttentionSpec& spec = attention_spec(model, id.stack, id.layer);
  const Linear<float>& output = attention_parameters(model, id.stack, id.layer).output;
  const Row mixed =
      trace.attention(id.stack, id.layer)->mixed.row(token).segment(id.head * spec.d_head, spec.d_head);
  return mixed * output.weight_columns(id.head * spec.d_head, spec.d_head).transpose();
}

}  // namespace

DirectContributions direct_contributions(const Trace& trace, int token, int target, int distractor,
                                         Pool* pool) {
  const Model& model = word_model_of(trace);
  const Stack stack = output_stack(model);
  const StackTrace& layers = finished_stack(trace, stack, token);
  const StackSpec& spec = stack_spec(model, stack);
  const StackParameters<float>& parameters = stack_parameters(model, stack);
  refuse_crooked_ways(model, spec, parameters);
  for (const int id : {target, distractor})
    if (id < 0 || id >= model.parameters.output.project.outputs())
      throw Error("There is no word " + std::to_string(id) + " in the vocabulary of " +
                  std::to_string(model.parameters.output.project.outputs()) + ".");

  DirectContributions out;
  Parts parts;
  parts.add(layers.layers[0]->input.row(token));
  Row biases = Row::Zero(parts.sum.size());
  const auto add_heads = [&](Stack attention, int layer, const Matrix& branch) {
    if (branch.size() == 0) return;
    Row heads = Row::Zero(parts.sum.size());
    for (int h = 0; h < attention_spec(model, attention, layer).n_heads; ++h) {
      const Row part = head_part(trace, model, {attention, layer, h}, token);
      out.heads.push_back({{attention, layer, h}, 0});
      parts.add(part);
      heads += part;
    }
    biases += branch.row(token) - heads;
  };
  for (int l = 0; l < static_cast<int>(layers.layers.size()); ++l) {
    const LayerRecord& record = *layers.layers[static_cast<std::size_t>(l)];
    add_heads(stack, l, record.self_out);
    if (record.cross) add_heads(Stack::cross, l, record.cross_out);
  }
  for (const auto& record : layers.layers)
    parts.add(record->ffn_out.size() > 0 ? Row(record->ffn_out.row(token))
                                         : Row(Row::Zero(parts.sum.size())));
  parts.add(biases);

  // The final norm with its scale frozen is linear in its parts.
  const bool centred = spec.norm.kind == NormKind::layer;
  const Row x = centred ? Row(parts.sum.array() - parts.sum.mean()) : parts.sum;
  const auto scale =
      static_cast<float>(1 / std::sqrt(x.squaredNorm() / static_cast<float>(x.size()) + spec.norm.epsilon));
  Row gain = parameters.final_norm.gain;
  if (spec.norm.kind == NormKind::rms_offset) gain.array() += 1.0f;
  const auto n_parts = static_cast<Index>(parts.rows.size());
  Matrix normed(n_parts + 1, x.size());
  for (Index p = 0; p < n_parts; ++p) {
    const Row& part = parts.rows[static_cast<std::size_t>(p)];
    const Row shifted = centred ? Row(part.array() - part.mean()) : part;
    normed.row(p) = (scale * shifted).cwiseProduct(gain);
  }
  if (centred && parameters.final_norm.bias.size() > 0)
    normed.row(n_parts) = parameters.final_norm.bias;
  else
    normed.row(n_parts).setZero();

  const Linear<float>& project = model.parameters.output.project;
  const Matrix logits = project(view(std::as_const(normed)), pool);
  // Each row has the projection's own bias once: it is a part of the model, and counts once.
  const double own_bias =
      project.bias().size() > 0 ? project.bias()(target) - project.bias()(distractor) : 0.0f;
  const auto value = [&](Index p) {
    return model.spec.output_scale * (logits(p, target) - logits(p, distractor) - own_bias);
  };
  Index p = 0;
  out.embedding = value(p++);
  for (DirectContributions::OfHead& head : out.heads) head.value = value(p++);
  for (std::size_t l = 0; l < layers.layers.size(); ++l) out.ffn.push_back(value(p++));
  out.biases = value(p) + value(p + 1) + model.spec.output_scale * own_bias;
  out.total = out.embedding + out.biases;
  for (const DirectContributions::OfHead& head : out.heads) out.total += head.value;
  for (const double ffn : out.ffn) out.total += ffn;
  return out;
}

}  // namespace attn

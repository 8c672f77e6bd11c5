#include "core/training/weights.h"

#include <cmath>

#include "core/math/error.h"

namespace attn {

namespace {

void refuse(bool wrong, const std::string& what) {
  if (wrong) throw Error("Models with " + what + " cannot be trained here; they can be looked at.");
}

void check_stack(const StackSpec& stack) {
  refuse(stack.norm_place == NormPlace::both, "norms on both sides of a layer");
  refuse(stack.parallel_residual, "attention and feed-forward side by side");
  refuse(stack.n_layer_groups > 0, "layers that share parameters");
  refuse(stack.norm.kind == NormKind::rms_offset, "offset norms");
  const PositionKind kind = stack.position.kind;
  refuse(kind != PositionKind::none && kind != PositionKind::learned && kind != PositionKind::sinusoidal &&
             kind != PositionKind::rotary,
         "this positional encoding");
  for (const LayerSpec& layer : stack.layers)
    refuse(layer.self.soft_cap > 0 || layer.self.window > 0, "windows or soft caps");
}

template <class S>
NormWeights<S> norm_weights(const NormSpec& spec, int d) {
  NormWeights<S> norm;
  if (spec.kind == NormKind::none) return norm;
  norm.gain = RowOf<S>::Zero(d);
  if (spec.kind == NormKind::layer) norm.bias = RowOf<S>::Zero(d);
  return norm;
}

template <class S>
DenseWeights<S> dense_weights(int outputs, int inputs, bool bias) {
  return {MatrixOf<S>::Zero(outputs, inputs), bias ? RowOf<S>(RowOf<S>::Zero(outputs)) : RowOf<S>()};
}

template <class S>
AttentionWeights<S> attention_weights(const AttentionSpec& spec, int d_model, bool bias) {
  const int q = spec.n_heads * spec.d_head, kv = spec.n_kv_heads * spec.d_head;
  AttentionWeights<S> attention;
  attention.query = dense_weights<S>(q, d_model, bias);
  attention.key = dense_weights<S>(kv, d_model, bias);
  attention.value = dense_weights<S>(kv, d_model, bias);
  attention.output = dense_weights<S>(d_model, q, bias);
  if (spec.scoring == Scoring::additive) attention.additive = MatrixOf<S>::Zero(spec.n_heads, spec.d_head);
  return attention;
}

template <class S>
StackWeights<S> stack_weights(const StackSpec& spec) {
  check_stack(spec);
  const int d = spec.d_model;
  const bool bias = spec.norm.kind != NormKind::rms;  // Llama's way: RMSNorm and no biases
  StackWeights<S> stack;
  if (spec.position.kind == PositionKind::learned)
    stack.position_table = MatrixOf<S>::Zero(spec.position.n_positions + spec.position.offset, d);
  if (spec.embedding_norm) stack.embedding_norm = norm_weights<S>(spec.norm, d);
  if (spec.final_norm) stack.final_norm = norm_weights<S>(spec.norm, d);
  for (const LayerSpec& layer : spec.layers) {
    LayerWeights<S> parts;
    parts.self_norm = norm_weights<S>(spec.norm, d);
    parts.self = attention_weights<S>(layer.self, d, bias);
    if (layer.cross) {
      parts.cross_norm = norm_weights<S>(spec.norm, d);
      parts.cross = attention_weights<S>(*layer.cross, d, bias);
    }
    parts.ffn_norm = norm_weights<S>(spec.norm, d);
    if (const int d_ff = layer.feed_forward.d_ff; d_ff > 0) {
      parts.up = dense_weights<S>(d_ff, d, bias);
      if (layer.feed_forward.gated) parts.gate = dense_weights<S>(d_ff, d, bias);
      parts.down = dense_weights<S>(d, d_ff, bias);
    }
    stack.layers.push_back(std::move(parts));
  }
  return stack;
}

template <class S>
NormParameters<S> packed(const NormWeights<S>& norm) {
  return {norm.gain, norm.bias};
}

template <class S>
Linear<S> packed(const DenseWeights<S>& dense) {
  return dense.weight.size() == 0 ? Linear<S>() : Linear<S>::from_matrix(dense.weight, dense.bias);
}

template <class S>
AttentionParameters<S> packed(const AttentionWeights<S>& attention) {
  AttentionParameters<S> out;
  out.query = packed(attention.query);
  out.key = packed(attention.key);
  out.value = packed(attention.value);
  out.output = packed(attention.output);
  out.additive = attention.additive;
  return out;
}

template <class S>
StackParameters<S> packed(const StackWeights<S>& stack) {
  StackParameters<S> out;
  out.position_table = stack.position_table;
  out.embedding_norm = packed(stack.embedding_norm);
  out.final_norm = packed(stack.final_norm);
  for (const LayerWeights<S>& layer : stack.layers) {
    LayerParameters<S> parts;
    parts.self_norm = packed(layer.self_norm);
    parts.self = packed(layer.self);
    parts.cross_norm = packed(layer.cross_norm);
    parts.cross = packed(layer.cross);
    parts.ffn_norm = packed(layer.ffn_norm);
    parts.up = packed(layer.up);
    parts.gate = packed(layer.gate);
    parts.down = packed(layer.down);
    out.layers.push_back(std::move(parts));
  }
  return out;
}

}  // namespace

template <class S>
Weights<S> zero_weights(const ModelSpec& spec) {
  const StackSpec& stack = spec.text_stack();
  const int d = stack.d_model, n_vocab = spec.embedding.n_vocab;
  refuse(spec.target_embedding.has_value(), "two vocabularies");
  Weights<S> weights;
  weights.words = MatrixOf<S>::Zero(n_vocab, d);
  if (spec.embedding.n_token_types > 0)
    weights.token_types = MatrixOf<S>::Zero(spec.embedding.n_token_types, d);
  if (spec.encoder) weights.encoder = stack_weights<S>(*spec.encoder);
  if (spec.decoder) weights.decoder = stack_weights<S>(*spec.decoder);
  switch (spec.output) {
    case OutputKind::masked_words:  // BERT's head
      weights.transform = dense_weights<S>(d, d, true);
      weights.transform_norm = norm_weights<S>(stack.norm, d);
      weights.transform_activation = stack.layers.front().feed_forward.activation;
      weights.project.bias = RowOf<S>::Zero(n_vocab);
      break;
    case OutputKind::next_words:
      if (spec.is_encoder_decoder()) weights.project.bias = RowOf<S>::Zero(n_vocab);
      if (!spec.embedding.tied_output) weights.project.weight = MatrixOf<S>::Zero(n_vocab, d);
      break;
    case OutputKind::token_label:
    case OutputKind::sequence_label:
      weights.project = dense_weights<S>(spec.n_labels, d, true);
      break;
    default:
      refuse(true, "this kind of output");
  }
  return weights;
}

template <class S>
Weights<S> fresh_weights(const ModelSpec& spec, Random random) {
  Weights<S> weights = zero_weights<S>(spec);
  visit(weights, [&](const std::string& name, auto& values, bool decays) {
    if (values.size() == 0) return;
    if (name.ends_with("norm.weight")) {
      values.setOnes();
    } else if (decays) {
      const bool table = name == "words" || name == "token_types" || name.ends_with(".positions");
      S spread = table ? S(0.1) : S(1) / std::sqrt(static_cast<S>(values.cols()));
      // Where no norm follows a branch, it begins as a whisper: else it drowns the words in the residual
      // stream.
      const bool leaves_a_branch = name.ends_with(".output.weight") || name.ends_with(".down.weight");
      if (leaves_a_branch && spec.text_stack().norm_place == NormPlace::before) spread *= S(0.1);
      for (Index i = 0; i < values.size(); ++i) values.data()[i] = spread * static_cast<S>(random.normal());
    }
  });
  return weights;
}

template <class S>
ParametersOf<S> pack(const Weights<S>& weights, const ModelSpec& spec) {
  ParametersOf<S> out;
  out.embedding.words = weights.words;
  out.embedding.token_types = weights.token_types;
  if (spec.encoder) out.encoder = packed(weights.encoder);
  if (spec.decoder) out.decoder = packed(weights.decoder);
  out.output.transform = packed(weights.transform);
  out.output.transform_activation = weights.transform_activation;
  out.output.transform_norm = packed(weights.transform_norm);
  out.output.project = Linear<S>::from_matrix(
      weights.project.weight.size() > 0 ? weights.project.weight : weights.words, weights.project.bias);
  return out;
}

namespace {

NormWeights<float> unpacked(const NormParameters<float>& norm) {
  return {norm.gain, norm.bias};
}

DenseWeights<float> unpacked(const Linear<float>& linear) {
  return linear.empty() ? DenseWeights<float>() : DenseWeights<float>{linear.weight(), linear.bias()};
}

AttentionWeights<float> unpacked(const AttentionParameters<float>& attention) {
  return {unpacked(attention.query), unpacked(attention.key), unpacked(attention.value),
          unpacked(attention.output), attention.additive};
}

StackWeights<float> unpacked(const StackParameters<float>& stack) {
  StackWeights<float> out;
  out.position_table = stack.position_table;
  out.embedding_norm = unpacked(stack.embedding_norm);
  out.final_norm = unpacked(stack.final_norm);
  for (const LayerParameters<float>& layer : stack.layers)
    out.layers.push_back({unpacked(layer.self_norm), unpacked(layer.cross_norm), unpacked(layer.ffn_norm),
                          unpacked(layer.self), unpacked(layer.cross), unpacked(layer.up),
                          unpacked(layer.gate), unpacked(layer.down)});
  return out;
}

}  // namespace

Weights<float> unpack(const Model& model) {
  const ParametersOf<float>& p = model.parameters;
  Weights<float> weights;
  weights.words = p.embedding.words;
  weights.token_types = p.embedding.token_types;
  weights.encoder = unpacked(p.encoder);
  weights.decoder = unpacked(p.decoder);
  weights.transform = unpacked(p.output.transform);
  weights.transform_activation = p.output.transform_activation;
  weights.transform_norm = unpacked(p.output.transform_norm);
  weights.project = unpacked(p.output.project);
  if (model.spec.embedding.tied_output && weights.project.weight.rows() == weights.words.rows())
    weights.project.weight.resize(0, 0);
  return weights;
}

std::size_t count(const Weights<float>& weights) {
  std::size_t n = 0;
  visit(weights,
        [&](const std::string&, const auto& values, bool) { n += static_cast<std::size_t>(values.size()); });
  return n;
}

template Weights<float> zero_weights<float>(const ModelSpec&);
template Weights<double> zero_weights<double>(const ModelSpec&);
template Weights<float> fresh_weights<float>(const ModelSpec&, Random);
template Weights<double> fresh_weights<double>(const ModelSpec&, Random);
template ParametersOf<float> pack<float>(const Weights<float>&, const ModelSpec&);
template ParametersOf<double> pack<double>(const Weights<double>&, const ModelSpec&);

}  // namespace attn

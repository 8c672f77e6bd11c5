// Models trained here that are made as no published architecture is: any positions, norms, mask and scoring
// together (core/training/hugging_face_layout.cpp writes them). The tensors have the names of
// core/training/weights.h.
#include <array>
#include <cmath>

#include "core/model/families/common.h"

namespace attn {

namespace {

template <class T, std::size_t N>
T one_of(const Config& config, const char* field, const std::array<std::pair<const char*, T>, N>& names) {
  const std::string found = config.text({field});
  std::string known;
  for (const auto& [name, value] : names) {
    if (found == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  config.refuse("has '" + std::string(field) + "' = '" + found.substr(0, 60) + "'; one of " + known +
                " was expected.");
}

PositionSpec positions_of(const Config& config, int d_head) {
  static constexpr std::array<std::pair<const char*, PositionKind>, 4> kKinds = {
      {{"learned", PositionKind::learned},
       {"sinusoidal", PositionKind::sinusoidal},
       {"rotary", PositionKind::rotary},
       {"none", PositionKind::none}}};
  const PositionKind kind = one_of(config, "position_embedding_type", kKinds);
  PositionSpec position =
      kind == PositionKind::rotary ? rotary_positions(config, d_head / 2 * 2) : PositionSpec();
  position.kind = kind;
  position.n_positions = config.size({"max_position_embeddings"});
  return position;
}

LayerSpec layer_of(const Config& config, int d_model) {
  const int n_heads = config.size({"num_attention_heads"}), d_head = width_of_heads(config, d_model, n_heads);
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, d_head, config.flag({"causal"}, false));
  if (!config.flag({"scaled"}, true)) layer.self.scale = 1;
  static constexpr std::array<std::pair<const char*, Scoring>, 2> kScorings = {
      {{"dot_product", Scoring::dot_product}, {"additive", Scoring::additive}}};
  layer.self.scoring = one_of(config, "scoring", kScorings);
  layer.feed_forward = {config.count({"intermediate_size"}, 0), activation_of(config, {"hidden_act"}, "relu"),
                        config.flag({"gated"}, false)};
  return layer;
}

void place_norm(const Section& at, const std::string& name, const NormSpec& spec, Index width,
                NormParameters<float>& slot) {
  if (spec.kind != NormKind::none)
    at.norm(slot, name, width, spec.kind == NormKind::layer ? Bias::required : Bias::none);
}

void place_layer(const Section& at, const StackSpec& stack, const LayerSpec& spec,
                 LayerParameters<float>& slots) {
  const Index d = stack.d_model, d_ff = spec.feed_forward.d_ff;
  const Bias bias = stack.norm.kind == NormKind::rms ? Bias::none : Bias::required;
  at.linear(slots.self.query, "self.query", d, d, bias);
  at.linear(slots.self.key, "self.key", d, d, bias);
  at.linear(slots.self.value, "self.value", d, d, bias);
  at.linear(slots.self.output, "self.output", d, d, bias);
  if (spec.self.scoring == Scoring::additive)
    at.matrix(slots.self.additive, "self.additive", spec.self.n_heads, spec.self.d_head);
  place_norm(at, "self_norm", stack.norm, d, slots.self_norm);
  place_norm(at, "ffn_norm", stack.norm, d, slots.ffn_norm);
  if (d_ff == 0) return;
  at.linear(slots.up, "up", d_ff, d, bias);
  if (spec.feed_forward.gated) at.linear(slots.gate, "gate", d_ff, d, bias);
  at.linear(slots.down, "down", d, d_ff, bias);
}

}  // namespace

ModelSpec attnlab_spec(const Config& config) {
  static constexpr std::array<std::pair<const char*, NormKind>, 3> kNorms = {
      {{"layer", NormKind::layer}, {"rms", NormKind::rms}, {"none", NormKind::none}}};
  static constexpr std::array<std::pair<const char*, NormPlace>, 2> kPlaces = {
      {{"before", NormPlace::before}, {"after", NormPlace::after}}};
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const LayerSpec layer = layer_of(config, stack.d_model);
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {one_of(config, "norm", kNorms), config.number({"norm_eps"})};
  stack.norm_place = one_of(config, "norm_place", kPlaces);
  stack.embedding_norm = config.flag({"embedding_norm"}, false);
  stack.final_norm = config.flag({"final_norm"}, false);
  stack.position = positions_of(config, layer.self.d_head);
  ModelSpec spec;
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.n_token_types = config.count({"type_vocab_size"}, 0);
  spec.output = output_of(architecture_of(config), OutputKind::masked_words);
  spec.output_norm = stack.norm;
  if (spec.output != OutputKind::masked_words && spec.output != OutputKind::next_words)
    config.refuse("asks for '" + architecture_of(config) +
                  "'; AttnlabForMaskedLM and AttnlabForCausalLM are supported.");
  (config.flag({"is_decoder"}, false) ? spec.decoder : spec.encoder) = std::move(stack);
  return spec;
}

void place_attnlab(const Config&, const Section& root, Model& model) {
  const ModelSpec& spec = model.spec;
  const StackSpec& stack = spec.text_stack();
  const Section at = root.at(spec.encoder ? "encoder" : "decoder");
  StackParameters<float>& slots = spec.encoder ? model.parameters.encoder : model.parameters.decoder;
  const Index d = stack.d_model, n_vocab = spec.embedding.n_vocab;
  root.matrix(model.parameters.embedding.words, "words", n_vocab, d);
  if (spec.embedding.n_token_types > 0)
    root.matrix(model.parameters.embedding.token_types, "token_types", spec.embedding.n_token_types, d);
  if (stack.position.kind == PositionKind::learned)
    at.matrix(slots.position_table, "positions", stack.position.n_positions, d);
  if (stack.embedding_norm) place_norm(at, "embedding_norm", stack.norm, d, slots.embedding_norm);
  if (stack.final_norm) place_norm(at, "final_norm", stack.norm, d, slots.final_norm);
  slots.layers.resize(stack.layers.size());
  for (std::size_t l = 0; l < stack.layers.size(); ++l)
    place_layer(root.at(spec.encoder ? "encoder" : "decoder", static_cast<int>(l)), stack, stack.layers[l],
                slots.layers[l]);

  OutputParameters<float>& output = model.parameters.output;
  std::optional<MatrixSource> bias;
  if (spec.output == OutputKind::masked_words) {
    root.linear(output.transform, "transform", d, d);
    output.transform_activation = stack.layers.front().feed_forward.activation;
    place_norm(root, "transform_norm", spec.output_norm, d, output.transform_norm);
    bias = root.source("project.bias", {n_vocab});
  }
  place_word_output(root, "project", root.source("words", {n_vocab, d}), true, bias, model);
}

}  // namespace attn

// DeBERTa v2 and v3 (He et al. 2021): content and position attend to each other.
#include <algorithm>
#include <cmath>

#include "core/model/families/bert_like.h"

namespace attn {

namespace {

// "pos_att_type": ["c2p", "p2c"], or "c2p|p2c" in older configs.
bool attends(const Config& config, const std::string& type) {
  if (!config.json().contains("pos_att_type")) config.assume("pos_att_type", "none");
  if (!config.has({"pos_att_type"})) return false;
  const nlohmann::json& value = config.json()["pos_att_type"];
  if (value.is_string()) return value.get<std::string>().find(type) != std::string::npos;
  const std::vector<std::string> types = config.texts({"pos_att_type"});
  return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

ModelSpec deberta_v2_spec(const Config& config) {
  ModelSpec spec = bert_like_spec(config);
  if (!spec.encoder) config.refuse("has 'is_decoder', which this family does not know.");
  StackSpec& stack = *spec.encoder;
  if (config.integer({"conv_kernel_size"}, 0) > 0)
    config.refuse("config.deberta_convolution",
                  "has 'conv_kernel_size': the convolution of DeBERTa-v2-xlarge is not supported.");
  AttentionSpec attention = stack.layers.front().self;
  if (config.integer({"attention_head_size"}, attention.d_head) != attention.d_head)
    config.refuse(
        "has an 'attention_head_size' that is not hidden_size / num_attention_heads, which is not "
        "supported.");
  stack.norm.epsilon = config.epsilon({"layer_norm_eps"}, Assumed{1e-7});
  spec.output_norm = stack.norm;
  const bool c2p = attends(config, "c2p"), p2c = attends(config, "p2c");
  for (LayerSpec& layer : stack.layers)
    layer.self.scale = 1.0 / std::sqrt(static_cast<double>(attention.d_head) * (1 + c2p + p2c));

  const int n_positions = config.size({"max_position_embeddings"}, 512);
  const bool table = config.flag({"position_biased_input"}, true);
  PositionSpec position;
  position.n_positions = n_positions;
  position.kind = table ? PositionKind::learned : PositionKind::none;
  if (config.flag({"relative_attention"}, Assumed{false})) {
    position.kind = PositionKind::disentangled;
    position.also_learned = table;
    position.content_to_position = c2p;
    position.position_to_content = p2c;
    const int buckets = config.integer({"position_buckets"}, -1);
    const int farthest = config.integer({"max_relative_positions"}, -1);
    position.n_buckets = buckets > 0 ? config.size({"position_buckets"}) : 0;
    position.max_distance = farthest > 0 ? config.size({"max_relative_positions"}) : n_positions;
  }
  stack.position = position;
  spec.embedding.n_token_types = config.count({"type_vocab_size"}, 0);
  spec.embedding.d_embedding = config.size({"embedding_size"}, stack.d_model);
  spec.embedding.project_before_norm = true;
  return spec;
}

namespace {

void place_layers(const Config& config, const Section& encoder, const StackSpec& stack,
                  StackParameters<float>& slots) {
  const Index d = stack.d_model, d_ff = stack.layers.front().feed_forward.d_ff;
  const bool relative = stack.position.kind == PositionKind::disentangled;
  const bool shared_keys = config.flag({"share_att_key"}, false);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = encoder.at("layer", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    AttentionParameters<float>& self = layer.self;
    at.linear(self.query, "attention.self.query_proj", d, d);
    at.linear(self.key, "attention.self.key_proj", d, d);
    at.linear(self.value, "attention.self.value_proj", d, d);
    at.linear(self.output, "attention.output.dense", d, d);
    at.norm(layer.self_norm, "attention.output.LayerNorm", d);
    at.linear(layer.up, "intermediate.dense", d_ff, d);
    at.linear(layer.down, "output.dense", d, d_ff);
    at.norm(layer.ffn_norm, "output.LayerNorm", d);
    if (!relative) continue;
    if (shared_keys) {  // the relative embedding goes through the content's own projections
      at.plan().afterwards(&self, [&self] {
        self.position_query = self.query;
        self.position_key = self.key;
      });
    } else {
      if (stack.position.content_to_position)
        at.linear(self.position_key, "attention.self.pos_key_proj", d, d);
      if (stack.position.position_to_content)
        at.linear(self.position_query, "attention.self.pos_query_proj", d, d);
    }
  }
  if (!relative) return;
  const Index span = stack.position.n_buckets > 0 ? stack.position.n_buckets : stack.position.max_distance;
  encoder.matrix(slots.relative_table, "rel_embeddings.weight", 2 * span, d);
  if (config.text({"norm_rel_ebd"}, Assumed<std::string>{"none"}).find("layer_norm") != std::string::npos)
    encoder.norm(slots.relative_norm, "LayerNorm", d);
}

}  // namespace

void place_deberta_v2(const Config& config, const Section& root, Model& model) {
  const Section deberta = root.under({"deberta.", ""}, "embeddings.word_embeddings.weight");
  ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.encoder;
  const Index d = stack.d_model, width = spec.embedding.d_embedding, n_vocab = spec.embedding.n_vocab;
  EmbeddingParameters<float>& embedding = model.parameters.embedding;
  StackParameters<float>& slots = model.parameters.encoder;
  const Section embeddings = deberta.at("embeddings");
  embeddings.matrix(embedding.words, "word_embeddings.weight", n_vocab, width);
  if (spec.embedding.n_token_types > 0)
    embeddings.matrix(embedding.token_types, "token_type_embeddings.weight", spec.embedding.n_token_types,
                      width);
  if (stack.position.also_learned || stack.position.kind == PositionKind::learned)
    embeddings.matrix(slots.position_table, "position_embeddings.weight", stack.position.n_positions, width);
  if (width != d)
    embeddings.plan().linear(embedding.projection, embeddings.source("embed_proj.weight", {d, width}),
                             std::nullopt);
  embeddings.norm(slots.embedding_norm, "LayerNorm", d);
  place_layers(config, deberta.at("encoder"), stack, slots);

  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::masked_words) {
    const Section head = root.at("cls.predictions");
    if (!head_is_there(head, {"transform.dense.weight", "bias", "decoder.bias"}, model)) return;
    head.linear(output.transform, "transform.dense", width, d);
    output.transform_activation = activation_of(config, {"hidden_act"}, "gelu");
    head.norm(output.transform_norm, "transform.LayerNorm", width);
    place_word_output(head, "decoder", embeddings.source("word_embeddings.weight", {n_vocab, width}),
                      spec.embedding.tied_output,
                      head.source(head.has("bias") ? "bias" : "decoder.bias", {n_vocab}), model);
  } else if (spec.output == OutputKind::sequence_label) {
    if (!head_is_there(root, {"classifier.weight"}, model)) return;
    const Index pooled = config.size({"pooler_hidden_size"}, stack.d_model);
    root.linear(output.transform, "pooler.dense", pooled, pooled);
    output.transform_activation = activation_of(config, {"pooler_hidden_act"}, "gelu");
    root.linear(output.project, "classifier", spec.n_labels, pooled);
  } else {
    place_pooler_head(root, "", d, model);
  }
}

}  // namespace attn

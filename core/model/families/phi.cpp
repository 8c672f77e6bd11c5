// Phi-1 to Phi-2 (Gunasekar et al. 2023): attention and feed-forward side by side after one norm, rotary
// positions in a part of each head.
#include "core/model/families/common.h"

namespace attn {

ModelSpec phi_spec(const Config& config) {
  if (config.flag({"qk_layernorm"}, false))
    config.refuse("config.query_key_norms",
                  "has 'qk_layernorm': norms of queries and keys are not supported.");
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  const int n_kv_heads = config.size({"num_key_value_heads"}, n_heads);
  if (n_kv_heads > n_heads || n_heads % n_kv_heads != 0)
    config.refuse("config.kv_heads", "has {field} that do not divide its heads.",
                  {{"field", "'num_key_value_heads'"}});
  LayerSpec layer;
  layer.self =
      dot_product_attention(n_heads, n_kv_heads, width_of_heads(config, stack.d_model, n_heads), true);
  layer.feed_forward.d_ff = config.size({"intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"hidden_act"}, "gelu_new");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_eps"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.parallel_residual = true;
  stack.shared_norm = true;
  stack.final_norm = true;
  stack.position = rotary_positions(config, static_cast<int>(layer.self.d_head * rotary_share(config, 0.5)));
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, false);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

void place_phi(const Config&, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const AttentionSpec& attention = stack.layers.front().self;
  const Section phi = root.under({"model.", ""}, "embed_tokens.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  const Index kv_width = Index{attention.n_kv_heads} * attention.d_head;
  StackParameters<float>& slots = model.parameters.decoder;
  phi.matrix(model.parameters.embedding.words, "embed_tokens.weight", n_vocab, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = phi.at("layers", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "input_layernorm", d);
    at.linear(layer.self.query, "self_attn.q_proj", d, d);
    at.linear(layer.self.key, "self_attn.k_proj", kv_width, d);
    at.linear(layer.self.value, "self_attn.v_proj", kv_width, d);
    at.linear(layer.self.output, "self_attn.dense", d, d);
    at.linear(layer.up, "mlp.fc1", d_ff, d);
    at.linear(layer.down, "mlp.fc2", d, d_ff);
  }
  phi.norm(slots.final_norm, "final_layernorm", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  std::optional<MatrixSource> bias;
  if (root.has("lm_head.bias")) bias = root.source("lm_head.bias", {n_vocab});
  place_word_output(root, "lm_head", phi.source("embed_tokens.weight", {n_vocab, d}),
                    model.spec.embedding.tied_output, bias, model);
}

}  // namespace attn

// GPT-NeoX (Black et al. 2022) and Pythia: rotary positions in a part of each head, q, k and v interleaved by
// head, attention and feed-forward side by side (or not: use_parallel_residual).
#include "core/model/families/common.h"

namespace attn {

ModelSpec gpt_neox_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), true);
  layer.feed_forward.d_ff = config.size({"intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"hidden_act"}, "gelu");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_eps"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.parallel_residual = config.flag({"use_parallel_residual"}, true);
  stack.final_norm = true;
  const int n_rotated = static_cast<int>(layer.self.d_head * rotary_share(config, 0.25));
  stack.position = rotary_positions(config, n_rotated, {"rotary_emb_base", "rope_theta"});
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, false);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

void place_gpt_neox(const Config& config, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const Section neox = root.under({"gpt_neox.", ""}, "embed_in.weight");
  const bool bias = config.flag({"attention_bias"}, true);
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  StackParameters<float>& slots = model.parameters.decoder;
  neox.matrix(model.parameters.embedding.words, "embed_in.weight", n_vocab, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = neox.at("layers", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "input_layernorm", d);
    place_interleaved_qkv(at, "attention.query_key_value", stack.layers.front().self, d, bias, layer.self);
    at.linear(layer.self.output, "attention.dense", d, d, bias ? Bias::required : Bias::none);
    at.norm(layer.ffn_norm, "post_attention_layernorm", d);
    at.linear(layer.up, "mlp.dense_h_to_4h", d_ff, d);
    at.linear(layer.down, "mlp.dense_4h_to_h", d, d_ff);
  }
  neox.norm(slots.final_norm, "final_layer_norm", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "embed_out", neox.source("embed_in.weight", {n_vocab, d}),
                    model.spec.embedding.tied_output, std::nullopt, model);
}

}  // namespace attn

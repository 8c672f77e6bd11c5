// BLOOM (Scao et al. 2022): ALiBi, a norm after the embedding, q, k and v interleaved by head.
#include "core/model/families/common.h"

namespace attn {

ModelSpec bloom_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size", "n_embed"});
  const int n_heads = config.size({"n_head", "num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), true);
  layer.feed_forward.d_ff = 4 * stack.d_model;
  layer.feed_forward.activation = Activation::gelu_tanh;
  stack.layers = equal_layers(config, config.size({"n_layer", "num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_epsilon"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.residual_from_norm = config.flag({"apply_residual_connection_post_layernorm"}, false);
  stack.embedding_norm = true;
  stack.final_norm = true;
  stack.position.kind = PositionKind::alibi;
  stack.position.alibi_slopes = alibi_slopes(n_heads);
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

void place_bloom(const Config&, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const Section bloom = root.under({"transformer.", ""}, "word_embeddings.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  StackParameters<float>& slots = model.parameters.decoder;
  bloom.matrix(model.parameters.embedding.words, "word_embeddings.weight", n_vocab, d);
  bloom.norm(slots.embedding_norm, "word_embeddings_layernorm", d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = bloom.at("h", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "input_layernorm", d);
    place_interleaved_qkv(at, "self_attention.query_key_value", stack.layers.front().self, d, true,
                          layer.self);
    at.linear(layer.self.output, "self_attention.dense", d, d);
    at.norm(layer.ffn_norm, "post_attention_layernorm", d);
    at.linear(layer.up, "mlp.dense_h_to_4h", 4 * d, d);
    at.linear(layer.down, "mlp.dense_4h_to_h", d, 4 * d);
  }
  bloom.norm(slots.final_norm, "ln_f", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", bloom.source("word_embeddings.weight", {n_vocab, d}),
                    model.spec.embedding.tied_output, std::nullopt, model);
}

}  // namespace attn

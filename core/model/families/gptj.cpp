// GPT-J (Wang & Komatsuzaki 2021): attention and feed-forward side by side after one norm; rotary pairs
// (2i, 2i + 1).
#include "core/model/families/common.h"

namespace attn {

ModelSpec gptj_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"n_embd", "hidden_size"});
  const int n_heads = config.size({"n_head", "num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), true);
  layer.feed_forward.d_ff = config.size({"n_inner"}, 4 * stack.d_model);
  layer.feed_forward.activation = activation_of(config, {"activation_function"}, "gelu_new");
  stack.layers = equal_layers(config, config.size({"n_layer", "num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_epsilon"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.parallel_residual = true;
  stack.shared_norm = true;
  stack.final_norm = true;
  const int n_rotated = config.size({"rotary_dim"});
  if (n_rotated > layer.self.d_head) config.refuse("has a 'rotary_dim' wider than a head.");
  stack.position = rotary_positions(config, n_rotated, {});
  stack.position.rotary.interleaved = true;
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, false);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

void place_gptj(const Config&, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const Section gpt = root.under({"transformer.", ""}, "wte.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  StackParameters<float>& slots = model.parameters.decoder;
  gpt.matrix(model.parameters.embedding.words, "wte.weight", n_vocab, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = gpt.at("h", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "ln_1", d);
    at.linear(layer.self.query, "attn.q_proj", d, d, Bias::none);
    at.linear(layer.self.key, "attn.k_proj", d, d, Bias::none);
    at.linear(layer.self.value, "attn.v_proj", d, d, Bias::none);
    at.linear(layer.self.output, "attn.out_proj", d, d, Bias::none);
    at.linear(layer.up, "mlp.fc_in", d_ff, d);
    at.linear(layer.down, "mlp.fc_out", d, d_ff);
  }
  gpt.norm(slots.final_norm, "ln_f", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  std::optional<MatrixSource> bias;
  if (root.has("lm_head.bias")) bias = root.source("lm_head.bias", {n_vocab});
  place_word_output(root, "lm_head", gpt.source("wte.weight", {n_vocab, d}), model.spec.embedding.tied_output,
                    bias, model);
}

}  // namespace attn

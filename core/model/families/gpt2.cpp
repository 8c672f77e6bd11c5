// GPT-2 (Radford et al. 2019). Its matrices are Conv1D: stored [inputs, outputs].
#include "core/model/families/common.h"

namespace attn {

ModelSpec gpt2_spec(const Config& config) {
  if (config.flag({"add_cross_attention"}, false))
    config.refuse("config.cross_gpt2", "asks for cross attention in GPT-2, which is not supported.");
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"n_embd", "hidden_size"});
  const int n_heads = config.size({"n_head", "num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), true);
  if (!config.flag({"scale_attn_weights"}, true)) layer.self.scale = 1.0;
  layer.feed_forward.d_ff = config.size({"n_inner"}, 4 * stack.d_model);
  layer.feed_forward.activation = activation_of(config, {"activation_function"}, "gelu_new");
  stack.layers = equal_layers(config, config.size({"n_layer", "num_hidden_layers"}), layer);
  if (config.flag({"scale_attn_by_inverse_layer_idx"}, false))
    for (int l = 0; l < stack.n_layers(); ++l) stack.layers[static_cast<std::size_t>(l)].self.scale /= l + 1;
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_epsilon"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.final_norm = true;
  stack.position.kind = PositionKind::learned;
  stack.position.n_positions = config.size({"n_positions", "max_position_embeddings", "n_ctx"}, 1024);
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

namespace {

// name.weight [inputs, outputs] and name.bias [outputs], of which the outputs [first, first + count).
void place_conv1d(const Section& at, const std::string& name, Index inputs, Index outputs, Index first,
                  Index count, Linear<float>& slot, const std::string& meaning = "") {
  const MatrixSource weight = at.source(name + ".weight", {inputs, outputs}, meaning).transposed();
  const MatrixSource bias = at.source(name + ".bias", {outputs}, meaning);
  at.plan().linear(slot, weight.rows_from(first, count), bias.rows_from(first, count));
}

}  // namespace

void place_gpt2(const Config&, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const Section gpt = root.under({"transformer.", ""}, "wte.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  StackParameters<float>& slots = model.parameters.decoder;
  gpt.matrix(model.parameters.embedding.words, "wte.weight", n_vocab, d);
  gpt.matrix(slots.position_table, "wpe.weight", stack.position.n_positions, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = gpt.at("h", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    const Index d_ff = stack.layers.front().feed_forward.d_ff;
    at.norm(layer.self_norm, "ln_1", d);
    place_conv1d(at, "attn.c_attn", d, 3 * d, 0, d, layer.self.query, "3 × d_model");
    place_conv1d(at, "attn.c_attn", d, 3 * d, d, d, layer.self.key, "3 × d_model");
    place_conv1d(at, "attn.c_attn", d, 3 * d, 2 * d, d, layer.self.value, "3 × d_model");
    place_conv1d(at, "attn.c_proj", d, d, 0, d, layer.self.output);
    at.norm(layer.ffn_norm, "ln_2", d);
    place_conv1d(at, "mlp.c_fc", d, d_ff, 0, d_ff, layer.up);
    place_conv1d(at, "mlp.c_proj", d_ff, d, 0, d, layer.down);
  }
  gpt.norm(slots.final_norm, "ln_f", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", gpt.source("wte.weight", {n_vocab, d}), model.spec.embedding.tied_output,
                    std::nullopt, model);
}

}  // namespace attn

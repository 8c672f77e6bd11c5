#include "core/model/families/bart_like.h"

namespace attn {

StackSpec bart_like_stack(const Config& config, const std::string& side, bool causal, bool cross) {
  StackSpec stack;
  stack.d_model = config.size({"d_model", "hidden_size"});
  const int n_heads = config.size({(side + "_attention_heads").c_str()});
  LayerSpec layer;
  layer.self =
      dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), causal);
  if (cross) {
    layer.cross = layer.self;
    layer.cross->causal = false;
  }
  layer.feed_forward.d_ff = config.size({(side + "_ffn_dim").c_str()});
  layer.feed_forward.activation = activation_of(config, {"activation_function"}, "gelu");
  stack.layers = equal_layers(config, config.size({(side + "_layers").c_str()}), layer);
  stack.norm = {NormKind::layer, 1e-5};
  return stack;
}

namespace {

void place_attention(const Section& at, const AttentionSpec& spec, Index d, Bias bias, Bias key_bias,
                     AttentionParameters<float>& slots) {
  const Index width = Index{spec.n_heads} * spec.d_head;
  at.linear(slots.query, "q_proj", width, d, bias);
  at.linear(slots.key, "k_proj", width, d, key_bias);
  at.linear(slots.value, "v_proj", width, d, bias);
  at.linear(slots.output, "out_proj", d, width, bias);
}

}  // namespace

void place_bart_layers(const Section& side, const StackSpec& stack, StackParameters<float>& slots, Bias bias,
                       Bias key_bias, bool learned_norms) {
  const Index d = stack.d_model, d_ff = stack.layers.front().feed_forward.d_ff;
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = side.at("layers", l);
    const LayerSpec& spec = stack.layers[static_cast<std::size_t>(l)];
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    place_attention(at.at("self_attn"), spec.self, d, bias, key_bias, layer.self);
    if (learned_norms) at.norm(layer.self_norm, "self_attn_layer_norm", d);
    if (spec.cross) {
      place_attention(at.at("encoder_attn"), *spec.cross, d, bias, key_bias, layer.cross);
      at.norm(layer.cross_norm, "encoder_attn_layer_norm", d);
    }
    at.linear(layer.up, "fc1", d_ff, d, bias);
    at.linear(layer.down, "fc2", d, d_ff, bias);
    if (learned_norms) at.norm(layer.ffn_norm, "final_layer_norm", d);
  }
}

}  // namespace attn

// Phi-3 (Abdin et al. 2024): Llama with q, k and v in one matrix and gate and up in another.
#include "core/model/families/common.h"

namespace attn {

ModelSpec phi3_spec(const Config& config) {
  ModelSpec spec = llama_spec(config);
  StackSpec& stack = *spec.decoder;
  const int window = config.has({"sliding_window"}) ? config.size({"sliding_window"}) : 0;
  for (LayerSpec& layer : stack.layers) layer.self.window = window;
  stack.norm.epsilon = config.epsilon({"rms_norm_eps"}, Assumed{1e-5});
  const int d_head = stack.layers.front().self.d_head;
  stack.position = rotary_positions(config, static_cast<int>(d_head * rotary_share(config, 1.0)));
  return spec;
}

void place_phi3(const Config&, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const AttentionSpec& attention = stack.layers.front().self;
  const Section phi = root.under({"model.", ""}, "embed_tokens.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  const Index q_width = Index{attention.n_heads} * attention.d_head;
  const Index kv_width = Index{attention.n_kv_heads} * attention.d_head;
  StackParameters<float>& slots = model.parameters.decoder;
  phi.matrix(model.parameters.embedding.words, "embed_tokens.weight", n_vocab, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = phi.at("layers", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "input_layernorm", d, Bias::none);
    const Index rows = q_width + 2 * kv_width;  // all queries, then all keys, then all values
    place_fused_rows(at, "self_attn.qkv_proj", rows, d, false, rows, 0, q_width, layer.self.query);
    place_fused_rows(at, "self_attn.qkv_proj", rows, d, false, rows, q_width, kv_width, layer.self.key);
    place_fused_rows(at, "self_attn.qkv_proj", rows, d, false, rows, q_width + kv_width, kv_width,
                     layer.self.value);
    at.linear(layer.self.output, "self_attn.o_proj", d, q_width, Bias::none);
    at.norm(layer.ffn_norm, "post_attention_layernorm", d, Bias::none);
    place_fused_rows(at, "mlp.gate_up_proj", 2 * d_ff, d, false, 2 * d_ff, 0, d_ff, layer.gate);
    place_fused_rows(at, "mlp.gate_up_proj", 2 * d_ff, d, false, 2 * d_ff, d_ff, d_ff, layer.up);
    at.linear(layer.down, "mlp.down_proj", d, d_ff, Bias::none);
  }
  phi.norm(slots.final_norm, "norm", d, Bias::none);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", phi.source("embed_tokens.weight", {n_vocab, d}),
                    model.spec.embedding.tied_output, std::nullopt, model);
}

}  // namespace attn

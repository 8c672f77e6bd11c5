// Llama (Touvron et al. 2023) and those built like it: Mistral, Qwen2, Gemma, Gemma 2. They differ in biases,
// windows, the norm's gain, the width of a head, and Gemma 2 in norms on both sides and soft caps.
#include <cmath>

#include "core/model/families/common.h"

namespace attn {

namespace {

struct Biases {
  bool qkv = false, output = false, feed_forward = false;
};

Biases biases_of(const Config& config) {
  const std::string type = config.text({"model_type"}, "llama");
  if (type == "qwen2") return {true, false, false};
  const bool attention = config.flag({"attention_bias"}, false);
  return {attention, attention, config.flag({"mlp_bias"}, false)};
}

}  // namespace

ModelSpec llama_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  const int n_kv_heads = config.size({"num_key_value_heads"}, n_heads);
  if (n_kv_heads > n_heads || n_heads % n_kv_heads != 0)
    config.refuse("config.key_value_groups",
                  "asks for {n} heads in {groups} key/value groups, which do not divide them.",
                  {{"n", std::to_string(n_heads)}, {"groups", std::to_string(n_kv_heads)}});
  const int d_head =
      config.has({"head_dim"}) ? config.size({"head_dim"}) : width_of_heads(config, stack.d_model, n_heads);
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_kv_heads, d_head, true);
  layer.feed_forward.d_ff = config.size({"intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"hidden_act", "hidden_activation"}, "silu");
  layer.feed_forward.gated = true;
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::rms, config.epsilon({"rms_norm_eps"}, Assumed{1e-6})};
  stack.norm_place = NormPlace::before;
  stack.final_norm = true;
  stack.position = rotary_positions(config, d_head);
  if (config.text({"model_type"}, "") == "llama" && !config.json().contains("rope_scaling") &&
      !config.json().contains("rope_parameters"))
    config.assume("rope_scaling", "none");
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, false);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

ModelSpec mistral_spec(const Config& config) {
  ModelSpec spec = llama_spec(config);
  const int window = config.is_null("sliding_window") ? 0 : config.size({"sliding_window"}, Assumed{4096});
  for (LayerSpec& layer : spec.decoder->layers) layer.self.window = window;
  return spec;
}

ModelSpec qwen2_spec(const Config& config) {
  ModelSpec spec = llama_spec(config);
  const int window =
      config.flag({"use_sliding_window"}, false) ? config.size({"sliding_window"}, Assumed{4096}) : 0;
  const int n_layers = spec.decoder->n_layers();
  const std::vector<bool> sliding = sliding_layers(config, n_layers);
  const int first = config.integer({"max_window_layers"}, 28);
  for (int l = 0; l < n_layers; ++l)
    if (sliding.empty() ? l >= first : sliding[static_cast<std::size_t>(l)])
      spec.decoder->layers[static_cast<std::size_t>(l)].self.window = window;
  return spec;
}

ModelSpec gemma_spec(const Config& config) {
  ModelSpec spec = llama_spec(config);
  if (!config.has({"head_dim"}))  // Gemma's default is a fixed number, not d_model / n_heads
    config.refuse("config.lacks",
                  "lacks {field}, and the result depends on it; add it as the model's author trained it.",
                  {{"field", "'head_dim'"}});
  // Where the new field is missing Hugging Face takes the tanh form, whatever hidden_act says.
  const Activation activation =
      activation_named(config, config.text({"hidden_activation"}, "gelu_pytorch_tanh"));
  for (LayerSpec& layer : spec.decoder->layers) layer.feed_forward.activation = activation;
  spec.decoder->norm.kind = NormKind::rms_offset;
  spec.embedding.scale = std::sqrt(static_cast<double>(spec.decoder->d_model));
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  return spec;
}

ModelSpec gemma2_spec(const Config& config) {
  ModelSpec spec = gemma_spec(config);
  StackSpec& stack = *spec.decoder;
  stack.norm_place = NormPlace::both;
  const double scalar = config.number({"query_pre_attn_scalar"});
  if (!(scalar > 0)) config.refuse("has a 'query_pre_attn_scalar' that is not above 0.");
  const auto cap = [&config](const char* field, double otherwise) {
    return config.is_null(field) ? 0.0 : config.number({field}, Assumed{otherwise});
  };
  const double soft_cap = cap("attn_logit_softcapping", 50.0);
  const int window = config.is_null("sliding_window") ? 0 : config.size({"sliding_window"}, Assumed{4096});
  const std::vector<bool> sliding = sliding_layers(config, stack.n_layers());
  for (int l = 0; l < stack.n_layers(); ++l) {
    AttentionSpec& attention = stack.layers[static_cast<std::size_t>(l)].self;
    attention.scale = 1.0 / std::sqrt(scalar);
    attention.soft_cap = soft_cap;
    attention.window = (sliding.empty() ? l % 2 == 0 : sliding[static_cast<std::size_t>(l)]) ? window : 0;
  }
  spec.output_soft_cap = cap("final_logit_softcapping", 30.0);
  return spec;
}

void place_llama(const Config& config, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const Section llama = root.under({"model.", ""}, "embed_tokens.weight");
  const Biases biases = biases_of(config);
  const auto bias = [](bool there) { return there ? Bias::required : Bias::none; };
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const AttentionSpec& attention = stack.layers.front().self;
  const Index q_width = Index{attention.n_heads} * attention.d_head;
  const Index kv_width = Index{attention.n_kv_heads} * attention.d_head;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  StackParameters<float>& slots = model.parameters.decoder;
  llama.matrix(model.parameters.embedding.words, "embed_tokens.weight", n_vocab, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = llama.at("layers", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "input_layernorm", d, Bias::none);
    at.linear(layer.self.query, "self_attn.q_proj", q_width, d, bias(biases.qkv));
    at.linear(layer.self.key, "self_attn.k_proj", kv_width, d, bias(biases.qkv));
    at.linear(layer.self.value, "self_attn.v_proj", kv_width, d, bias(biases.qkv));
    at.linear(layer.self.output, "self_attn.o_proj", d, q_width, bias(biases.output));
    if (stack.norm_place == NormPlace::both) {
      at.norm(layer.self_post_norm, "post_attention_layernorm", d, Bias::none);
      at.norm(layer.ffn_norm, "pre_feedforward_layernorm", d, Bias::none);
      at.norm(layer.ffn_post_norm, "post_feedforward_layernorm", d, Bias::none);
    } else {
      at.norm(layer.ffn_norm, "post_attention_layernorm", d, Bias::none);
    }
    at.linear(layer.gate, "mlp.gate_proj", d_ff, d, bias(biases.feed_forward));
    at.linear(layer.up, "mlp.up_proj", d_ff, d, bias(biases.feed_forward));
    at.linear(layer.down, "mlp.down_proj", d, d_ff, bias(biases.feed_forward));
  }
  llama.norm(slots.final_norm, "norm", d, Bias::none);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", llama.source("embed_tokens.weight", {n_vocab, d}),
                    model.spec.embedding.tied_output, std::nullopt, model);
}

}  // namespace attn

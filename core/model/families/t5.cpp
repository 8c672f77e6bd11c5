// T5 (Raffel et al. 2020), v1.0 and v1.1, whole or its encoder alone.
#include <cmath>

#include "core/model/families/common.h"

namespace attn {

namespace {

struct T5FeedForward {
  Activation activation = Activation::relu;
  bool gated = false;
};

// "relu", "gelu", "gated-gelu", "gated-silu". Hugging Face reads gated-gelu as the tanh form.
T5FeedForward t5_feed_forward(const Config& config) {
  std::string name = config.text({"feed_forward_proj"}, "relu");
  T5FeedForward out;
  if (name.rfind("gated-", 0) == 0) {
    out.gated = true;
    name = name == "gated-gelu" ? "gelu_new" : name.substr(6);
  }
  out.activation = activation_named(config, name);
  return out;
}

void place_t5_attention(const Section& at, const AttentionSpec& spec, Index d,
                        AttentionParameters<float>& slots) {
  const Index width = Index{spec.n_heads} * spec.d_head;
  at.linear(slots.query, "q", width, d, Bias::none);
  at.linear(slots.key, "k", width, d, Bias::none);
  at.linear(slots.value, "v", width, d, Bias::none);
  at.linear(slots.output, "o", d, width, Bias::none);
}

void place_t5_stack(const Section& at, const StackSpec& stack, StackParameters<float>& slots) {
  const Index d = stack.d_model;
  const FeedForwardSpec& feed_forward = stack.layers.front().feed_forward;
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const LayerSpec& spec = stack.layers[static_cast<std::size_t>(l)];
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    const Section block = at.at("block", l);
    int part = 0;
    place_t5_attention(block.at("layer", part).at("SelfAttention"), spec.self, d, layer.self);
    block.at("layer", part++).norm(layer.self_norm, "layer_norm", d, Bias::none);
    if (spec.cross) {
      place_t5_attention(block.at("layer", part).at("EncDecAttention"), *spec.cross, d, layer.cross);
      block.at("layer", part++).norm(layer.cross_norm, "layer_norm", d, Bias::none);
    }
    const Section dense = block.at("layer", part).at("DenseReluDense");
    if (feed_forward.gated) {
      dense.linear(layer.gate, "wi_0", feed_forward.d_ff, d, Bias::none);
      dense.linear(layer.up, "wi_1", feed_forward.d_ff, d, Bias::none);
    } else {
      dense.linear(layer.up, "wi", feed_forward.d_ff, d, Bias::none);
    }
    dense.linear(layer.down, "wo", d, feed_forward.d_ff, Bias::none);
    block.at("layer", part).norm(layer.ffn_norm, "layer_norm", d, Bias::none);
  }
  at.matrix(slots.bucket_bias, "block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            stack.position.n_buckets, stack.layers.front().self.n_heads);
  at.norm(slots.final_norm, "final_layer_norm", d, Bias::none);
}

}  // namespace

ModelSpec t5_spec(const Config& config) {
  ModelSpec spec;
  const std::string architecture = architecture_of(config);
  StackSpec stack;
  stack.d_model = config.size({"d_model", "hidden_size"});
  const int n_heads = config.size({"num_heads", "num_attention_heads"});
  const int d_head = config.size({"d_kv", "head_dim"}, 64);
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, d_head, false);
  layer.self.scale = 1.0;
  const T5FeedForward feed_forward = t5_feed_forward(config);
  layer.feed_forward = {config.size({"d_ff"}), feed_forward.activation, feed_forward.gated};
  const int n_layers = config.size({"num_layers", "num_hidden_layers"});
  stack.norm = {NormKind::rms, config.epsilon({"layer_norm_epsilon"}, Assumed{1e-6})};
  stack.norm_place = NormPlace::before;
  stack.final_norm = true;
  stack.position.kind = PositionKind::bucket_bias;
  stack.position.n_buckets = config.size({"relative_attention_num_buckets"}, 32);
  stack.position.max_distance = config.size({"relative_attention_max_distance"}, 128);
  stack.layers = equal_layers(config, n_layers, layer);
  spec.encoder = stack;
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  if (architecture.find("EncoderModel") != std::string::npos ||
      architecture.find("EncoderForTokenClassification") != std::string::npos ||
      !config.flag({"is_encoder_decoder"}, true))
    return spec;

  layer.cross = layer.self;
  layer.self.causal = true;
  stack.layers = equal_layers(config, config.size({"num_decoder_layers"}, n_layers), layer);
  spec.decoder = std::move(stack);
  spec.output = output_of(architecture, OutputKind::next_words);
  if (spec.output != OutputKind::next_words) spec.output = OutputKind::none;
  if (config.flag({"scale_decoder_outputs"}, spec.embedding.tied_output))
    spec.output_scale = 1.0 / std::sqrt(static_cast<double>(spec.encoder->d_model));
  spec.decoder_start_id = config.token_id({"decoder_start_token_id"}, config.token_id({"pad_token_id"}, 0));
  return spec;
}

void place_t5(const Config&, const Section& root, Model& model) {
  const ModelSpec& spec = model.spec;
  const Index d = spec.encoder->d_model, n_vocab = spec.embedding.n_vocab;
  // Saved as "shared", as the encoder's copy, or (T5EncoderModel wrapped in others) under a prefix.
  const Section t5 = root.under({"", "transformer.", "model."}, "encoder.final_layer_norm.weight");
  const std::string words = t5.has("shared.weight") || !t5.has("encoder.embed_tokens.weight")
                                ? "shared.weight"
                                : "encoder.embed_tokens.weight";
  t5.matrix(model.parameters.embedding.words, words, n_vocab, d);
  place_t5_stack(t5.at("encoder"), *spec.encoder, model.parameters.encoder);
  if (!spec.decoder) return;
  place_t5_stack(t5.at("decoder"), *spec.decoder, model.parameters.decoder);
  if (spec.output == OutputKind::next_words)
    place_word_output(t5, "lm_head", t5.source(words, {n_vocab, d}), spec.embedding.tied_output, std::nullopt,
                      model);
}

}  // namespace attn

// Falcon (Almazrouei et al. 2023) in its three layouts:
//   new_decoder_architecture: key/value groups, two norms (or one) before attention and feed-forward
//   multi_query: one key and value for all heads, one norm for both
//   neither (Falcon-RW): q, k and v interleaved by head; ALiBi; one after the other
#include <cmath>

#include "core/model/families/common.h"

namespace attn {

namespace {

struct FalconLayout {
  bool grouped = false, multi_query = false, parallel = true;
  int n_norms = 1;  // before attention and feed-forward side by side
};

FalconLayout layout_of(const Config& config) {
  FalconLayout layout;
  layout.grouped = config.flag({"new_decoder_architecture"}, false);
  layout.multi_query = !layout.grouped && config.flag({"multi_query"}, true);
  layout.parallel = config.flag({"parallel_attn"}, true);
  layout.n_norms = config.integer({"num_ln_in_parallel_attn"}, layout.grouped ? 2 : 1);
  if (layout.n_norms != 1 && layout.n_norms != 2)
    config.refuse("has 'num_ln_in_parallel_attn' other than 1 or 2.");
  if (layout.grouped && !layout.parallel)
    config.refuse("asks for new_decoder_architecture without parallel_attn, which is not supported.");
  return layout;
}

}  // namespace

ModelSpec falcon_spec(const Config& config) {
  const FalconLayout layout = layout_of(config);
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size", "n_embed"});
  const int n_heads = config.size({"num_attention_heads", "n_head"});
  const int n_kv_heads = layout.grouped       ? config.size({"num_kv_heads", "n_head_kv"}, n_heads)
                         : layout.multi_query ? 1
                                              : n_heads;
  if (n_kv_heads > n_heads || n_heads % n_kv_heads != 0)
    config.refuse("config.kv_heads", "has {field} that do not divide its heads.",
                  {{"field", "'num_kv_heads'"}});
  const int d_head = width_of_heads(config, stack.d_model, n_heads);
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_kv_heads, d_head, true);
  layer.feed_forward.d_ff = config.size({"ffn_hidden_size"}, 4 * stack.d_model);
  layer.feed_forward.activation = activation_of(config, {"activation"}, "gelu");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers", "n_layer"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_epsilon"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.parallel_residual = layout.parallel;
  stack.shared_norm = layout.parallel && layout.n_norms == 1;
  stack.final_norm = true;
  if (config.flag({"alibi"}, false)) {
    stack.position.kind = PositionKind::alibi;
    stack.position.alibi_slopes = alibi_slopes(n_heads);
    stack.position.alibi_in_bfloat16 = true;
    stack.position.alibi_scale = 1.0 / std::sqrt(static_cast<double>(d_head));
  } else {
    stack.position = rotary_positions(config, d_head);
  }
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

namespace {

void place_attention(const Section& at, const AttentionSpec& attention, Index d, bool bias,
                     const FalconLayout& layout, AttentionParameters<float>& slots) {
  if (!layout.grouped && !layout.multi_query) {
    place_interleaved_qkv(at, "query_key_value", attention, d, bias, slots);
  } else {
    // For each group: its query heads, one key, one value.
    const Index d_head = attention.d_head, queries = d_head * (attention.n_heads / attention.n_kv_heads);
    const Index period = queries + 2 * d_head, rows = period * attention.n_kv_heads;
    place_fused_rows(at, "query_key_value", rows, d, bias, period, 0, queries, slots.query);
    place_fused_rows(at, "query_key_value", rows, d, bias, period, queries, d_head, slots.key);
    place_fused_rows(at, "query_key_value", rows, d, bias, period, queries + d_head, d_head, slots.value);
  }
  at.linear(slots.output, "dense", d, d, bias ? Bias::required : Bias::none);
}

}  // namespace

void place_falcon(const Config& config, const Section& root, Model& model) {
  const FalconLayout layout = layout_of(config);
  const bool bias = config.flag({"bias"}, false);
  const StackSpec& stack = *model.spec.decoder;
  const Section falcon = root.under({"transformer.", ""}, "word_embeddings.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  StackParameters<float>& slots = model.parameters.decoder;
  falcon.matrix(model.parameters.embedding.words, "word_embeddings.weight", n_vocab, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = falcon.at("h", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    const bool two_norms = layout.parallel && layout.n_norms == 2;
    at.norm(layer.self_norm, two_norms ? "ln_attn" : "input_layernorm", d);
    if (!stack.shared_norm) at.norm(layer.ffn_norm, two_norms ? "ln_mlp" : "post_attention_layernorm", d);
    place_attention(at.at("self_attention"), stack.layers.front().self, d, bias, layout, layer.self);
    at.linear(layer.up, "mlp.dense_h_to_4h", d_ff, d, bias ? Bias::required : Bias::none);
    at.linear(layer.down, "mlp.dense_4h_to_h", d, d_ff, bias ? Bias::required : Bias::none);
  }
  falcon.norm(slots.final_norm, "ln_f", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", falcon.source("word_embeddings.weight", {n_vocab, d}),
                    model.spec.embedding.tied_output, std::nullopt, model);
}

}  // namespace attn

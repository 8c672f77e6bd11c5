// OPT (Zhang et al. 2022): learned positions with an offset of 2; the smaller embedding and the norms after
// each part of OPT-350m.
#include "core/model/families/bart_like.h"

namespace attn {

ModelSpec opt_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), true);
  layer.feed_forward.d_ff = config.size({"ffn_dim"});
  layer.feed_forward.activation = activation_of(config, {"activation_function"}, "relu");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, 1e-5};
  const bool before = config.flag({"do_layer_norm_before"}, true);
  stack.norm_place = before ? NormPlace::before : NormPlace::after;
  stack.final_norm = before && !config.flag({"_remove_final_layer_norm"}, false);
  stack.position.kind = PositionKind::learned;
  stack.position.offset = 2;
  stack.position.n_positions = config.size({"max_position_embeddings"}, 2048);
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = config.size({"word_embed_proj_dim"}, stack.d_model);
  spec.embedding.project_first = true;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

namespace {

// Norms without learned numbers (layer_norm_elementwise_affine: false) have a gain of 1.
void set_plain_norms(StackParameters<float>& slots, Index d, bool final_norm) {
  for (LayerParameters<float>& layer : slots.layers)
    layer.self_norm.gain = layer.ffn_norm.gain = Row::Ones(d);
  if (final_norm) slots.final_norm.gain = Row::Ones(d);
}

}  // namespace

void place_opt(const Config& config, const Section& root, Model& model) {
  const ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.decoder;
  const Section opt = root.under({"model.decoder.", "decoder.", ""}, "embed_tokens.weight");
  const Index d = stack.d_model, width = spec.embedding.d_embedding, n_vocab = spec.embedding.n_vocab;
  const bool learned_norms = config.flag({"layer_norm_elementwise_affine"}, true);
  const Bias bias = config.flag({"enable_bias"}, true) ? Bias::required : Bias::none;
  StackParameters<float>& slots = model.parameters.decoder;
  opt.matrix(model.parameters.embedding.words, "embed_tokens.weight", n_vocab, width);
  opt.matrix(slots.position_table, "embed_positions.weight", stack.position.n_positions + 2, d);
  if (width != d) {
    opt.linear(model.parameters.embedding.projection, "project_in", d, width, Bias::none);
    opt.linear(slots.output_projection, "project_out", width, d, Bias::none);
  }
  place_bart_layers(opt, stack, slots, bias, bias, learned_norms);
  if (stack.final_norm && learned_norms) opt.norm(slots.final_norm, "final_layer_norm", d);
  if (!learned_norms)
    opt.plan().afterwards(
        &slots, [&slots, d, final_norm = stack.final_norm] { set_plain_norms(slots, d, final_norm); });
  if (place_decoder_label_head(root, width, model) || spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", opt.source("embed_tokens.weight", {n_vocab, width}),
                    spec.embedding.tied_output, std::nullopt, model);
}

}  // namespace attn

// XLNet (Yang et al. 2019), with Transformer-XL's relative positions (Dai et al. 2019) and no memory.
#include "core/model/families/common.h"

namespace attn {

ModelSpec xlnet_spec(const Config& config) {
  if (config.flag({"bi_data"}, false))
    config.refuse("has 'bi_data': two directions in one batch are not supported.");
  const std::string direction = config.text({"attn_type"}, "bi");
  if (direction != "bi" && direction != "uni")
    config.refuse("has 'attn_type' = '" + direction.substr(0, 40) + "', expected bi or uni.");
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"d_model", "hidden_size"});
  const int n_heads = config.size({"n_head", "num_attention_heads"});
  LayerSpec layer;
  const int d_head = width_of_heads(config, stack.d_model, n_heads);
  if (config.integer({"d_head"}, d_head) != d_head)
    config.refuse("has a 'd_head' that is not d_model / n_head.");
  layer.self = dot_product_attention(n_heads, n_heads, d_head, direction == "uni");
  layer.feed_forward.d_ff = config.size({"d_inner"});
  layer.feed_forward.activation = activation_of(config, {"ff_activation"}, "gelu");
  stack.layers = equal_layers(config, config.size({"n_layer", "num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_eps"}, Assumed{1e-12})};
  stack.norm_place = NormPlace::after;
  stack.position.kind = PositionKind::transformer_xl;
  const int clamp = config.integer({"clamp_len"}, -1);
  stack.position.max_distance = clamp > 0 ? clamp : 0;
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture_of(config), OutputKind::masked_words);
  spec.label_row = LabelRow::last;
  spec.encoder = std::move(stack);
  return spec;
}

namespace {

void place_layer(const Section& at, const StackSpec& stack, LayerParameters<float>& layer) {
  const AttentionSpec& attention = stack.layers.front().self;
  const Index d = stack.d_model, n_heads = attention.n_heads, d_head = attention.d_head;
  const Section self = at.at("rel_attn");
  ParameterPlan& plan = at.plan();
  // Stored [D, H, d_head]: a linear map from D is its transpose.
  const std::vector<Index> shape = {d, n_heads, d_head};
  plan.linear(layer.self.query, self.source("q", shape).transposed(), std::nullopt);
  plan.linear(layer.self.key, self.source("k", shape).transposed(), std::nullopt);
  plan.linear(layer.self.value, self.source("v", shape).transposed(), std::nullopt);
  plan.linear(layer.self.relative, self.source("r", shape).transposed(), std::nullopt);
  plan.linear(layer.self.output, self.source("o", shape), std::nullopt);
  const auto flat = [&](Row& slot, const char* name) {
    plan.row(slot, self.source(name, {n_heads, d_head}));
  };
  flat(layer.self.content_bias, "r_w_bias");
  flat(layer.self.position_bias, "r_r_bias");
  flat(layer.self.segment_bias, "r_s_bias");
  plan.matrix(layer.self.segment_table, self.source("seg_embed", {2, n_heads, d_head}));
  self.norm(layer.self_norm, "layer_norm", d);
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  at.linear(layer.up, "ff.layer_1", d_ff, d);
  at.linear(layer.down, "ff.layer_2", d, d_ff);
  at.norm(layer.ffn_norm, "ff.layer_norm", d);
}

}  // namespace

void place_xlnet(const Config& config, const Section& root, Model& model) {
  const Section xlnet = root.under({"transformer.", ""}, "word_embedding.weight");
  ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.encoder;
  const Index d = stack.d_model, n_vocab = spec.embedding.n_vocab;
  xlnet.matrix(model.parameters.embedding.words, "word_embedding.weight", n_vocab, d);
  std::vector<LayerParameters<float>>& layers = model.parameters.encoder.layers;
  layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l)
    place_layer(xlnet.at("layer", l), stack, layers[static_cast<std::size_t>(l)]);

  OutputParameters<float>& output = model.parameters.output;
  switch (spec.output) {
    case OutputKind::masked_words:
      if (!head_is_there(root, {"lm_loss.weight", "lm_loss.bias"}, model)) return;
      place_word_output(root, "lm_loss", xlnet.source("word_embedding.weight", {n_vocab, d}),
                        spec.embedding.tied_output, root.source("lm_loss.bias", {n_vocab}), model);
      return;
    case OutputKind::sequence_label: {
      if (!head_is_there(root, {"logits_proj.weight"}, model)) return;
      const std::string row = config.text({"summary_type"}, "last");
      if (row != "last" && row != "first" && row != "mean")
        config.refuse("has 'summary_type' = '" + row.substr(0, 40) +
                      "'; last, first and mean are supported.");
      spec.label_row = row == "last" ? LabelRow::last : row == "first" ? LabelRow::first : LabelRow::mean;
      if (config.flag({"summary_use_proj"}, true)) {
        root.linear(output.transform, "sequence_summary.summary", d, d);
        output.transform_activation = activation_of(config, {"summary_activation"},
                                                    config.is_null("summary_activation") ? "linear" : "tanh");
      }
      root.linear(output.project, "logits_proj", spec.n_labels, d);
      return;
    }
    case OutputKind::token_label:
      if (head_is_there(root, {"classifier.weight"}, model))
        root.linear(output.project, "classifier", spec.n_labels, d);
      return;
    case OutputKind::question:
      if (head_is_there(root, {"qa_outputs.weight"}, model)) root.linear(output.project, "qa_outputs", 2, d);
      return;
    default:
      spec.output = OutputKind::none;
  }
}

}  // namespace attn

// DistilBERT (Sanh et al. 2019).
#include "core/model/families/bert_like.h"

namespace attn {

ModelSpec distilbert_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"dim", "hidden_size"});
  const int n_heads = config.size({"n_heads", "num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), false);
  layer.feed_forward.d_ff = config.size({"hidden_dim", "intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"activation"}, "gelu");
  stack.layers = equal_layers(config, config.size({"n_layers", "num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, 1e-12};
  stack.norm_place = NormPlace::after;
  stack.embedding_norm = true;
  stack.position.kind = PositionKind::learned;  // the sines of sinusoidal_pos_embds are in the file too
  stack.position.n_positions = config.size({"max_position_embeddings"}, 512);
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output_norm = stack.norm;
  spec.output = output_of(architecture_of(config), OutputKind::masked_words);
  spec.encoder = std::move(stack);
  return spec;
}

void place_distilbert(const Config& config, const Section& root, Model& model) {
  const Section bert = root.under({"distilbert.", ""}, "embeddings.word_embeddings.weight");
  ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.encoder;
  StackParameters<float>& slots = model.parameters.encoder;
  const Index d = stack.d_model, n_vocab = spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  place_bert_embeddings(bert.at("embeddings"), d, model);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = bert.at("transformer.layer", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.linear(layer.self.query, "attention.q_lin", d, d);
    at.linear(layer.self.key, "attention.k_lin", d, d);
    at.linear(layer.self.value, "attention.v_lin", d, d);
    at.linear(layer.self.output, "attention.out_lin", d, d);
    at.norm(layer.self_norm, "sa_layer_norm", d);
    at.linear(layer.up, "ffn.lin1", d_ff, d);
    at.linear(layer.down, "ffn.lin2", d, d_ff);
    at.norm(layer.ffn_norm, "output_layer_norm", d);
  }
  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::masked_words) {
    if (!head_is_there(root, {"vocab_transform.weight", "vocab_projector.bias"}, model)) return;
    root.linear(output.transform, "vocab_transform", d, d);
    output.transform_activation = activation_of(config, {"activation"}, "gelu");
    root.norm(output.transform_norm, "vocab_layer_norm", d);
    place_word_output(root, "vocab_projector", bert.source("embeddings.word_embeddings.weight", {n_vocab, d}),
                      spec.embedding.tied_output, root.source("vocab_projector.bias", {n_vocab}), model);
  } else if (spec.output == OutputKind::sequence_label) {
    if (!head_is_there(root, {"classifier.weight"}, model)) return;
    root.linear(output.transform, "pre_classifier", d, d);
    output.transform_activation = Activation::relu;
    root.linear(output.project, "classifier", spec.n_labels, d);
  } else {
    place_pooler_head(root, "", d, model);
  }
}

}  // namespace attn

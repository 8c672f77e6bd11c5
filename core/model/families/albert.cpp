// ALBERT (Lan et al. 2020): a narrow embedding, and layers that share their parameters.
#include "core/model/families/bert_like.h"

namespace attn {

ModelSpec albert_spec(const Config& config) {
  ModelSpec spec = bert_like_spec(config);
  if (config.integer({"inner_group_num"}, 1) != 1)
    config.refuse("has 'inner_group_num' other than 1: several layers in a group are not supported.");
  spec.embedding.d_embedding = config.size({"embedding_size"});
  StackSpec& stack = spec.encoder ? *spec.encoder : *spec.decoder;
  stack.n_layer_groups = config.size({"num_hidden_groups"}, 1);
  if (stack.n_layer_groups > stack.n_layers()) config.refuse("has more 'num_hidden_groups' than layers.");
  const Activation activation = activation_of(config, {"hidden_act"}, "gelu_new");
  for (LayerSpec& layer : stack.layers) layer.feed_forward.activation = activation;
  return spec;
}

void place_albert(const Config& config, const Section& root, Model& model) {
  const Section albert = root.under({"albert.", ""}, "embeddings.word_embeddings.weight");
  ModelSpec& spec = model.spec;
  const StackSpec& stack = spec.text_stack();
  const Index d = stack.d_model, width = spec.embedding.d_embedding, n_vocab = spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  place_bert_embeddings(albert.at("embeddings"), width, model);
  albert.linear(model.parameters.embedding.projection, "encoder.embedding_hidden_mapping_in", d, width);
  StackParameters<float>& slots = spec.encoder ? model.parameters.encoder : model.parameters.decoder;
  slots.layers.resize(static_cast<std::size_t>(stack.n_layer_groups));
  for (int g = 0; g < stack.n_layer_groups; ++g) {
    const Section at = albert.at("encoder.albert_layer_groups", g).at("albert_layers", 0);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(g)];
    place_bert_self_attention(at.at("attention"), stack, layer.self);
    at.linear(layer.self.output, "attention.dense", d, d);
    at.norm(layer.self_norm, "attention.LayerNorm", d);
    at.linear(layer.up, "ffn", d_ff, d);
    at.linear(layer.down, "ffn_output", d, d_ff);
    at.norm(layer.ffn_norm, "full_layer_layer_norm", d);
  }
  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::masked_words || spec.output == OutputKind::next_words) {
    const Section head = root.at("predictions");
    if (!head_is_there(head, {"dense.weight", "bias", "decoder.bias"}, model)) return;
    head.linear(output.transform, "dense", width, d);
    output.transform_activation = activation_of(config, {"hidden_act"}, "gelu_new");
    head.norm(output.transform_norm, "LayerNorm", width);
    place_word_output(head, "decoder", albert.source("embeddings.word_embeddings.weight", {n_vocab, width}),
                      spec.embedding.tied_output,
                      head.source(head.has("bias") ? "bias" : "decoder.bias", {n_vocab}), model);
  } else {
    place_pooler_head(root, albert.prefix() + "pooler", d, model);
  }
}

}  // namespace attn

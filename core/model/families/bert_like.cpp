#include "core/model/families/bert_like.h"

namespace attn {

PositionSpec bert_positions(const Config& config) {
  PositionSpec position;
  const std::string type = config.text({"position_embedding_type"}, "absolute");
  position.n_positions = config.size({"max_position_embeddings"}, 512);
  if (type == "absolute") {
    position.kind = PositionKind::learned;
  } else if (type == "relative_key" || type == "relative_key_query") {
    position.kind = type == "relative_key" ? PositionKind::relative_key : PositionKind::relative_key_query;
    position.max_distance = position.n_positions;
  } else {
    config.refuse("config.position_type",
                  "has 'position_embedding_type' = '{type}'; absolute, relative_key and relative_key_query "
                  "are supported.",
                  {{"type", type.substr(0, 60)}});
  }
  return position;
}

ModelSpec bert_like_spec(const Config& config) {
  ModelSpec spec;
  if (config.flag({"add_cross_attention"}, false))
    config.refuse("config.cross_bert",
                  "asks for cross attention in a BERT-like model, which is not supported.");
  const bool causal = config.flag({"is_decoder"}, false);
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  LayerSpec layer;
  layer.self =
      dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), causal);
  layer.feed_forward.d_ff = config.size({"intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"hidden_act"}, "gelu");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_eps"}, Assumed{1e-12})};
  stack.norm_place = NormPlace::after;
  stack.embedding_norm = true;
  stack.position = bert_positions(config);
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.n_token_types = config.count({"type_vocab_size"}, 2);
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output_norm = stack.norm;
  spec.output =
      output_of(architecture_of(config), causal ? OutputKind::next_words : OutputKind::masked_words);
  (causal ? spec.decoder : spec.encoder) = std::move(stack);
  return spec;
}

namespace {

const StackSpec& stack_of(const Model& model) {
  return model.spec.text_stack();
}

StackParameters<float>& slots_of(Model& model) {
  return model.spec.encoder ? model.parameters.encoder : model.parameters.decoder;
}

}  // namespace

void place_bert_embeddings(const Section& embeddings, Index width, Model& model) {
  const StackSpec& stack = stack_of(model);
  const EmbeddingSpec& spec = model.spec.embedding;
  EmbeddingParameters<float>& slots = model.parameters.embedding;
  embeddings.matrix(slots.words, "word_embeddings.weight", spec.n_vocab, width);
  if (spec.n_token_types > 0)
    embeddings.matrix(slots.token_types, "token_type_embeddings.weight", spec.n_token_types, width);
  if (stack.position.kind == PositionKind::learned)
    embeddings.matrix(slots_of(model).position_table, "position_embeddings.weight",
                      stack.position.n_positions + stack.position.offset, width);
  embeddings.norm(slots_of(model).embedding_norm, "LayerNorm", width);
}

void place_bert_self_attention(const Section& self, const StackSpec& stack,
                               AttentionParameters<float>& slots) {
  const AttentionSpec& attention = stack.layers.front().self;
  const Index d = stack.d_model, width = Index{attention.n_heads} * attention.d_head;
  self.linear(slots.query, "query", width, d);
  self.linear(slots.key, "key", width, d);
  self.linear(slots.value, "value", width, d);
  if (stack.position.max_distance > 0)
    self.matrix(slots.distance_table, "distance_embedding.weight", 2 * stack.position.max_distance - 1,
                attention.d_head);
}

void place_bert_layers(const Section& encoder, Model& model) {
  const StackSpec& stack = stack_of(model);
  StackParameters<float>& slots = slots_of(model);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = encoder.at("layer", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    const Index d = stack.d_model, d_ff = stack.layers.front().feed_forward.d_ff;
    place_bert_self_attention(at.at("attention.self"), stack, layer.self);
    at.linear(layer.self.output, "attention.output.dense", d, d);
    at.norm(layer.self_norm, "attention.output.LayerNorm", d);
    at.linear(layer.up, "intermediate.dense", d_ff, d);
    at.linear(layer.down, "output.dense", d, d_ff);
    at.norm(layer.ffn_norm, "output.LayerNorm", d);
  }
}

void place_pooler_head(const Section& root, const std::string& pooler, Index width, Model& model) {
  ModelSpec& spec = model.spec;
  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::question) {
    if (head_is_there(root, {"qa_outputs.weight"}, model))
      root.linear(output.project, "qa_outputs", 2, width);
  } else if (spec.output == OutputKind::token_label) {
    if (head_is_there(root, {"classifier.weight"}, model))
      root.linear(output.project, "classifier", spec.n_labels, width);
  } else if (spec.output == OutputKind::sequence_label) {
    const bool next_sentence = spec.architecture.find("NextSentence") != std::string::npos;
    const std::string name = next_sentence ? "cls.seq_relationship" : "classifier";
    if (next_sentence) spec.n_labels = 2;
    if (!head_is_there(root, {(name + ".weight").c_str()}, model)) return;
    root.linear(output.transform, pooler, width, width);
    output.transform_activation = Activation::tanh;
    root.linear(output.project, name, spec.n_labels, width);
  }
}

void place_roberta_word_head(const Section& head, const MatrixSource& words, Index d_model, Model& model) {
  if (!head_is_there(head, {"dense.weight", "bias", "decoder.bias"}, model)) return;
  OutputParameters<float>& output = model.parameters.output;
  head.linear(output.transform, "dense", d_model, d_model);
  output.transform_activation = Activation::gelu;
  head.norm(output.transform_norm, "layer_norm", d_model);
  place_word_output(head, "decoder", words, model.spec.embedding.tied_output,
                    head.source(head.has("bias") ? "bias" : "decoder.bias", {words.rows}), model);
}

void place_roberta_label_head(const Section& root, Index width, Activation activation, Model& model) {
  OutputParameters<float>& output = model.parameters.output;
  if (model.spec.output != OutputKind::sequence_label) {
    place_pooler_head(root, "", width, model);
    return;
  }
  if (!head_is_there(root, {"classifier.out_proj.weight"}, model)) return;
  root.linear(output.transform, "classifier.dense", width, width);
  output.transform_activation = activation;
  root.linear(output.project, "classifier.out_proj", model.spec.n_labels, width);
}

}  // namespace attn

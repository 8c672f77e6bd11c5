// ELECTRA (Clark et al. 2020): BERT with a narrower embedding; a generator of words and a discriminator that
// finds the replaced ones.
#include "core/model/families/bert_like.h"

namespace attn {

ModelSpec electra_spec(const Config& config) {
  ModelSpec spec = bert_like_spec(config);
  spec.embedding.d_embedding = config.size({"embedding_size"});
  if (architecture_of(config).find("ForPreTraining") != std::string::npos)
    spec.output = OutputKind::replaced_words;
  return spec;
}

void place_electra(const Config& config, const Section& root, Model& model) {
  const Section electra = root.under({"electra.", ""}, "embeddings.word_embeddings.weight");
  ModelSpec& spec = model.spec;
  const Index d = spec.text_stack().d_model, width = spec.embedding.d_embedding;
  const Index n_vocab = spec.embedding.n_vocab;
  place_bert_embeddings(electra.at("embeddings"), width, model);
  if (width != d) electra.linear(model.parameters.embedding.projection, "embeddings_project", d, width);
  place_bert_layers(electra.at("encoder"), model);

  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::masked_words || spec.output == OutputKind::next_words) {
    if (!head_is_there(root, {"generator_predictions.dense.weight", "generator_lm_head.bias"}, model)) return;
    root.linear(output.transform, "generator_predictions.dense", width, d);
    output.transform_activation = Activation::gelu;
    root.norm(output.transform_norm, "generator_predictions.LayerNorm", width);
    place_word_output(root, "generator_lm_head",
                      electra.source("embeddings.word_embeddings.weight", {n_vocab, width}),
                      spec.embedding.tied_output, root.source("generator_lm_head.bias", {n_vocab}), model);
  } else if (spec.output == OutputKind::replaced_words) {
    if (!head_is_there(root, {"discriminator_predictions.dense.weight"}, model)) return;
    root.linear(output.transform, "discriminator_predictions.dense", d, d);
    output.transform_activation = activation_of(config, {"hidden_act"}, "gelu");
    root.linear(output.project, "discriminator_predictions.dense_prediction", 1, d);
  } else {
    place_roberta_label_head(root, d, Activation::gelu, model);
  }
}

}  // namespace attn

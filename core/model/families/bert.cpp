// BERT (Devlin et al. 2019), with absolute or relative positions.
#include "core/model/families/bert_like.h"

namespace attn {

ModelSpec bert_spec(const Config& config) {
  return bert_like_spec(config);
}

void place_bert(const Config& config, const Section& root, Model& model) {
  const Section bert = root.under({"bert.", ""}, "embeddings.word_embeddings.weight");
  const Index d = model.spec.text_stack().d_model;
  // Old configs leave the field out and mean learned positions: not where there are weights of others.
  if (!config.has({"position_embedding_type"}) &&
      bert.has("encoder.layer.0.attention.self.distance_embedding.weight"))
    config.refuse("config.lacks",
                  "lacks {field}, and the result depends on it; add it as the model's author trained it.",
                  {{"field", "'position_embedding_type'"}});
  place_bert_embeddings(bert.at("embeddings"), d, model);
  place_bert_layers(bert.at("encoder"), model);

  ModelSpec& spec = model.spec;
  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::masked_words || spec.output == OutputKind::next_words) {
    const Section head = root.at("cls.predictions");
    if (!head_is_there(head, {"transform.dense.weight", "bias", "decoder.bias"}, model)) return;
    head.linear(output.transform, "transform.dense", d, d);
    output.transform_activation = activation_of(config, {"hidden_act"}, "gelu");
    head.norm(output.transform_norm, "transform.LayerNorm", d);
    place_word_output(
        head, "decoder", bert.source("embeddings.word_embeddings.weight", {spec.embedding.n_vocab, d}),
        spec.embedding.tied_output,
        head.source(head.has("bias") ? "bias" : "decoder.bias", {spec.embedding.n_vocab}), model);
  } else {
    place_pooler_head(root, bert.prefix() + "pooler.dense", d, model);
  }
}

}  // namespace attn

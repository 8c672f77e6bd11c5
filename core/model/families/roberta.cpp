// RoBERTa (Liu et al. 2019), XLM-RoBERTa and CamemBERT: BERT whose positions begin after the padding id.
#include "core/model/families/bert_like.h"

namespace attn {

ModelSpec roberta_spec(const Config& config) {
  ModelSpec spec = bert_like_spec(config);
  StackSpec& stack = spec.encoder ? *spec.encoder : *spec.decoder;
  if (stack.position.kind != PositionKind::learned) return spec;
  const int pad = config.token_id({"pad_token_id"}, 1);
  stack.position.uncounted_id = pad;
  stack.position.offset = pad + 1;
  stack.position.n_positions -= stack.position.offset;
  if (stack.position.n_positions < 1)
    config.refuse("has no positions left after its padding id; 'max_position_embeddings' must be above it.");
  return spec;
}

void place_roberta(const Config&, const Section& root, Model& model) {
  const Section roberta =
      root.under({"roberta.", "xlm-roberta.", "camembert.", ""}, "embeddings.word_embeddings.weight");
  ModelSpec& spec = model.spec;
  const Index d = spec.text_stack().d_model, n_vocab = spec.embedding.n_vocab;
  place_bert_embeddings(roberta.at("embeddings"), d, model);
  place_bert_layers(roberta.at("encoder"), model);
  if (spec.output == OutputKind::masked_words || spec.output == OutputKind::next_words)
    place_roberta_word_head(root.at("lm_head"),
                            roberta.source("embeddings.word_embeddings.weight", {n_vocab, d}), d, model);
  else
    place_roberta_label_head(root, d, Activation::tanh, model);
}

}  // namespace attn

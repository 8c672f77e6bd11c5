// MPNet (Song et al. 2020): BERT with a bucketed distance bias beside its table of positions.
#include "core/model/families/bert_like.h"

namespace attn {

ModelSpec mpnet_spec(const Config& config) {
  ModelSpec spec = bert_like_spec(config);
  if (!spec.encoder) config.refuse("has 'is_decoder', which this family does not know.");
  PositionSpec& position = spec.encoder->position;
  position.kind = PositionKind::bucket_bias;
  position.also_learned = true;
  position.n_buckets = config.size({"relative_attention_num_buckets"}, 32);
  position.max_distance = 128;
  position.uncounted_id = 1;  // fixed in Hugging Face, whatever pad_token_id says
  position.offset = 2;
  position.n_positions = config.size({"max_position_embeddings"}, 512) - position.offset;
  if (position.n_positions < 1) config.refuse("has no positions: 'max_position_embeddings' must be above 2.");
  spec.embedding.n_token_types = 0;
  return spec;
}

void place_mpnet(const Config&, const Section& root, Model& model) {
  const Section mpnet = root.under({"mpnet.", ""}, "embeddings.word_embeddings.weight");
  ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.encoder;
  StackParameters<float>& slots = model.parameters.encoder;
  const Index d = stack.d_model, n_vocab = spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  place_bert_embeddings(mpnet.at("embeddings"), d, model);
  mpnet.matrix(slots.position_table, "embeddings.position_embeddings.weight",
               stack.position.n_positions + stack.position.offset, d);
  mpnet.matrix(slots.bucket_bias, "encoder.relative_attention_bias.weight", stack.position.n_buckets,
               stack.layers.front().self.n_heads);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = mpnet.at("encoder.layer", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.linear(layer.self.query, "attention.attn.q", d, d);
    at.linear(layer.self.key, "attention.attn.k", d, d);
    at.linear(layer.self.value, "attention.attn.v", d, d);
    at.linear(layer.self.output, "attention.attn.o", d, d);
    at.norm(layer.self_norm, "attention.LayerNorm", d);
    at.linear(layer.up, "intermediate.dense", d_ff, d);
    at.linear(layer.down, "output.dense", d, d_ff);
    at.norm(layer.ffn_norm, "output.LayerNorm", d);
  }
  if (spec.output == OutputKind::masked_words)
    place_roberta_word_head(root.at("lm_head"),
                            mpnet.source("embeddings.word_embeddings.weight", {n_vocab, d}), d, model);
  else
    place_roberta_label_head(root, d, Activation::tanh, model);
}

}  // namespace attn

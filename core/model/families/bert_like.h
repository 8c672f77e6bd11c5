#pragma once

#include "core/model/families/common.h"

// What BERT, RoBERTa, ELECTRA, ALBERT and XLM-RoBERTa have in common.
namespace attn {

// An encoder of post-norm layers with word, position and type embeddings, from BERT's fields.
ModelSpec bert_like_spec(const Config& config);
// Positions as position_embedding_type says: a table, or relative keys.
PositionSpec bert_positions(const Config& config);
// embeddings.{word,position,token_type}_embeddings and LayerNorm, `width` wide.
void place_bert_embeddings(const Section& embeddings, Index width, Model& model);
// encoder.layer.N.
void place_bert_layers(const Section& encoder, Model& model);
void place_bert_self_attention(const Section& self, const StackSpec& stack,
                               AttentionParameters<float>& slots);
// dense (and out_proj) over the first row, or a linear map of every row, as output says.
void place_pooler_head(const Section& root, const std::string& pooler, Index width, Model& model);
// dense, gelu, layer_norm, decoder and bias under "lm_head": RoBERTa, MPNet.
void place_roberta_word_head(const Section& head, const MatrixSource& words, Index d_model, Model& model);
void place_roberta_label_head(const Section& root, Index width, Activation activation, Model& model);

}  // namespace attn

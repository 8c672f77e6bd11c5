#pragma once

#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/text/tokenizer.h"

namespace attn {

// A word of the vocabulary and how alike its embedding is: cosine similarity, -1 … 1.
struct NearWord {
  int id = 0;
  std::string word;  // as a person reads it
  float similarity = 0;
};

// The words whose input embeddings are most like that of `id`, itself and special tokens left out, most alike
// first. Costs one product over the embedding table, V × d_embedding.
std::vector<NearWord> nearest_words(const Model& model, const Tokenizer& tokenizer, int id, int most);

}  // namespace attn

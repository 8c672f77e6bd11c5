#pragma once

#include <string>
#include <vector>

#include "core/math/pool.h"
#include "core/model/model.h"
#include "core/training/grammar.h"

namespace attn {

// One line of a model card: what was counted, and its share of all.
struct NamedShare {
  std::string name;
  double share = 0;
};

// A translator on n fresh sentences whose noun pairs training never drew: word for word equal to the
// grammar's translation; the thing named right in both of two twins; and, for each noun, verb and adjective
// of the target, whether the most of a cross-attention head's weight lies on its source word when it is
// written next: of the guided head (the last layer's head 0), of the best other head, of the last layer's
// mean. Throws Error for another kind of model.
std::vector<NamedShare> evaluate_translation(const Model& model, const Grammar& grammar, int n = 500,
                                             Pool* pool = nullptr);

// A tagger on n fresh sentences that training never drew: words, words of more than one class, words hidden
// as [UNK], and sentences right; without positions (the table set to 0); the baseline that gives each word
// its most frequent class.
std::vector<NamedShare> evaluate_tags(const Model& model, const Grammar& grammar, int n = 500,
                                      Pool* pool = nullptr);

}  // namespace attn

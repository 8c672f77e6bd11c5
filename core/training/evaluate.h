#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/math/pool.h"
#include "core/model/model.h"
#include "core/training/grammar.h"

namespace attn {

// How often a model resolves pronouns on twin pairs it has never seen. Two different numbers, never merged:
// the answer (which candidate gets more) and the attention (where the weight lies).
struct PronounScore {
  int n_pairs = 0;
  double pairs_right = 0;      // share of pairs with both answers right: chance 0.25, a fixed guess 0
  double sentences_right = 0;  // share of sentences: chance 0.5
  double top = 0;              // share where the antecedent gets more than any other word
  double weight = 0;           // mean weight on the antecedent
  double named = 0;            // share of sentences whose output at the pronoun prefers the antecedent's word
};

// What an answer is read from: one head's weights at the pronoun.
PronounScore score_head(const Model& model, const std::vector<TwinPair>& pairs, int layer, int head,
                        Pool* pool = nullptr);

// The mean weight that each head (layer * n_heads + head) gives from the pronoun to the reason.
std::vector<double> reason_weights(const Model& model, const std::vector<TwinPair>& pairs,
                                   Pool* pool = nullptr);

struct EvaluationRow {
  std::string name;  // "held-out nouns"
  PronounScore score;
};

// Fresh pairs, the same for every model of this grammar.
std::vector<TwinPair> held_out_pairs(const Grammar& grammar, const SentenceOptions& options, int n_pairs,
                                     std::uint64_t seed = 20240);

// The table of a model card: seen words, held-out nouns, held-out adjectives, both; then the baselines first
// noun and nearest noun on the held-out nouns.
std::vector<EvaluationRow> evaluate_pronouns(const Model& model, const Grammar& grammar, int n_pairs = 500,
                                             Pool* pool = nullptr);

}  // namespace attn

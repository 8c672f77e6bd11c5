#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/math/pool.h"
#include "core/model/head_id.h"
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

// The head that prefers the antecedent over its rival most often: what a model without a pointer is asked.
HeadId find_pointing_head(const Model& model, const std::vector<TwinPair>& pairs, Pool* pool = nullptr);

// The mean weight that each head (layer * n_heads + head) gives from the pronoun to the reason.
std::vector<double> reason_weights(const Model& model, const std::vector<TwinPair>& pairs,
                                   Pool* pool = nullptr);

// What a row of weights gives to some keys together.
float sum_over(const Matrix& weights, int row, const std::vector<int>& keys);

struct EvaluationRow {
  std::string name;  // "held-out nouns"
  PronounScore score;
};

// How strongly the heads of a decoder show the two standard patterns on random words that repeat, each as the
// mean weight over the second half (Olsson et al. 2022): where the word now read stood before, one further
// (induction); the word before (previous token).
struct HeadScore {
  HeadId head;
  double score = 0;
};
struct StoryScore {
  HeadScore induction, previous;  // the best head of each
  double next_word = 0;           // share of a fresh story's words that were the most likely one
};
StoryScore score_stories(const Model& model, const Grammar& grammar, int n_texts = 40, Pool* pool = nullptr);

// Fresh pairs, the same for every model of this grammar.
std::vector<TwinPair> held_out_pairs(const Grammar& grammar, const SentenceOptions& options, int n_pairs,
                                     std::uint64_t seed = 20240);

// The table of a model card: seen words, held-out nouns, held-out adjectives, both; then the baselines first
// noun, nearest noun, category only and chance on the held-out nouns. Throws Error when the model was trained
// with other words.
std::vector<EvaluationRow> evaluate_pronouns(const Model& model, const Grammar& grammar, int n_pairs = 500,
                                             Pool* pool = nullptr);

}  // namespace attn

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/mentions.h"
#include "core/forward/trace.h"
#include "core/math/pool.h"

namespace attn {

// How one head connects a pronoun with its candidates. Between words: attention *to* a word is the sum over
// its tokens, *from* a word the mean over them.
struct HeadCoreference {
  HeadId head;
  std::vector<double> to_candidates;    // weight from the pronoun to each candidate
  std::vector<double> from_candidates;  // weight from each candidate to the pronoun
  double margin = 0;  // to_candidates: the first minus the best of the others (a single one: its weight)
};

// The weight from one word to another: mean over the rows `from` of the sum over the columns `to`.
double word_weight(const HeadWeights& weights, std::span<const int> from, std::span<const int> to);
// First minus the best other; one value: itself.
double signed_margin(std::span<const double> values);

// Every head of a stack's self-attention, the largest margin of either sign first; equal ones in the order of
// layers and heads. Token indices must be inside the Trace. Heads without weights (over the budget) are
// absent.
std::vector<HeadCoreference> rank_heads(const Trace& trace, Stack stack, std::span<const int> pronoun,
                                        std::span<const Mention> candidates, Pool* pool = nullptr);
HeadCoreference connect(const HeadWeights& weights, const HeadId& head, std::span<const int> pronoun,
                        std::span<const Mention> candidates);

// What a method says the pronoun means. No scores: it cannot say, and `why_not` is a sentence that says why.
struct CoreferenceAnswer {
  std::string method;          // "pointer", "mas", "mas-reversed", "substitution", "word"
  std::vector<double> scores;  // one a candidate; larger is likelier
  std::string why_not;
  std::optional<int> best() const;  // the candidate with the highest score, the first of equal ones
  double lead() const;              // of the best score before the next one; of a single one: itself
  // best(), but nothing where its lead is below undecided_below(method): then the model is undecided.
  std::optional<int> decided() const;
};

// The smallest lead that counts as an answer: 0.1 of the pointing head's weight; 0.01 of the attention score,
// whose shares lie close together; 0.1 nats (1.1 times as likely) where likelihoods are compared.
double undecided_below(std::string_view method);

// The model's own answer where it was trained to give one: the pointing head's attention, summed over each
// candidate's tokens (attention sum, Kadlec et al. 2016). Cannot say for models without a pointer, and while
// the pointing head or its layer's attention is switched off.
CoreferenceAnswer pointer_answer(const Trace& trace, std::span<const int> pronoun,
                                 std::span<const Mention> candidates);

// Maximum attention score (Klein & Nabi 2019): in each head only the candidate with the largest weight keeps
// it; the score of a candidate is its share of all that was kept. Ties go to the first candidate. The paper
// reads attention from the pronoun to the candidate ("mas"); its released code reads rows of the candidate
// and the column of the pronoun ("mas-reversed").
enum class MasDirection { from_pronoun, from_candidate };
CoreferenceAnswer attention_score_answer(std::span<const HeadCoreference> heads, MasDirection direction);

// Everything `attnlab coref` says about one pronoun.
struct CoreferenceReport {
  std::string model, text;
  std::vector<std::string> tokens;
  Mention pronoun;
  std::vector<Mention> candidates;
  CoreferenceAnswer answer;
  std::vector<HeadCoreference> heads;  // ranked
  bool several_stacks = false;         // name heads "enc L1·H0"
};

// {"model", "text", "tokens", "pronoun": {"token", "index"}, "candidates": [{"word", "indices", "score"}],
//  "answer", "method", "undecided_below", "why_not", "heads": [{"head", "layer", "head_index",
//  "to_candidates", "from_candidates", "margin"}]}. "score" and "answer" are null where the method cannot say
// ("why_not" says why), "answer" also where it is undecided; "index" is the pronoun's first token.
std::string to_json(const CoreferenceReport& report);

}  // namespace attn

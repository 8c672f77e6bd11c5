#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/coreference.h"
#include "core/forward/pass.h"
#include "core/text/tokenizer.h"

namespace attn {

// log softmax(logits)[id], natural logarithm, summed in double precision.
double log_probability(const Row& logits, int id);

// How likely a model finds a text, token by token.
//   masked words (BERT): pseudo-log-likelihood Σ_t log p(w_t | w_\t), each token masked in turn, all copies
//   of the text in batches through the model (Salazar et al. 2020); next words (GPT): Σ_t log p(w_t | w_<t),
//   one pass, behind the model's beginning-of-text token where it has one.
struct TextLikelihood {
  std::vector<double> tokens;  // log p of each token of the encoding; not-a-number for special tokens (and
                               // for a first token that nothing precedes)
  double sum = 0;              // over the others
};

// Throws Error for models that predict no words and masked models without a mask token; Cancelled.
TextLikelihood text_likelihood(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                               const Encoding& encoding, const Interventions& interventions = {},
                               Pool* pool = nullptr, const CancelToken* cancel = nullptr);

// The text with the pronoun replaced by one candidate, and how likely it is.
struct Substitution {
  std::string text;
  double sum = 0;        // of the whole text: what the answer goes by
  double candidate = 0;  // of the tokens that were put in
  double rest = 0;       // of all others
};

struct SubstitutionAnswer {
  CoreferenceAnswer answer;         // method "substitution"; scores are the sums
  std::vector<Substitution> texts;  // one a candidate
};

// Which candidate the text is likelier with in the pronoun's place (Trinh & Le 2018; by pseudo-log-likelihood
// Salazar et al. 2020). A candidate of several words goes in whole. `text` is what the mentions were found
// in.
SubstitutionAnswer substitution_answer(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                                       const std::string& text, const Mention& pronoun,
                                       std::span<const Mention> candidates,
                                       const Interventions& interventions = {}, Pool* pool = nullptr,
                                       const CancelToken* cancel = nullptr);

}  // namespace attn

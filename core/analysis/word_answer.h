#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/analysis/coreference.h"
#include "core/forward/pass.h"
#include "core/text/tokenizer.h"

namespace attn {

// Which candidate the model itself would write in the pronoun's place: log p(candidate) there, with the
// pronoun masked (masked words), or after what stands before it (next words: the model has not read the
// rest). Method "word"; scores in nats. Cannot say for candidates of several tokens, whose likelihoods are
// not comparable at one place, and for models that predict no words.
CoreferenceAnswer word_answer(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                              const std::string& text, const Mention& pronoun,
                              std::span<const Mention> candidates, const Interventions& interventions = {},
                              Pool* pool = nullptr, const CancelToken* cancel = nullptr);

// Which candidate the output at the pronoun names, of a model that was trained to name there what it stands
// for (ModelSpec::names_at): log p(candidate) with the pronoun as it stands. Method "named"; otherwise as
// word_answer.
CoreferenceAnswer named_answer(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                               const std::string& text, const Mention& pronoun,
                               std::span<const Mention> candidates, const Interventions& interventions = {},
                               Pool* pool = nullptr, const CancelToken* cancel = nullptr);

// The one token that a candidate becomes in the pronoun's place; nullopt: several, or an unknown one.
std::optional<int> token_in_place(const Tokenizer& tokenizer, const std::string& text, const Mention& pronoun,
                                  const Mention& candidate);

}  // namespace attn

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/mentions.h"
#include "core/study/library.h"

namespace attn {

// Whether models that were trained alike, from different seeds, say the same of a pronoun. One seed can be
// right by luck and sure of itself where it was never trained; several that agree, and that look nowhere
// else, tell more.
enum class Agreement {
  agree,          // every seed points at the same candidate, and with most of its weight
  disagree,       // they point at different ones: not trained on sentences like this
  unseen,         // they point elsewhere than at the candidates, or waver: not trained on sentences like this
  unknown_words,  // a word of the text is none of the model's: what it says rests on the others
};

struct SeedAnswer {
  std::string name;             // "pronouns-en", "seed 2"
  std::vector<double> weights;  // of the pointer on each candidate, 0…1
  std::optional<int> best;      // the candidate with the most; none: no candidate has any
};

struct AgreementReport {
  Agreement verdict = Agreement::unseen;
  std::optional<int> candidate;            // agree, unknown_words: what they all say
  std::vector<SeedAnswer> seeds;           // as given
  std::vector<std::string> unknown_words;  // as they stand in the text
};

// The folders seeds/2, seeds/3 … of a model, in order; empty: it has none. Each is a whole model folder
// that can be opened by itself; as seeds their words are those of the model.
std::vector<std::filesystem::path> seed_folders(const std::filesystem::path& model);

// A built-in model and its seeds, opened. Takes about as long as opening it once for each. Throws Error when
// a seed cannot be read or is of another kind than the model.
std::vector<LoadedModel> open_seeds(const LoadedModel& model, Pool* pool = nullptr,
                                    const CancelToken* cancel = nullptr);

// Asks each of them (with no interventions) what the pronoun means. `prepared`: the text, tokenized by any of
// them. Costs one forward pass a seed: under a millisecond. Throws Error for models without a pointer.
AgreementReport agreement(std::span<const LoadedModel> seeds, const PreparedText& prepared,
                          const std::string& text, const Mention& pronoun,
                          std::span<const Mention> candidates, Pool* pool = nullptr);

}  // namespace attn

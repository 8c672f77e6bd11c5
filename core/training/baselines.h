#pragma once

#include <functional>
#include <memory>

#include "core/training/model_card.h"
#include "core/training/trainer.h"

namespace attn {

// The one number that a recipe is about: both twins right on held-out nouns, sentences translated exactly,
// words of more than one class right, induction score.
NamedShare headline(const SeedResult& result);

// What must be beaten for a result to mean something: the same recipe untrained, and trained alike with a
// single layer. Takes about as long as training does. `on_step` is told of the progress; Cancelled when asked
// to stop.
std::vector<NamedShare> trained_baselines(const Recipe& recipe, std::shared_ptr<const Grammar> grammar,
                                          std::uint64_t seed, Pool* pool = nullptr,
                                          const CancelToken* cancel = nullptr,
                                          const std::function<void(const TrainingProgress&)>& on_step = {});

}  // namespace attn

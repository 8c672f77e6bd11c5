#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/training/evaluate.h"
#include "core/training/evaluate_tasks.h"
#include "core/training/recipe.h"

namespace attn {

// What one trained seed scored.
struct SeedResult {
  std::uint64_t seed = 0;
  std::vector<EvaluationRow> rows;  // recipes about pronouns
  HeadScore reason;                 // the head below the last layer that looks from the pronoun to the reason
  std::optional<StoryScore> stories;  // storytellers
  std::vector<NamedShare> measures;   // translators and taggers
};

// What the recipe's objective is measured by, on fresh and held-out text. Throws Error when the model was
// trained with other words than the grammar's.
SeedResult evaluate(const Recipe& recipe, const Model& model, const Grammar& grammar, std::uint64_t seed,
                    int n_pairs = 500, Pool* pool = nullptr);

// The evaluation as a table for people, one line a row; with several seeds lowest, median and highest of
// each.
std::string evaluation_table(const std::vector<SeedResult>& results);

// MODEL_CARD.md: data, objective, what is supervised, results, limits, how to make it again. The shipped seed
// is recipe.seed. `baselines`: what models that were trained for comparison scored (trained_baselines).
std::string model_card(const Recipe& recipe, const Grammar& grammar, const std::vector<SeedResult>& results,
                       std::size_t n_parameters, const std::vector<NamedShare>& baselines = {});

// Those baselines as a table for people.
std::string baseline_table(const std::vector<NamedShare>& baselines, std::uint64_t seed);

}  // namespace attn

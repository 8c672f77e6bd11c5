#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/training/recipe.h"

namespace attn::app {

// What a person chooses before training: a recipe, and what of it is done otherwise.
struct TrainingChoice {
  std::string recipe;  // its name; empty: none chosen yet
  Recipe settings;     // the recipe's own with what was changed
  std::string preset;  // the card it came from; empty: changed by hand since
};

// A recipe file of assets/recipes.
struct RecipeFile {
  std::filesystem::path path;
  Recipe recipe;
  std::string problem;  // why it cannot be read; then `recipe` is empty
};

// Recipes that can be trained and watched here, by name. Reads files; never throws.
std::vector<RecipeFile> find_recipes(const std::filesystem::path& folder);

bool about_pronouns(const Recipe& recipe);

// Trains for so many steps; what the recipe does at a share of its way (easy sentences first) stays at it.
void set_steps(Recipe& recipe, int n_steps);

// "Train without it": one change each, to a recipe about pronouns. Its words are at "training.preset.<name>"
// and "training.preset_why.<name>".
struct Preset {
  const char* name;
  void (*change)(Recipe& recipe);
};
std::span<const Preset> training_presets();

// What cannot be trained together, as one sentence; empty: all is well.
std::string why_not_trained(const Recipe& recipe);

}  // namespace attn::app

#include "app/views/training/choice.h"

#include <algorithm>
#include <array>

#include "core/math/error.h"

namespace attn::app {

namespace fs = std::filesystem;

namespace {

constexpr std::array<Preset, 7> kPresets = {{
    {"full", [](Recipe&) {}},
    {"one_layer", [](Recipe& r) { r.n_layers = 1; }},
    {"no_positions", [](Recipe& r) { r.positions = PositionKind::none; }},
    {"causal", [](Recipe& r) { r.causal = true; }},
    {"causal_at_end", [](Recipe& r) { r.causal = r.question_at_end = true; }},
    {"no_feed_forward", [](Recipe& r) { r.d_ff = 0; }},
    {"additive", [](Recipe& r) { r.scoring = Scoring::additive; }},
}};

}  // namespace

std::vector<RecipeFile> find_recipes(const fs::path& folder) {
  std::vector<RecipeFile> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() != ".recipe") continue;
    RecipeFile file;
    file.path = entry.path();
    try {
      file.recipe = load_recipe(entry.path());
      if (!about_pronouns(file.recipe) && file.recipe.objective != Objective::stories) continue;
    } catch (const Error& error) {
      file.recipe = {};
      file.recipe.name = entry.path().stem().string();
      file.problem = error.what();
    }
    found.push_back(std::move(file));
  }
  std::sort(found.begin(), found.end(),
            [](const RecipeFile& a, const RecipeFile& b) { return a.recipe.name < b.recipe.name; });
  return found;
}

bool about_pronouns(const Recipe& recipe) {
  return recipe.objective == Objective::pointer || recipe.objective == Objective::naming;
}

void set_steps(Recipe& recipe, int n_steps) {
  const double share = static_cast<double>(n_steps) / recipe.optimiser.n_steps;
  if (recipe.full_breadth_at > 1)
    recipe.full_breadth_at = std::max(2, static_cast<int>(recipe.full_breadth_at * share));
  recipe.optimiser.n_steps = n_steps;
}

std::span<const Preset> training_presets() {
  return kPresets;
}

std::string why_not_trained(const Recipe& recipe) {
  if (recipe.d_model % recipe.n_heads != 0)
    return "width " + std::to_string(recipe.d_model) + " / " + std::to_string(recipe.n_heads);
  return {};
}

}  // namespace attn::app

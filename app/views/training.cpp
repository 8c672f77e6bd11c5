#include "app/views/training.h"

#include <algorithm>

#include "app/views/training/parts.h"

namespace attn::app {

namespace {

constexpr float kColumn = 272, kNarrowColumn = 224;  // design units
constexpr float kWideFrom = 900;

const RecipeFile* find_recipe(const TrainingPage& page, const std::string& name) {
  for (const RecipeFile& file : page.recipes)
    if (file.problem.empty() && file.recipe.name == name) return &file;
  return nullptr;
}

// Until the person chooses or trains: the recipe of the model in front, else one in the language of the
// window.
void follow_model(TrainingPage& page) {
  TrainingCache& cache = page.cache;
  if (cache.recipe_chosen || cache.run) return;
  const RecipeFile* wanted = find_recipe(page, page.study.a.model);
  if (!wanted)
    wanted = find_recipe(page, page.view.language == Language::chinese ? "pronouns-zh" : "pronouns-en");
  if (!wanted && !page.recipes.empty() && page.recipes.front().problem.empty())
    wanted = &page.recipes.front();
  if (!wanted || wanted->recipe.name == cache.choice.recipe || page.study.a.model == cache.followed) return;
  cache.followed = page.study.a.model;
  choose_recipe(page, *wanted);
}

void draw_recipe_menu(TrainingPage& page) {
  Ui& ui = page.ui;
  std::vector<Choice> choices;
  int chosen = -1;
  for (std::size_t i = 0; i < page.recipes.size(); ++i) {
    const RecipeFile& file = page.recipes[i];
    choices.push_back({file.recipe.name, file.recipe.name, {}, file.problem});
    if (file.recipe.name == page.cache.choice.recipe) chosen = static_cast<int>(i);
  }
  label(ui, {}, ui.words("training.recipe"), TextRole::note, ui.theme.dim);
  if (combo(ui, "training.recipe", choices, chosen, room(ui))) {
    page.cache.recipe_chosen = true;
    choose_recipe(page, page.recipes[static_cast<std::size_t>(chosen)]);
  }
  space(ui, 4);
}

void draw_column(TrainingPage& page) {
  Ui& ui = page.ui;
  draw_recipe_menu(page);
  draw_run_controls(page);
  space(ui, 12);
  if (page.cache.picture) {
    draw_keep(page);
    space(ui, 12);
  }
  draw_preset_cards(page);
  space(ui, 6);
  draw_training_settings(page);
  space(ui, 8);
}

}  // namespace

void draw_training(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                   TrainingCache& cache, Intents& intents) {
  constexpr const char* kRecipes = "training.recipes";
  intents.want<std::vector<RecipeFile>>(kRecipes, [](JobControl&) { return find_recipes(recipes_folder()); });
  const Answer<std::vector<RecipeFile>> recipes = frame.answer<std::vector<RecipeFile>>(kRecipes);
  if (!recipes.value || recipes.value->empty()) {
    const bool missing = recipes.done;
    return empty_state(ui, rect, ui.words(missing ? "training.no_recipes" : "training.reading"),
                       missing ? ui.words("training.no_recipes_hint") : std::string_view(""));
  }
  TrainingPage page{ui, frame, study, view, cache, intents, *recipes.value};
  follow_model(page);
  follow_training(page);
  const float column = ui.px(rect.width() >= ui.px(kWideFrom) ? kColumn : kNarrowColumn);
  panel(
      ui, "training.column", {rect.x0, rect.y0, rect.x0 + column, rect.y1}, PanelLook::flat,
      [&] { draw_column(page); }, 4);
  draw_progress(page, {rect.x0 + column + ui.px(16), rect.y0, rect.x1, rect.y1});
}

}  // namespace attn::app

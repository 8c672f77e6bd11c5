#include "app/views/meter.h"
#include "app/views/training/parts.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

std::string percent(double share) {
  return fixed(100 * share, 0) + " %";
}

// What a run reached, beside what guessing gets.
void draw_reached(TrainingPage& page, const MeterReading& reading, const HeldOut* set) {
  Ui& ui = page.ui;
  meter_row(ui, "training.reached", ui.words("training.reached"), reading, reading.right);
  note(ui, ui.words("training.reached_sentences",
                    {{"share", percent(reading.sentences)},
                     {"first", set ? percent(set->first_noun.sentences) : "50 %"},
                     {"nearest", set ? percent(set->nearest_noun.sentences) : "50 %"}}));
}

}  // namespace

void draw_preset_cards(TrainingPage& page) {
  Ui& ui = page.ui;
  TrainingCache& cache = page.cache;
  const RecipeFile* file = nullptr;
  for (const RecipeFile& one : page.recipes)
    if (one.recipe.name == cache.choice.recipe) file = &one;
  if (!file || !about_pronouns(file->recipe)) return;
  heading(ui, ui.words("training.without_it"));
  note(ui, ui.words("training.without_it_note"));
  space(ui, 4);
  const HeldOut* set = cache.picture ? cache.picture->held_out.get() : nullptr;
  for (const Preset& preset : training_presets()) {
    const std::string name = preset.name;
    if (button(ui, "training.preset." + name, ui.words("training.preset." + name),
               {.width = -1, .small = true, .selected = cache.choice.preset == name})) {
      const std::uint64_t seed = cache.choice.settings.seed;
      cache.choice.settings = file->recipe;
      preset.change(cache.choice.settings);
      cache.choice.settings.seed = seed;
      cache.choice.preset = name;
      begin_training(page);
    }
    const auto reached = cache.reached.find(file->recipe.name + " " + name);
    if (reached != cache.reached.end()) draw_reached(page, reached->second, set);
    note(ui, ui.words("training.preset_why." + name));
    space(ui, 6);
  }
}

}  // namespace attn::app

#include <algorithm>
#include <array>

#include "app/views/training/parts.h"

namespace attn::app {

namespace {

constexpr std::array<int, 4> kSpeeds = {0, 20, 5, 1};

const RecipeFile* file_of(const TrainingPage& page, const std::string& recipe) {
  for (const RecipeFile& file : page.recipes)
    if (file.recipe.name == recipe && file.problem.empty()) return &file;
  return nullptr;
}

// A part of a run: from here to a pause or the end.
void want_work(TrainingPage& page) {
  TrainingCache& cache = page.cache;
  page.intents.want<TrainingPicture>(
      cache.key, [run = cache.run](JobControl& control) { return run->work(control); }, JobKind::lasting);
}

void go_on(TrainingPage& page, int n_steps) {
  TrainingCache& cache = page.cache;
  page.intents.stop_job(cache.key);  // its answer is in `picture`
  cache.run->go_on(n_steps);
  cache.key = "training " + std::to_string(cache.n_runs) + "." + std::to_string(++cache.n_parts);
  cache.working = true;
  cache.pausing = false;
}

std::string reached_key(const TrainingCache& cache, const Recipe& recipe) {
  return recipe.name + " " + cache.preset;
}

bool unfinished(const TrainingCache& cache) {
  return cache.run && !cache.working && cache.picture && !cache.picture->finished && cache.problem.empty();
}

void draw_main_button(TrainingPage& page) {
  Ui& ui = page.ui;
  TrainingCache& cache = page.cache;
  const bool other = differs_from_run(page);
  ButtonOptions options{.look = ButtonLook::primary, .icon = Icon::play, .width = -1};
  const std::string wrong = why_not_trained(cache.choice.settings);
  const std::string why = wrong.empty() ? "" : ui.words("training.does_not_divide", {{"what", wrong}});
  options.disabled = cache.choice.recipe.empty() ? ui.words("training.no_recipe") : std::string_view(why);
  if (cache.working && !other) {
    options.icon = Icon::none;
    options.disabled = cache.pausing ? ui.words("training.pausing") : std::string_view();
    if (button(ui, "training.pause", ui.words("training.pause"), options)) {
      cache.run->pause();
      cache.pausing = true;
    }
  } else if (unfinished(cache) && !other) {
    if (button(ui, "training.go_on", ui.words("training.go_on"), options)) go_on(page, -1);
  } else if (button(ui, "training.train", ui.words(other ? "training.train_this" : "training.train"),
                    options)) {
    begin_training(page);
  }
}

void draw_step_and_reset(TrainingPage& page) {
  Ui& ui = page.ui;
  TrainingCache& cache = page.cache;
  const float half = (room(ui) - ui.px(metric::kGap)) / 2 / ui.scale;
  const bool can_step = unfinished(cache) || !cache.run;
  if (button(ui, "training.step", ui.words("training.step"),
             {.width = half,
              .small = true,
              .tooltip = ui.words("training.step_tip"),
              .disabled = can_step ? std::string_view() : ui.words("training.step_why_not")})) {
    if (!cache.run) {
      begin_training(page);
      if (cache.run) cache.run->go_on(1);
    } else {
      go_on(page, 1);
    }
  }
  beside(ui);
  if (button(ui, "training.reset", ui.words("training.reset"),
             {.icon = Icon::reset,
              .width = half,
              .small = true,
              .tooltip = ui.words("training.reset_tip"),
              .disabled = cache.run ? std::string_view() : ui.words("training.reset_why_not")}))
    reset_training(page);
}

void draw_speed(TrainingPage& page) {
  Ui& ui = page.ui;
  TrainingCache& cache = page.cache;
  const std::array<std::string, 3> slow = {ui.words("training.per_second", {{"n", "20"}}),
                                           ui.words("training.per_second", {{"n", "5"}}),
                                           ui.words("training.per_second", {{"n", "1"}})};
  const std::array<Choice, 4> choices = {Choice{"full", ui.words("training.full_speed")},
                                         Choice{"20", slow[0]}, Choice{"5", slow[1]}, Choice{"1", slow[2]}};
  int chosen = static_cast<int>(std::find(kSpeeds.begin(), kSpeeds.end(), cache.speed) - kSpeeds.begin());
  if (segmented(ui, "training.speed", choices, chosen)) {
    cache.speed = kSpeeds[static_cast<std::size_t>(chosen)];
    if (cache.run) cache.run->set_speed(cache.speed);
  }
}

}  // namespace

bool differs_from_run(const TrainingPage& page) {
  const TrainingCache& cache = page.cache;
  return cache.run && !(cache.begun == cache.choice.settings);
}

void begin_training(TrainingPage& page) {
  TrainingCache& cache = page.cache;
  const RecipeFile* file = file_of(page, cache.choice.recipe);
  if (!file || !why_not_trained(cache.choice.settings).empty()) return;
  reset_training(page);
  cache.begun = cache.choice.settings;
  cache.preset = cache.choice.preset;
  cache.watched = page.study.shown().text;
  cache.run = std::make_shared<TrainingRun>(cache.begun, file->path.parent_path() / cache.begun.grammar,
                                            cache.watched);
  cache.run->set_speed(cache.speed);
  cache.key = "training " + std::to_string(++cache.n_runs) + ".0";
  cache.n_parts = 0;
  cache.working = true;
}

void reset_training(TrainingPage& page) {
  TrainingCache& cache = page.cache;
  if (!cache.key.empty()) page.intents.stop_job(cache.key);
  cache.run.reset();
  cache.picture.reset();
  cache.key.clear();
  cache.problem = {};
  cache.working = cache.pausing = false;
  cache.selection = {};
  cache.head_chosen = cache.query_chosen = false;
  cache.kept.clear();
  cache.keep_problem = {};
}

void follow_training(TrainingPage& page) {
  TrainingCache& cache = page.cache;
  if (!cache.run) return;
  const std::string text = page.study.shown().text;
  if (text != cache.watched) {
    cache.watched = text;
    cache.run->watch(text);
    // A run that rests looks once at the new sentence.
    if (!cache.working && cache.problem.empty()) go_on(page, 0);
  }
  if (!cache.working) return;
  const Answer<TrainingPicture> answer = page.frame.answer<TrainingPicture>(cache.key);
  if (answer.value) cache.picture = answer.value;
  if (!answer.done) return want_work(page);
  cache.working = cache.pausing = false;
  cache.problem = answer.problem;
  if (cache.picture && !cache.preset.empty() && !cache.picture->learned.empty() &&
      about_pronouns(cache.picture->recipe) && cache.picture->finished)
    cache.reached[reached_key(cache, cache.picture->recipe)] = cache.picture->learned.back().meter;
}

void draw_run_controls(TrainingPage& page) {
  Ui& ui = page.ui;
  draw_main_button(page);
  space(ui, 4);
  draw_step_and_reset(page);
  space(ui, 4);
  draw_speed(page);
  if (differs_from_run(page)) note(ui, ui.words("training.differs"));
}

}  // namespace attn::app

#include <algorithm>
#include <array>

#include "app/views/training/parts.h"

namespace attn::app {

namespace {

// A caption and, under it, one of a few.
template <std::size_t N>
bool pick(TrainingPage& page, const char* name, const std::array<Choice, N>& choices, int& chosen) {
  Ui& ui = page.ui;
  label(ui, {}, ui.words(std::string("training.") + name), TextRole::note, ui.theme.dim);
  const bool changed = segmented(ui, std::string("training.") + name, choices, chosen);
  space(ui, 2);
  return changed;
}

// One of a few numbers.
template <std::size_t N>
bool pick_number(TrainingPage& page, const char* name, const std::array<int, N>& numbers, int& value) {
  std::array<std::string, N> texts;
  std::array<Choice, N> choices;
  int chosen = -1;
  for (std::size_t i = 0; i < N; ++i) {
    texts[i] = std::to_string(numbers[i]);
    choices[i] = {texts[i], texts[i]};
    if (numbers[i] == value) chosen = static_cast<int>(i);
  }
  if (!pick(page, name, choices, chosen)) return false;
  value = numbers[static_cast<std::size_t>(chosen)];
  return true;
}

void changed_by_hand(TrainingCache& cache) {
  cache.choice.preset.clear();
}

void draw_sizes(TrainingPage& page) {
  Recipe& r = page.cache.choice.settings;
  const int times = r.d_ff % r.d_model == 0 ? r.d_ff / r.d_model : -1;
  bool changed = pick_number(page, "layers", std::array{1, 2, 3, 4}, r.n_layers);
  changed |= pick_number(page, "heads", std::array{1, 2, 4, 8}, r.n_heads);
  if (pick_number(page, "width", std::array{32, 48, 64, 96}, r.d_model)) {
    changed = true;
    if (times >= 0) r.d_ff = times * r.d_model;
  }
  const std::array<Choice, 4> widths = {Choice{"none", page.ui.words("training.none")}, Choice{"1", "× 1"},
                                        Choice{"2", "× 2"}, Choice{"4", "× 4"}};
  int chosen = times == 4 ? 3 : times >= 0 && times <= 2 ? times : -1;
  if (pick(page, "feed_forward", widths, chosen)) {
    changed = true;
    r.d_ff = (chosen == 3 ? 4 : chosen) * r.d_model;
  }
  if (changed) changed_by_hand(page.cache);
}

void draw_positions(TrainingPage& page) {
  const Words& words = page.ui.words;
  Recipe& r = page.cache.choice.settings;
  static constexpr std::array kKinds = {PositionKind::learned, PositionKind::sinusoidal, PositionKind::rotary,
                                        PositionKind::none};
  const std::array<Choice, 4> choices = {
      Choice{"learned", words("training.learned")}, Choice{"sinusoidal", words("training.sinusoidal")},
      Choice{"rotary", words("training.rotary")}, Choice{"none", words("training.none")}};
  int chosen = static_cast<int>(std::find(kKinds.begin(), kKinds.end(), r.positions) - kKinds.begin());
  if (!pick(page, "positions", choices, chosen)) return;
  r.positions = kKinds[static_cast<std::size_t>(chosen)];
  changed_by_hand(page.cache);
}

void draw_attention(TrainingPage& page) {
  const Words& words = page.ui.words;
  Recipe& r = page.cache.choice.settings;
  const bool pronouns = about_pronouns(r);
  bool changed = false;
  int causal = r.causal, at_end = r.question_at_end, additive = r.scoring == Scoring::additive, soft = 0;
  const std::string_view storyteller = pronouns ? std::string_view() : words("training.story_needs_mask");
  const std::array<Choice, 2> masks = {Choice{"none", words("training.none"), {}, storyteller},
                                       Choice{"causal", words("training.causal")}};
  changed |= pick(page, "mask", masks, causal);
  if (pronouns) {
    const std::array<Choice, 2> places = {Choice{"in_place", words("training.in_place")},
                                          Choice{"at_end", words("training.at_end")}};
    changed |= pick(page, "question", places, at_end);
  }
  const std::array<Choice, 2> scorings = {Choice{"dot", words("training.dot")},
                                          Choice{"additive", words("training.additive")}};
  changed |= pick(page, "scoring", scorings, additive);
  const std::array<Choice, 2> softmax = {
      Choice{"soft", words("training.soft")},
      Choice{"hard", words("training.hard"), {}, words("training.hard_why_not")}};
  pick(page, "softmax", softmax, soft);
  changed |= toggle(page.ui, "training.scaling", words("training.scaling"), r.scaling);
  changed |= toggle(page.ui, "training.residual", words("training.residual"), r.residual);
  r.causal = causal != 0;
  r.question_at_end = at_end != 0;
  r.scoring = additive ? Scoring::additive : Scoring::dot_product;
  if (changed) changed_by_hand(page.cache);
}

void draw_norm_and_objective(TrainingPage& page) {
  const Words& words = page.ui.words;
  Recipe& r = page.cache.choice.settings;
  int norm = !r.norms ? 2 : r.norm_place == NormPlace::before ? 1 : 0;
  const std::array<Choice, 3> norms = {Choice{"after", words("training.norm_after")},
                                       Choice{"before", words("training.norm_before")},
                                       Choice{"none", words("training.none")}};
  bool changed = pick(page, "norm", norms, norm);
  r.norms = norm != 2;
  if (r.norms) r.norm_place = norm == 1 ? NormPlace::before : NormPlace::after;
  if (about_pronouns(r)) {
    int naming = r.objective == Objective::naming;
    const std::array<Choice, 2> objectives = {Choice{"pointer", words("training.pointer")},
                                              Choice{"naming", words("training.naming")}};
    changed |= pick(page, "objective", objectives, naming);
    r.objective = naming ? Objective::naming : Objective::pointer;
    note(page.ui, words(naming ? "training.naming_note" : "training.pointer_note"));
  }
  int steps = r.optimiser.n_steps;
  if (pick_number(page, "steps", std::array{300, 1500, 3000, 7000}, steps)) {
    set_steps(r, steps);
    changed = true;
  }
  if (changed) changed_by_hand(page.cache);
}

void draw_seed(TrainingPage& page) {
  Ui& ui = page.ui;
  Recipe& r = page.cache.choice.settings;
  cell_label(ui, ui.words("training.seed", {{"n", std::to_string(r.seed)}}), 120, metric::kControlSmall);
  beside(ui);
  if (icon_button(ui, "training.seed.less", Icon::minus, ui.words("training.seed_less"), {.small = true}) &&
      r.seed > 1)
    --r.seed;
  beside(ui, 4);
  if (icon_button(ui, "training.seed.more", Icon::plus, ui.words("training.seed_more"), {.small = true}))
    ++r.seed;
}

}  // namespace

void choose_recipe(TrainingPage& page, const RecipeFile& file) {
  TrainingCache& cache = page.cache;
  cache.choice.recipe = file.recipe.name;
  cache.choice.settings = file.recipe;
  cache.choice.preset = "full";
}

void draw_training_settings(TrainingPage& page) {
  Ui& ui = page.ui;
  heading(ui, ui.words("training.settings"));
  if (page.cache.choice.recipe.empty()) return;
  draw_seed(page);
  draw_sizes(page);
  draw_positions(page);
  draw_attention(page);
  draw_norm_and_objective(page);
}

}  // namespace attn::app

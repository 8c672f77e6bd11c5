#include "app/views/training/kept_model.h"

#include <cstdio>

#include "app/views/training/choice.h"
#include "core/math/error.h"
#include "core/model/own_models.h"
#include "core/study/library.h"
#include "core/training/save_model.h"

namespace attn::app {

namespace fs = std::filesystem;

namespace {

std::string line(const std::string& name, const std::string& value) {
  return "- " + name + ": " + value + "\n";
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

std::string results(const TrainingPicture& picture) {
  if (picture.learned.empty()) return {};
  const LearningPoint& last = picture.learned.back();
  if (!picture.held_out) return line("next word of fresh stories right", percent(last.next_word));
  const auto pairs = [](const MeterReading& reading) {
    return std::to_string(reading.right) + " of " + std::to_string(reading.n_pairs) + " pairs, " +
           percent(reading.sentences) + " of sentences";
  };
  return line("twin pairs with held-out nouns, both right", pairs(last.meter)) +
         line("the word named at the pronoun", std::to_string(last.meter.named) + " pairs") +
         line("baseline: first noun", pairs(picture.held_out->first_noun)) +
         line("baseline: nearest noun", pairs(picture.held_out->nearest_noun)) +
         line("baseline: chance", std::to_string(last.meter.n_pairs / 4) + " pairs, 50.0 % of sentences");
}

}  // namespace

std::string kept_model_card(const TrainingPicture& picture, const std::string& name) {
  const Recipe& r = picture.recipe;
  std::string card = "# " + name +
                     "\n\nTrained in the window of Attention Lab, from nothing, by the recipe " + r.name +
                     " with the settings below. One seed: not a range.\n\n## Made of\n\n";
  card += line("layers", std::to_string(r.n_layers)) + line("heads", std::to_string(r.n_heads)) +
          line("width", std::to_string(r.d_model)) +
          line("feed-forward width", r.d_ff > 0 ? std::to_string(r.d_ff) : "none") +
          line("positions", name_of(r.positions)) + line("mask", r.causal ? "causal" : "none") +
          line("scoring", r.scoring == Scoring::additive ? "additive" : "dot product") +
          line("scores scaled", r.scaling ? "yes" : "no") +
          line("norm", !r.norms                            ? "none"
                       : r.norm_place == NormPlace::before ? "before"
                                                           : "after") +
          line("residual connections", r.residual ? "yes" : "no");
  card += "\n## Trained\n\n";
  card += line("sentences", r.grammar) + line("objective", r.objective == Objective::pointer  ? "pointer"
                                                           : r.objective == Objective::naming ? "naming"
                                                                                              : "stories");
  if (about_pronouns(r)) card += line("question asked", r.question_at_end ? "at the end" : "in place");
  card += line("steps",
               std::to_string(picture.progress.step) + " of " + std::to_string(picture.progress.n_steps)) +
          line("seed", std::to_string(r.seed));
  return card + "\n## Held out\n\n" + results(picture);
}

fs::path keep_trained_model(const TrainingPicture& picture, const std::string& name) {
  if (const std::string wrong = why_not_named(name); !wrong.empty()) throw Error(wrong);
  const fs::path folder = own_models_folder() / name;
  std::error_code ignored;
  if (fs::exists(folder, ignored) || fs::exists(model_places().built_in / name, ignored))
    throw Error("There is a model '" + name + "' already; choose another name.");
  if (!picture.recipe.residual)
    throw Error(
        "A model trained without residual connections can be watched here, but no file says so; it cannot be "
        "kept.");
  Model model = *picture.side->loaded.model;
  model.spec.card.title = name;
  save_model(model, *picture.grammar, kept_model_card(picture, name), folder, picture.recipe.question_at_end);
  return folder;
}

}  // namespace attn::app

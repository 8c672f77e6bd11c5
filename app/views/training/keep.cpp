#include "app/look/wording.h"
#include "app/views/training/kept_model.h"
#include "app/views/training/parts.h"
#include "core/model/own_models.h"

namespace attn::app {

namespace {

// What the job answers: where the model lies.
struct Kept {
  std::string folder;
};

void follow_keeping(TrainingPage& page) {
  TrainingCache& cache = page.cache;
  if (cache.keep_key.empty()) return;
  const auto picture = cache.picture;
  const Answer<Kept> answer = page.frame.answer<Kept>(cache.keep_key);
  if (!answer.done) {
    if (picture)
      page.intents.want<Kept>(cache.keep_key, [picture, name = cache.keep_name](JobControl&) {
        return Kept{keep_trained_model(*picture, name).string()};
      });
    return;
  }
  cache.keep_problem = answer.problem;
  if (answer.value) cache.kept = answer.value->folder;
  cache.keep_key.clear();
}

void open_kept(TrainingPage& page) {
  const std::string name = std::filesystem::path(page.cache.kept).filename().string();
  page.intents.edit([name](Study& s) {
    s.a.model = name;
    s.a.interventions = {};
    s.selection = {};
    s.compare = CompareWith::nothing;
  });
  page.intents.look([](ViewState& v) { v.tab = Tab::heads; });
}

}  // namespace

void draw_keep(TrainingPage& page) {
  Ui& ui = page.ui;
  TrainingCache& cache = page.cache;
  follow_keeping(page);
  heading(ui, ui.words("training.keep_title"));
  const bool rests = cache.picture && !cache.working && cache.picture->progress.step > 0;
  const std::string wrong = why_not_named(cache.keep_name);
  const std::string_view why_not = !rests                            ? ui.words("training.keep_first")
                                   : !cache.keep_key.empty()         ? ui.words("training.keeping")
                                   : !cache.picture->recipe.residual ? ui.words("training.keep_no_residual")
                                   : cache.keep_name.empty()         ? ui.words("training.keep_needs_name")
                                   : !wrong.empty()                  ? ui.words("training.keep_bad_name")
                                                                     : std::string_view();
  const bool entered =
      text_field(ui, "training.keep_name", cache.keep_name, {.hint = ui.words("training.keep_hint")})
          .submitted;
  space(ui, 4);
  const bool pressed = button(ui, "training.keep", ui.words("training.keep"),
                              {.width = -1, .small = true, .disabled = why_not});
  if ((pressed || entered) && why_not.empty()) {
    cache.kept.clear();
    cache.keep_problem = {};
    cache.keep_key = "training.keep " + cache.keep_name + " " + cache.key + " " +
                     std::to_string(cache.picture->progress.step) + " " + std::to_string(++cache.n_kept);
  }
  if (!cache.keep_problem.empty()) {
    badge(ui, "training.keep_problem", ui.words("training.not_kept"), BadgeLook::warning);
    note(ui, in_words(ui.words, cache.keep_problem));
  }
  if (!cache.kept.empty()) {
    note(ui, ui.words("training.kept", {{"folder", cache.kept}}));
    if (button(ui, "training.open_kept", ui.words("training.open_kept"), {.width = -1, .small = true}))
      open_kept(page);
  }
}

}  // namespace attn::app

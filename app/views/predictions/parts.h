#pragma once

#include "app/views/predictions.h"
#include "app/views/view_parts.h"
#include "app/widgets/widgets.h"
#include "core/model/model.h"

namespace attn::app {

// What every part of the predictions view reads.
struct PredictionsPart {
  Ui& ui;
  const Frame& frame;
  const Study& study;
  const ViewState& view;
  PredictionsCache& cache;
  Intents& intents;

  const Side& side() const { return *frame.a; }
  const ModelSpec& spec() const { return side().loaded.model->spec; }
  std::uint64_t baseline_id() const { return frame.baseline ? frame.baseline->id : 0; }
  // The row of the output that is looked at: the chosen token where it is one of the output's, else the last.
  int place() const;
  void choose_place(int token) const;
};

void draw_words_part(const PredictionsPart& part, const Rect& rect);
void draw_layers_part(const PredictionsPart& part, const Rect& rect);
void draw_contributions_part(const PredictionsPart& part, const Rect& rect);
void draw_effects_part(const PredictionsPart& part, const Rect& rect);

// The tokens of the output, wrapped into `rect`; `masked` are drawn as the mask. Returns the token that was
// clicked (-1: none) and how high they stand.
struct TokenFlow {
  int clicked = -1;
  float height = 0;
};
TokenFlow draw_token_flow(const PredictionsPart& part, const Rect& rect, std::string_view name,
                          const std::vector<int>& masked, int chosen);

// One place and what the model says there, "now" beside "as trained" where the two differ. Returns the id of
// the entry that was clicked.
std::optional<int> draw_place(const PredictionsPart& part, const Rect& rect, std::string_view name,
                              const Place& place, std::string_view title);

// Asks for what is said and keeps the last answer.
const Said* ask_said(const PredictionsPart& part, Kept<Said>& kept, const SaidWish& wish);
// A job that runs, or why it gave nothing. True: there is something to draw.
bool draw_progress_or_problem(const PredictionsPart& part, const Rect& rect, bool there,
                              const Wording& problem, float fraction);

template <class T>
const T* ask(const PredictionsPart& part, Kept<T>& kept, const std::string& key,
             std::function<T(JobControl&)> work) {
  part.intents.want<T>(key, std::move(work));
  const Answer<T> answer = part.frame.answer<T>(key);
  if (answer.value) kept.value = answer.value;
  if (answer.done && !answer.value) kept.value = nullptr;
  kept.problem = answer.problem;
  kept.fraction = answer.fraction;
  kept.done = answer.done;
  return kept.value.get();
}

}  // namespace attn::app

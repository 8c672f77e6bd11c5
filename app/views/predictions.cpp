#include "app/views/predictions.h"

#include <array>

#include "app/look/wording.h"
#include "app/views/predictions/parts.h"

namespace attn::app {

namespace {

constexpr float kPartsWidth = 460;  // design units

// Why a part has nothing to show for this model; empty: it has.
std::string why_no_words(const Ui& ui, const ModelSpec& spec) {
  const bool words = spec.output == OutputKind::masked_words || spec.output == OutputKind::next_words;
  return words ? "" : std::string(ui.words("predictions.no_words"));
}

}  // namespace

int PredictionsPart::place() const {
  const int n = static_cast<int>(output_tokens(*side().trace).size());
  const bool of_output =
      &side().trace->query_tokens(study.selection.head.stack) == &output_tokens(*side().trace);
  const int query = study.selection.query;
  return of_output && query >= 0 && query < n ? query : n - 1;
}

void PredictionsPart::choose_place(int token) const {
  const bool decoder = spec().is_encoder_decoder();
  intents.edit([token, decoder](Study& s) {
    if (decoder && s.selection.head.stack == Stack::encoder) s.selection.head.stack = Stack::decoder;
    s.selection.query = token;
    s.selection.key.reset();
  });
}

bool draw_progress_or_problem(const PredictionsPart& part, const Rect& rect, bool there,
                              const Wording& problem, float fraction) {
  Ui& ui = part.ui;
  if (!problem.empty()) {
    empty_state(ui, rect, ui.words("predictions.cannot"), in_words(ui.words, problem));
    return false;
  }
  if (there) return true;
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0 + ui.px(8)));
  panel(ui, "predictions.busy", {rect.x0, rect.y0, rect.x0 + std::min(rect.width(), ui.px(320)), rect.y1},
        PanelLook::flat,
        [&] { progress(ui, "predictions.progress", fraction, ui.words("predictions.computing")); });
  return false;
}

const Said* ask_said(const PredictionsPart& part, Kept<Said>& kept, const SaidWish& wish) {
  const std::shared_ptr<const Side> side = part.frame.a, baseline = part.frame.baseline;
  return ask<Said>(part, kept, wish.key(side->id, part.baseline_id()),
                   [side, baseline, wish](JobControl& control) {
                     return what_is_said(*side, baseline.get(), wish, &control.pool(), control.cancel());
                   });
}

void draw_predictions(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      PredictionsCache& cache, Intents& intents) {
  if (!frame.a || !frame.a->trace) return draw_nothing_yet(ui, rect, frame, "map.empty", "map.empty_hint");
  if (!frame.a->loaded.model)
    return empty_state(ui, rect, ui.words("predictions.recording"), ui.words("predictions.recording_hint"));
  if (frame.a->id == 0 || !frame.a->trace->complete) return;  // a slow pass: its end says something
  const ModelSpec& spec = frame.a->loaded.model->spec;
  if (spec.output == OutputKind::none)
    return empty_state(ui, rect, ui.words("predictions.none"), ui.words("predictions.none_hint"));

  const std::string no_words = why_no_words(ui, spec);
  const std::array<Choice, 4> parts = {Choice{"words", ui.words("predictions.part.words")},
                                       Choice{"layers", ui.words("predictions.part.layers"), {}, no_words},
                                       Choice{"heads", ui.words("predictions.part.heads"), {}, no_words},
                                       Choice{"changes", ui.words("predictions.part.changes")}};
  int chosen = static_cast<int>(view.predictions.part);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (segmented(ui, "predictions.part", parts, chosen, std::min(rect.width(), ui.px(kPartsWidth))))
    intents.look(
        [chosen](ViewState& v) { v.predictions.part = static_cast<PredictionsState::Part>(chosen); });
  const Rect below{rect.x0, rect.y0 + ui.px(metric::kControlSmall + metric::kGap), rect.x1, rect.y1};
  if (view.covered)
    return empty_state(ui, below, ui.words("predictions.covered"), ui.words("predictions.covered_hint"));
  const PredictionsPart part{ui, frame, study, view, cache, intents};
  switch (no_words.empty() || view.predictions.part == PredictionsState::Part::changes
              ? view.predictions.part
              : PredictionsState::Part::words) {
    case PredictionsState::Part::words:
      return draw_words_part(part, below);
    case PredictionsState::Part::layers:
      return draw_layers_part(part, below);
    case PredictionsState::Part::heads:
      return draw_contributions_part(part, below);
    case PredictionsState::Part::changes:
      return draw_effects_part(part, below);
  }
}

}  // namespace attn::app

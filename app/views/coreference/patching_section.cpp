#include <algorithm>
#include <array>
#include <limits>

#include "app/views/coreference/parts.h"
#include "app/views/coreference/words_in_place.h"
#include "core/analysis/sweep.h"
#include "core/math/error.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

struct PatchingAnswer {
  PatchingResult result;
  std::vector<std::string> tokens;
};

// Which measures this model has; `chosen` among them.
std::vector<Choice> answer_measures(const CorefContext& c) {
  const Words& words = c.ui.words;
  const Model* model = c.side().trace->model.get();
  std::vector<Choice> all;
  if (model && model->spec.pointer) all.push_back({"pointer", words("coref.patching.measure.pointer")});
  all.push_back({"head", words("coref.patching.measure.head")});
  if (model && model->spec.output == OutputKind::masked_words)
    all.push_back({"word", words("coref.patching.measure.word")});
  return all;
}

PatchingMeasure choose_measure(const CorefContext& c) {
  static constexpr std::array<std::pair<std::string_view, PatchingMeasure>, 3> kNames = {
      {{"pointer", PatchingMeasure::pointer},
       {"head", PatchingMeasure::head},
       {"word", PatchingMeasure::word}}};
  const std::vector<Choice> all = answer_measures(c);
  const auto measure_of = [&](const Choice& choice) {
    return std::find_if(kNames.begin(), kNames.end(),
                        [&](const auto& one) { return one.first == choice.name; })
        ->second;
  };
  int chosen = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (measure_of(all[i]) == c.view.coreference.measure) chosen = static_cast<int>(i);
  const float wide = std::min(room(c.ui), c.ui.px(420));
  if (all.size() > 1 && segmented(c.ui, "coref.patching.measure", all, chosen, wide))
    change_coref(c.intents, [to = measure_of(all[static_cast<std::size_t>(chosen)])](CoreferenceState& s) {
      s.measure = to;
    });
  return measure_of(all[static_cast<std::size_t>(chosen)]);
}

// The head whose margin moves.
HeadId measured_head(const CorefContext& c, PatchingMeasure measure) {
  if (measure != PatchingMeasure::pointer) return c.head;
  const PointerSpec& pointer = *c.side().trace->model->spec.pointer;
  return {c.head.stack, pointer.layer, pointer.head};
}

// The head's weight on the first candidate minus the most on another.
double margin_of(const Trace& trace, const HeadId& head, const CorefQuestion& question) {
  const auto weights = trace.weights(head);
  if (!weights)
    throw WordedError(worded("coref.no_weights",
                             "The weights of this head do not fit into memory for a text of this length."));
  return connect(*weights, head, question.pronoun.tokens, question.candidates).margin;
}

// logit(first candidate) minus the most of another.
double word_margin_of(const Trace& trace, int row, const std::vector<int>& ids) {
  const std::vector<int> rows = {row};
  const Matrix logits = compute_logits(trace, rows);
  float best = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 1; i < ids.size(); ++i) best = std::max(best, logits(0, ids[i]));
  return static_cast<double>(logits(0, ids[0]) - best);
}

PatchingAnswer run_patching(const Side& to, const Side& from, const CorefQuestion& question,
                            PatchingMeasure measure, const HeadId& head, JobControl& control) {
  PatchingAnswer answer;
  std::vector<int> rows;
  const std::vector<int>&a = to.text.inputs.ids, &b = from.text.inputs.ids;
  for (std::size_t t = 0; t < std::min(a.size(), b.size()); ++t)
    if (a[t] != b[t]) rows.push_back(static_cast<int>(t));
  AskedInPlace asked_to{to.text.inputs, 0}, asked_from{from.text.inputs, 0};
  std::function<double(const Trace&)> read = [&](const Trace& trace) {
    return margin_of(trace, head, question);
  };
  if (measure == PatchingMeasure::word) {
    const std::vector<int> ids = candidate_ids(to, question);
    if (ids.size() < 2) throw two_candidates_needed();
    asked_to = ask_in_place(to, question);
    asked_from = ask_in_place(from, question);
    read = [ids, row = asked_to.row](const Trace& trace) { return word_margin_of(trace, row, ids); };
  }
  answer.result =
      patch_twins(to.loaded.model, asked_from.inputs, asked_to.inputs, rows, read, to.trace->interventions,
                  &control.pool(), control.cancel(), [&](float share) { control.report(share); });
  answer.tokens = readable_tokens(to.trace->tokens);
  return answer;
}

std::vector<std::string> numbered(const char* letter, Index n, int from) {
  std::vector<std::string> names;
  for (Index i = 0; i < n; ++i) names.push_back(letter + std::to_string(i + from));
  return names;
}

void draw_grids(const CorefContext& c, const PatchingAnswer& answer) {
  Ui& ui = c.ui;
  const int from = c.view.count_heads_from_one ? 1 : 0;
  heading(ui, ui.words("coref.patching.positions"));
  note(ui, ui.words("coref.patching.positions_note"));
  NumberGrid positions;
  positions.name = "coref.patching.positions";
  positions.rows = numbered("L", answer.result.positions.rows(), from);
  positions.columns = answer.tokens;
  positions.values = answer.result.positions;
  positions.turned = true;
  positions.lit_column = c.view.hover.query;
  draw_number_grid(ui, positions, room(ui));
  space(ui, 8);
  heading(ui, ui.words("coref.patching.heads"));
  note(ui, ui.words("coref.patching.heads_note"));
  NumberGrid heads;
  heads.name = "coref.patching.heads";
  heads.rows = numbered("L", answer.result.heads.rows(), from);
  heads.columns = numbered("H", answer.result.heads.cols(), from);
  heads.values = answer.result.heads;
  heads.chosen_row = c.head.layer;
  heads.chosen_column = c.head.head;
  const int clicked = draw_number_grid(ui, heads, room(ui));
  if (clicked >= 0) {
    const int n = static_cast<int>(answer.result.heads.cols());
    const HeadId id{c.head.stack, clicked / n, clicked % n};
    c.intents.edit([id](Study& s) { s.selection.head = id; });
  }
  draw_margin_legend(c, 1, ui.words("coref.patching.away"), ui.words("coref.patching.all_the_way"));
  space(ui, 2);
}

}  // namespace

void draw_patching_section(const CorefContext& c) {
  Ui& ui = c.ui;
  if (!c.question.own_text) return note(ui, ui.words("coref.needs_model"));
  if (!c.twin) return note(ui, ui.words("coref.patching.no_twin"));
  heading(ui, ui.words("coref.patching.title", {{"there", c.word_there()}, {"here", c.word_here()}}));
  const PatchingMeasure measure = choose_measure(c);
  const HeadId measured = measured_head(c, measure);
  const std::string key = "coref.patching|" + std::to_string(c.side().id) + "|" +
                          std::to_string(c.frame.other->id) + "|" + c.question.key() + "|" +
                          std::to_string(static_cast<int>(measure)) + to_text(measured, true);
  const Trace& trace = *c.side().trace;
  const double n_passes =
      static_cast<double>(trace.n_layers(measured.stack)) *
      static_cast<double>(1 + trace.n_heads(measured.stack) + static_cast<int>(trace.tokens.size()));
  const auto answer = ask<PatchingAnswer>(
      c, "coref.patching", key, passes_ms(c, n_passes),
      [to = c.frame.a, from = c.frame.other, question = c.question, measure, measured](JobControl& control) {
        return run_patching(*to, *from, question, measure, measured, control);
      });
  if (!answer) return;
  const std::string what =
      measure == PatchingMeasure::word
          ? ui.words("coref.patching.of_word", {{"word", c.question.pronoun.word}})
          : ui.words("coref.patching.of_head", {{"head", head_name(trace, measured, c.view)}});
  note(ui, ui.words("coref.patching.note", {{"what", what},
                                            {"here", c.word_here()},
                                            {"there", c.word_there()},
                                            {"to", signed_text(answer->result.to)},
                                            {"from", signed_text(answer->result.from)}}));
  space(ui, 6);
  scroll_area(ui, "coref.patching.all", std::max(ui.px(160), ImGui::GetContentRegionAvail().y - ui.px(4)),
              [&] { draw_grids(c, *answer); });
}

}  // namespace attn::app

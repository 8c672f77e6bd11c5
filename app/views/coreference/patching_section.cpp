#include <algorithm>
#include <cmath>

#include "app/views/coreference/parts.h"
#include "core/analysis/sweep.h"
#include "core/math/error.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

struct PatchingAnswer {
  PatchingResult result;
  std::vector<std::string> tokens;
};

// What moves: the pointing head's margin where the model has one, else that of the head in front.
HeadId measured_head(const CorefContext& c) {
  const Model* model = c.side().trace->model.get();
  if (model && model->spec.pointer)
    return {c.head.stack, model->spec.pointer->layer, model->spec.pointer->head};
  return c.head;
}

PatchingAnswer run_patching(const Side& to, const Side& from, const CorefQuestion& question,
                            const HeadId& head, JobControl& control) {
  PatchingAnswer answer;
  std::vector<int> rows;
  const std::vector<int>&a = to.text.inputs.ids, &b = from.text.inputs.ids;
  for (std::size_t t = 0; t < std::min(a.size(), b.size()); ++t)
    if (a[t] != b[t]) rows.push_back(static_cast<int>(t));
  const auto margin = [&](const Trace& trace) {
    const auto weights = trace.weights(head);
    if (!weights) throw Error("The weights of this head do not fit into memory for a text of this length.");
    return connect(*weights, head, question.pronoun.tokens, question.candidates).margin;
  };
  answer.result =
      patch_twins(to.loaded.model, from.text.inputs, to.text.inputs, rows, margin, to.trace->interventions,
                  &control.pool(), control.cancel(), [&](float share) { control.report(share); });
  for (const std::string& token : to.trace->tokens) answer.tokens.push_back(readable_token(token));
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
  const HeadId measured = measured_head(c);
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
    const HeadId id{measured.stack, clicked / n, clicked % n};
    c.intents.edit([id](Study& s) { s.selection.head = id; });
  }
  draw_margin_legend(c, 1, ui.words("coref.patching.away"), ui.words("coref.patching.all_the_way"));
}

}  // namespace

void draw_patching_section(const CorefContext& c) {
  Ui& ui = c.ui;
  if (!c.question.own_text) return note(ui, ui.words("coref.needs_model"));
  if (!c.twin) return note(ui, ui.words("coref.patching.no_twin"));
  const HeadId measured = measured_head(c);
  heading(ui, ui.words("coref.patching.title", {{"there", c.word_there()}, {"here", c.word_here()}}));
  const std::string key = "coref.patching|" + std::to_string(c.side().id) + "|" +
                          std::to_string(c.frame.other->id) + "|" + c.question.key() + "|" +
                          to_text(measured, true);
  const Trace& trace = *c.side().trace;
  const double n_passes =
      static_cast<double>(trace.n_layers(measured.stack)) *
      static_cast<double>(1 + trace.n_heads(measured.stack) + static_cast<int>(trace.tokens.size()));
  const auto answer = ask<PatchingAnswer>(
      c, "coref.patching", key, passes_ms(c, n_passes),
      [to = c.frame.a, from = c.frame.other, question = c.question, measured](JobControl& control) {
        return run_patching(*to, *from, question, measured, control);
      });
  if (!answer) return;
  note(ui, ui.words("coref.patching.note", {{"head", head_name(trace, measured, c.view)},
                                            {"here", c.word_here()},
                                            {"there", c.word_there()},
                                            {"to", signed_text(answer->result.to)},
                                            {"from", signed_text(answer->result.from)}}));
  space(ui, 6);
  scroll_area(ui, "coref.patching.all", std::max(ui.px(160), ImGui::GetContentRegionAvail().y - ui.px(4)),
              [&] { draw_grids(c, *answer); });
}

}  // namespace attn::app

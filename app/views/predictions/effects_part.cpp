#include <algorithm>

#include "app/look/wording.h"
#include "app/views/predictions/parts.h"

namespace attn::app {

namespace {

constexpr int kMostMoved = 40;
constexpr double kMoved = 1e-5;  // nats; less is rounding

void draw_moved(const PredictionsPart& part, const MovedHeads& moved) {
  Ui& ui = part.ui;
  const Trace& trace = *part.side().trace;
  const auto n_moved = std::count_if(moved.heads.begin(), moved.heads.end(),
                                     [](const HeadDifference& d) { return d.distance > kMoved; });
  if (n_moved == 0) note(ui, ui.words("predictions.none_moved"));
  const double most = moved.heads.empty() ? 1 : std::max(1e-9, moved.heads.front().distance);
  int shown = 0;
  for (const HeadDifference& head : moved.heads) {
    if (head.distance <= kMoved || shown == kMostMoved) break;
    ++shown;
    const std::string name = head_name(trace, head.head, part.view);
    if (bar_row(ui, "predictions.moved." + to_text(head.head), name, static_cast<float>(head.distance / most),
                fixed(head.distance, 3)))
      part.intents.edit([id = head.head](Study& s) {
        s.selection.head = id;
        s.compare = CompareWith::as_trained;
      });
  }
  const auto still = static_cast<std::ptrdiff_t>(moved.heads.size()) - n_moved;
  space(ui, 4);
  std::string about;
  if (still > 0) about = ui.words("predictions.still_note", {{"n", std::to_string(still)}});
  add_sentence(about, ui.words("predictions.moved_note"));
  note(ui, about);
  const ModelSpec& spec = part.spec();
  if (!spec.pointer) return;
  // What is computed after the pointing head's weights cannot change what it points at.
  const Stack stack = spec.encoder ? Stack::encoder : Stack::decoder;
  const std::string pointing = head_name(trace, {stack, spec.pointer->layer, spec.pointer->head}, part.view);
  space(ui, 4);
  note(ui, ui.words("predictions.after_pointer", {{"head", pointing}}));
  for (const auto& [head, how] : part.study.a.interventions.heads_off) {
    if (comes_after_pointer(spec, head))
      value_row(ui, "predictions.idle." + to_text(head), head_name(trace, head, part.view),
                ui.words("predictions.idle"), false, true);
  }
}

void draw_said(const PredictionsPart& part, const Rect& rect, const Said& said) {
  Ui& ui = part.ui;
  if (said.kind == OutputKind::question) {
    panel(
        ui, "predictions.effect_answer", rect, PanelLook::flat,
        [&] {
          heading(ui, ui.words("predictions.now"));
          label(ui, "predictions.answer", said.answer, TextRole::sentence);
          space(ui);
          heading(ui, ui.words("predictions.as_trained"));
          label(ui, "predictions.answer_before", said.answer_before, TextRole::sentence);
        },
        0);
    return;
  }
  if (said.places.empty()) return;
  const Place& place = said.places.front();
  const std::string_view key = said.kind == OutputKind::next_words       ? "predictions.after"
                               : said.kind == OutputKind::sequence_label ? "predictions.label_of_text"
                               : place.masked                            ? "predictions.instead_of"
                                                                         : "predictions.at";
  draw_place(part, rect, "predictions.effect", place, ui.words(key, {{"word", place.name}}));
}

}  // namespace

void draw_effects_part(const PredictionsPart& part, const Rect& rect) {
  Ui& ui = part.ui;
  if (!part.frame.baseline || !part.frame.baseline->trace)
    return empty_state(ui, rect, ui.words("predictions.unchanged"), ui.words("predictions.unchanged_hint"));
  const OutputKind kind = part.spec().output;
  SaidWish wish;
  if (kind != OutputKind::sequence_label) wish.rows = {part.place()};
  const PredictionsState& state = part.view.predictions;
  if (kind == OutputKind::masked_words && state.masked_text == part.side().subject.text &&
      !state.masked.empty()) {
    wish.masked = state.masked;
    if (std::find(state.masked.begin(), state.masked.end(), part.place()) == state.masked.end())
      wish.rows = {state.masked.front()};
  }
  const std::shared_ptr<const Side> side = part.frame.a, baseline = part.frame.baseline;
  const MovedHeads* moved =
      ask<MovedHeads>(part, part.cache.moved,
                      "predictions.moved " + std::to_string(side->id) + " " + std::to_string(baseline->id),
                      [side, baseline](JobControl& control) {
                        return MovedHeads{rank_differences(*baseline->trace, *side->trace, &control.pool())};
                      });
  const Said* said = ask_said(part, part.cache.effect, wish);

  const float gap = ui.px(24);
  const bool wide = rect.width() > ui.px(620);
  const float left = wide ? std::floor((rect.width() - gap) * 0.6f) : rect.width();
  const Rect first{rect.x0, rect.y0 + ui.px(4), rect.x0 + left, wide ? rect.y1 : rect.y0 + rect.height() / 2};
  const Rect second = wide ? Rect{rect.x0 + left + gap, rect.y0 + ui.px(4), rect.x1, rect.y1}
                           : Rect{rect.x0, first.y1 + ui.px(8), rect.x1, rect.y1};
  if (draw_progress_or_problem(part, first, said != nullptr, part.cache.effect.problem, -1))
    draw_said(part, first, *said);
  if (!moved && part.cache.moved.problem.empty()) return;
  // On one line with the title of the other half.
  const float under_title = second.y0 + ui.px(metric::kRow);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::heading,
               {second.x0, second.y0, second.x1, under_title}, ui.theme.ink, ui.words("predictions.moved"));
  panel(
      ui, "predictions.moved_heads", {second.x0, under_title, second.x1, second.y1}, PanelLook::flat,
      [&] {
        if (!part.cache.moved.problem.empty())
          note(ui, in_words(ui.words, part.cache.moved.problem));
        else
          draw_moved(part, *moved);
      },
      0);
}

}  // namespace attn::app

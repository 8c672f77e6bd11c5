#include <cmath>

#include "app/look/wording.h"
#include "app/views/agreement.h"
#include "app/views/coreference/parts.h"
#include "core/analysis/pseudo_likelihood.h"
#include "core/analysis/word_answer.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

// What one method says on one side; done: nothing more will come.
struct Said {
  CoreferenceAnswer answer;
  bool done = true;
  std::string problem{};
  std::string waits{};  // the key of a long job that waits for a click
  double estimated_ms = 0;
};

std::string said_in_short(const CorefContext& c, const Said& said, const CorefQuestion& question) {
  if (!said.problem.empty()) return "–";
  if (!said.waits.empty())
    return c.ui.words("coref.answer.waits", {{"s", fixed(std::ceil(said.estimated_ms / 1000), 0)}});
  if (!said.done) return "…";
  if (said.answer.scores.empty()) return std::string(c.ui.words("coref.answer.none"));
  const std::optional<int> decided = said.answer.decided();
  if (!decided) return std::string(c.ui.words("coref.answer.undecided"));
  return question.candidates[static_cast<std::size_t>(*decided)].word;
}

std::string said_at_length(const CorefContext& c, const Said& said, const CorefQuestion& question) {
  if (!said.problem.empty()) return said.problem;
  if (!said.done) return std::string(c.ui.words("coref.job.working"));
  if (said.answer.scores.empty()) return said.answer.why_not;
  std::string text;
  for (std::size_t k = 0; k < said.answer.scores.size(); ++k)
    text += (k ? " · " : "") + question.candidates[k].word + " " + fixed(said.answer.scores[k], 3);
  return text;
}

// A job's answer on one side. Long ones wait for a click on their line.
template <class T, class Work>
Said say(const CorefContext& c, const char* name, const std::shared_ptr<const Side>& side,
         const CorefQuestion& question, double n_passes, const Work& work,
         CoreferenceAnswer (*take)(const T&)) {
  Said said;
  if (!question.own_text) {
    said.problem = c.ui.words("coref.needs_model");
    return said;
  }
  const std::string key =
      std::string("coref.") + name + "|" + std::to_string(side->id) + "|" + question.key();
  const Answer<T> answer = c.frame.answer<T>(key);
  said.done = answer.done;
  said.problem = in_words(c.ui.words, answer.problem);
  said.estimated_ms = passes_ms(c, n_passes);
  const bool lasting = said.estimated_ms > kLongJob_ms;
  if (lasting && !answer.done && !c.view.coreference.started.contains(key)) {
    said.waits = key;
    return said;
  }
  c.intents.want<T>(
      key, [side, question, work](JobControl& control) { return work(*side, question, control); },
      lasting ? JobKind::lasting : JobKind::quick);
  if (answer.value) said.answer = take(*answer.value);
  return said;
}

Said say_substitution(const CorefContext& c, const std::shared_ptr<const Side>& side,
                      const CorefQuestion& question) {
  const bool masked = side->loaded.model && side->loaded.model->spec.output == OutputKind::masked_words;
  const auto n_texts = static_cast<double>(question.candidates.size());
  const double n_passes = masked ? n_texts * static_cast<double>(side->trace->tokens.size()) : n_texts;
  return say<SubstitutionAnswer>(
      c, "substitution", side, question, n_passes,
      [](const Side& s, const CorefQuestion& of, JobControl& control) {
        return substitution_answer(s.loaded.model, *s.loaded.tokenizer, of.text, of.pronoun, of.candidates,
                                   s.trace->interventions, &control.pool(), control.cancel());
      },
      [](const SubstitutionAnswer& answer) { return answer.answer; });
}

Said say_word(const CorefContext& c, const std::shared_ptr<const Side>& side, const CorefQuestion& question) {
  return say<CoreferenceAnswer>(
      c, "word", side, question, 1,
      [](const Side& s, const CorefQuestion& of, JobControl& control) {
        return word_answer(s.loaded.model, *s.loaded.tokenizer, of.text, of.pronoun, of.candidates,
                           s.trace->interventions, &control.pool(), control.cancel());
      },
      [](const CoreferenceAnswer& answer) { return answer; });
}

// One line: what the method is called, what it says here, and on the twin.
void draw_answer(const CorefContext& c, const std::string& name, const Said& here_said,
                 const Said* there_said) {
  Ui& ui = c.ui;
  const Rect row = here(ui, room(ui), ui.px(metric::kRow));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float value = std::floor(row.width() * (c.twin ? 0.28f : 0.42f));
  const float first = row.x1 - value * (c.twin ? 2.0f : 1.0f);
  const std::string title(ui.words("coref.method." + name));
  const std::string text = said_in_short(c, here_said, c.question);
  const Touch touch = touch_area(ui, "coref.answer." + name, row, title, text);
  std::string tip = std::string(ui.words("coref.method_tip." + name)) + "\n" +
                    ui.words("coref.answer.threshold", {{"n", fixed(undecided_below(name), 2)}}) + "\n" +
                    (c.twin ? c.word_here() + ": " : "") + said_at_length(c, here_said, c.question);
  if (there_said && c.twin) tip += "\n" + c.word_there() + ": " + said_at_length(c, *there_said, *c.twin);
  tooltip(ui, tip);
  if (touch.clicked)
    for (const Said* said : {&here_said, there_said})
      if (said && !said->waits.empty())
        change_coref(c.intents, [key = said->waits](CoreferenceState& state) { state.started.insert(key); });
  if (touch.hovered)
    list.AddRectFilled(ImVec2(row.x0 - ui.px(4), row.y0), ImVec2(row.x1 + ui.px(4), row.y1), ui.theme.hover,
                       ui.px(4));
  const auto cell = [&](float x0, const Said& said, const CorefQuestion& question, bool strong) {
    const std::optional<int> decided = said.done ? said.answer.decided() : std::nullopt;
    const std::string shown = said_in_short(c, said, question);
    float x = x0;
    if (decided) {
      const float dot = ui.px(8), middle = (row.y0 + row.y1) / 2;
      list.AddRectFilled(ImVec2(x, middle - dot / 2), ImVec2(x + dot, middle + dot / 2),
                         side_colour(ui, *decided == 0), ui.px(2));
      x += dot + ui.px(6);
    }
    draw_text_in(ui, list, decided && strong ? TextRole::heading : TextRole::small,
                 {x, row.y0, x0 + value - ui.px(6), row.y1}, decided ? ui.theme.ink : ui.theme.dim, shown);
  };
  draw_text_in(ui, list, TextRole::small, {row.x0, row.y0, first - ui.px(6), row.y1}, ui.theme.ink, title);
  cell(first, here_said, c.question, true);
  if (there_said && c.twin) cell(first + value, *there_said, *c.twin, false);
  ImGui::SetCursorScreenPos(ImVec2(row.x0, row.y1));
}

}  // namespace

void draw_answers(const CorefContext& c) {
  Ui& ui = c.ui;
  const Rect row = here(ui, room(ui), ui.px(20));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float value = std::floor(row.width() * (c.twin ? 0.28f : 0.42f));
  const float first = row.x1 - value * (c.twin ? 2.0f : 1.0f);
  draw_text_in(ui, list, TextRole::heading, {row.x0, row.y0, c.twin ? first - ui.px(4) : row.x1, row.y1},
               ui.theme.ink, ui.words("coref.answer.title", {{"word", c.question.pronoun.word}}));
  if (c.twin) {
    draw_text_in(ui, list, TextRole::note, {first, row.y0, first + value - ui.px(6), row.y1}, ui.theme.dim,
                 "“" + c.word_here() + "”");
    draw_text_in(ui, list, TextRole::note, {first + value, row.y0, row.x1, row.y1}, ui.theme.dim,
                 "“" + c.word_there() + "”");
  }
  ImGui::SetCursorScreenPos(ImVec2(row.x0, row.y1));
  space(ui, 2);

  const Model* model = c.side().trace->model.get();
  const auto both = [&](const std::string& name, const CoreferenceAnswer RankedHeads::*which) {
    const Said here_said{c.cache.ranked.*which};
    const Said there_said{c.twin ? c.cache.twin_ranked.*which : CoreferenceAnswer{}};
    draw_answer(c, name, here_said, c.twin ? &there_said : nullptr);
  };
  if (model && model->spec.pointer) {
    both("pointer", &RankedHeads::pointer);
    const auto report = c.question.own_text ? ask_seeds(c.frame, c.frame.a, c.question.pronoun,
                                                        c.question.candidates, c.intents)
                                            : nullptr;
    if (report) draw_agreement(ui, *report, c.question.candidates);
  }
  const bool speaks =
      model && (model->spec.output == OutputKind::masked_words ||
                (model->spec.output == OutputKind::next_words && !model->spec.is_encoder_decoder()));
  if (speaks) {
    const auto asked = [&](const char* name, const auto& ask_for) {
      const Said here_said = ask_for(c, c.frame.a, c.question);
      Said there_said;
      if (c.twin) there_said = ask_for(c, c.frame.other, *c.twin);
      draw_answer(c, name, here_said, c.twin ? &there_said : nullptr);
    };
    asked("word", say_word);
    asked("substitution", say_substitution);
  }
  both("mas", &RankedHeads::mas);
  both("mas-reversed", &RankedHeads::mas_reversed);
}

}  // namespace attn::app

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

Said say_named(const CorefContext& c, const std::shared_ptr<const Side>& side,
               const CorefQuestion& question) {
  return say<CoreferenceAnswer>(
      c, "named", side, question, 1,
      [](const Side& s, const CorefQuestion& of, JobControl& control) {
        return named_answer(s.loaded.model, *s.loaded.tokenizer, of.text, of.pronoun, of.candidates,
                            s.trace->interventions, &control.pool(), control.cancel());
      },
      [](const CoreferenceAnswer& answer) { return answer; });
}

// An answer in a column: a word, with the colour of the candidate that it is.
struct AnswerCell {
  std::string text;
  std::optional<int> candidate;
};

// Where the columns of the answers begin: here, and on the twin.
struct AnswerColumns {
  AnswerColumns(const CorefContext& c, const Rect& row)
      : width(std::floor(row.width() * (c.twin ? 0.28f : 0.42f))),
        first(row.x1 - width * (c.twin ? 2.0f : 1.0f)) {}
  float width, first;
};

// One line: what the method is called, what it says here, and on the twin (null: there is none).
Touch draw_line(const CorefContext& c, const std::string& name, const std::string& title,
                const std::string& tip, const AnswerCell& here_cell, const AnswerCell* there_cell) {
  Ui& ui = c.ui;
  const Rect row = here(ui, room(ui), ui.px(metric::kRow));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const AnswerColumns columns(c, row);
  const Touch touch = touch_area(ui, "coref.answer." + name, row, title, here_cell.text);
  tooltip(ui, tip);
  if (touch.hovered)
    list.AddRectFilled(ImVec2(row.x0 - ui.px(4), row.y0), ImVec2(row.x1 + ui.px(4), row.y1), ui.theme.hover,
                       ui.px(4));
  const auto draw_cell = [&](float x0, const AnswerCell& cell, bool strong) {
    float x = x0;
    if (cell.candidate) {
      const float dot = ui.px(8), middle = (row.y0 + row.y1) / 2;
      list.AddRectFilled(ImVec2(x, middle - dot / 2), ImVec2(x + dot, middle + dot / 2),
                         side_colour(ui, *cell.candidate == 0), ui.px(2));
      x += dot + ui.px(6);
    }
    draw_text_in(ui, list, cell.candidate && strong ? TextRole::heading : TextRole::small,
                 {x, row.y0, x0 + columns.width - ui.px(6), row.y1},
                 cell.candidate ? ui.theme.ink : ui.theme.dim, cell.text);
  };
  draw_text_in(ui, list, TextRole::small, {row.x0, row.y0, columns.first - ui.px(6), row.y1}, ui.theme.ink,
               title);
  draw_cell(columns.first, here_cell, true);
  if (there_cell) draw_cell(columns.first + columns.width, *there_cell, false);
  ImGui::SetCursorScreenPos(ImVec2(row.x0, row.y1));
  return touch;
}

void draw_answer(const CorefContext& c, const std::string& name, const Said& here_said,
                 const Said* there_said) {
  Ui& ui = c.ui;
  const auto cell_of = [&](const Said& said, const CorefQuestion& question) {
    return AnswerCell{said_in_short(c, said, question),
                      said.done ? said.answer.decided() : std::optional<int>()};
  };
  std::string tip = std::string(ui.words("coref.method_tip." + name)) + "\n" +
                    ui.words("coref.answer.threshold", {{"n", fixed(undecided_below(name), 2)}}) + "\n" +
                    (c.twin ? c.word_here() + ": " : "") + said_at_length(c, here_said, c.question);
  if (there_said && c.twin) tip += "\n" + c.word_there() + ": " + said_at_length(c, *there_said, *c.twin);
  const bool on_twin = there_said && c.twin;
  const AnswerCell there_cell = on_twin ? cell_of(*there_said, *c.twin) : AnswerCell{};
  if (draw_line(c, name, std::string(ui.words("coref.method." + name)), tip, cell_of(here_said, c.question),
                on_twin ? &there_cell : nullptr)
          .clicked)
    for (const Said* said : {&here_said, there_said})
      if (said && !said->waits.empty())
        change_coref(c.intents, [key = said->waits](CoreferenceState& state) { state.started.insert(key); });
}

// What the other seeds of the model say, where it has some: here and on the twin.
void draw_seeds(const CorefContext& c) {
  Ui& ui = c.ui;
  const auto report_of = [&](const std::shared_ptr<const Side>& side, const CorefQuestion& question) {
    return question.own_text ? ask_seeds(c.frame, side, question.pronoun, question.candidates, c.intents)
                             : nullptr;
  };
  const auto report = report_of(c.frame.a, c.question);
  if (!report) return;
  if (report->verdict != Agreement::agree) return draw_agreement(ui, *report, c.question.candidates);
  const auto cell_of = [&](const AgreementReport& seeds, const CorefQuestion& question) {
    if (seeds.verdict != Agreement::agree) return AnswerCell{std::string(ui.words("coref.seeds_unsure")), {}};
    return AnswerCell{question.candidates[static_cast<std::size_t>(*seeds.candidate)].word, seeds.candidate};
  };
  const auto there = c.twin ? report_of(c.frame.other, *c.twin) : nullptr;
  const AnswerCell there_cell = there ? cell_of(*there, *c.twin) : AnswerCell{};
  draw_line(c, "seeds", ui.words("agreement.agree", {{"n", std::to_string(report->seeds.size())}}),
            agreement_tip(ui, *report, c.question.candidates), cell_of(*report, c.question),
            there ? &there_cell : nullptr);
}

}  // namespace

void draw_answers(const CorefContext& c) {
  Ui& ui = c.ui;
  const Rect row = here(ui, room(ui), ui.px(20));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const AnswerColumns columns(c, row);
  const float value = columns.width, first = columns.first;
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
    draw_seeds(c);
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
    if (!model->spec.names_at.empty()) asked("named", say_named);
    asked("word", say_word);
    asked("substitution", say_substitution);
  }
  both("mas", &RankedHeads::mas);
  both("mas-reversed", &RankedHeads::mas_reversed);
}

}  // namespace attn::app

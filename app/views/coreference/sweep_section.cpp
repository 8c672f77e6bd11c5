#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "app/views/coreference/parts.h"
#include "core/analysis/sweep.h"
#include "core/math/error.h"

namespace attn::app {

namespace {

constexpr double kNowhere = 0.05;  // margins below are "neither"

// The word that is exchanged: chosen, or the twin's.
std::optional<Mention> find_place(const CorefContext& c) {
  std::vector<std::string> names;
  if (!c.view.coreference.place.empty()) names.push_back(c.view.coreference.place);
  if (c.study.twin) {
    const int n = c.study.twin->occurrence + 1;
    names.push_back(c.word_here() + (n > 1 ? "#" + std::to_string(n) : ""));
  }
  for (const std::string& name : names) {
    try {
      return find_mention(c.question.text, c.question.encoding, name);
    } catch (const Error&) {
      // Not in this text: the next one.
    }
  }
  return std::nullopt;
}

// "tired#2" → 1: which of its occurrences, from 0.
int occurrence_of(const Mention& place) {
  const std::size_t hash = place.word.rfind('#');
  return hash == std::string::npos || hash == 0 ? 0
                                                : std::max(1, std::atoi(place.word.c_str() + hash + 1)) - 1;
}

struct SweepAnswer {
  std::vector<SweepRow> rows;
  int n_for = 0, n_against = 0, n_neither = 0;
};

SweepAnswer run_sweep(const Side& side, const CorefQuestion& question, const HeadId& head,
                      const Mention& place, JobControl& control) {
  const PronounQuestion asked{question.text, question.pronoun, question.candidates, head,
                              without_tokens(side.trace->interventions)};
  const std::vector<std::string> words = known_words(*side.loaded.tokenizer);
  SweepAnswer answer;
  answer.rows = sweep(side.loaded.model, *side.loaded.tokenizer, asked, place, words, &control.pool(),
                      control.cancel(), [&](float share) { control.report(share); });
  for (const SweepRow& row : answer.rows) {
    int& count = row.margin >= kNowhere    ? answer.n_for
                 : row.margin <= -kNowhere ? answer.n_against
                                           : answer.n_neither;
    ++count;
  }
  return answer;
}

// How the words share out, as one bar.
void draw_shares(const CorefContext& c, const SweepAnswer& answer, const std::string& others) {
  Ui& ui = c.ui;
  const Rect bar = here(ui, room(ui), ui.px(22));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto all = static_cast<float>(std::max<std::size_t>(1, answer.rows.size()));
  float x = bar.x0;
  const auto part = [&](int n, Colour colour, const std::string& text) {
    const float end = x + bar.width() * static_cast<float>(n) / all;
    list.AddRectFilled(ImVec2(x, bar.y0), ImVec2(end, bar.y1), colour);
    const std::string number = std::to_string(n);
    const float wanted = text_size(ui, TextRole::note, text).x + ui.px(12);
    if (end - x > text_size(ui, TextRole::note, number).x + ui.px(8))
      draw_text_in(ui, list, TextRole::note, {x + ui.px(6), bar.y0, end, bar.y1}, readable_on(colour),
                   end - x > wanted ? text : number);
    x = end;
  };
  const auto say = [&](int n, std::string_view word) {
    return ui.words("coref.sweep.share", {{"n", std::to_string(n)}, {"word", word}});
  };
  part(answer.n_for, side_colour(ui, true), say(answer.n_for, c.question.candidates.front().word));
  part(answer.n_neither, ui.theme.hatch_ground, say(answer.n_neither, ui.words("coref.sweep.neither")));
  part(answer.n_against, side_colour(ui, false), say(answer.n_against, others));
  ImGui::Dummy(ImVec2(bar.width(), bar.height()));
  space(ui, 4);
}

void draw_words_list(const CorefContext& c, const SweepAnswer& answer, const Mention& place) {
  Ui& ui = c.ui;
  const std::string& find = c.view.coreference.find;
  std::vector<const SweepRow*> shown;
  for (const SweepRow& row : answer.rows)
    if (find.empty() || row.word.find(find) != std::string::npos) shown.push_back(&row);
  const float height = std::max(ui.px(120), ImGui::GetContentRegionAvail().y - ui.px(4));
  const std::string word_now = c.question.text.substr(place.begin, place.end - place.begin);
  scroll_area(ui, "coref.sweep.list", height, [&] {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float high = ui.px(metric::kRow), width = room(ui) - ui.px(12);
    const float top = ImGui::GetWindowPos().y, bottom = top + ImGui::GetWindowHeight();
    const float word_width = std::min(ui.px(160), width * 0.3f), number = ui.px(52);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const SweepRow& row = *shown[i];
      const Rect line{at.x, at.y + static_cast<float>(i) * high, at.x + width,
                      at.y + static_cast<float>(i + 1) * high};
      if (line.y1 < top || line.y0 > bottom) continue;
      const bool present = row.word == word_now;
      const Touch touch =
          touch_area(ui, "coref.sweep.word." + std::to_string(i), line, row.word, signed_text(row.margin, 3));
      if (touch.hovered || present)
        list.AddRectFilled(ImVec2(line.x0, line.y0), ImVec2(line.x1, line.y1),
                           present ? ui.theme.accent_soft : ui.theme.hover, ui.px(4));
      if (touch.clicked && !present)
        c.intents.edit([text = c.question.text, word = word_now, occurrence = occurrence_of(place),
                        alternative = row.word](Study& s) {
          s.a.text = text;  // what is shown, also where that is the twin
          s.flipped = false;
          s.twin = Twin{word, occurrence, alternative};
        });
      draw_text_in(ui, list, present ? TextRole::heading : TextRole::small,
                   {line.x0 + ui.px(6), line.y0, line.x0 + word_width, line.y1}, ui.theme.ink, row.word);
      draw_text_in(ui, list, TextRole::small,
                   {line.x0 + word_width, line.y0, line.x0 + word_width + number, line.y1}, ui.theme.ink,
                   signed_text(row.margin), 1);
      draw_margin_bar(ui, {line.x0 + word_width + number + ui.px(12), line.y0, line.x1 - ui.px(6), line.y1},
                      row.margin, 1);
    }
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + static_cast<float>(shown.size()) * high));
    space(ui, 1);
  });
}

}  // namespace

void draw_sweep_section(const CorefContext& c) {
  Ui& ui = c.ui;
  if (!c.question.own_text) return note(ui, ui.words("coref.needs_model"));
  const std::optional<Mention> place = find_place(c);
  if (!place) return note(ui, ui.words("coref.sweep.no_place"));
  const std::string others = c.question.candidates.size() == 2 ? c.question.candidates[1].word
                                                               : std::string(ui.words("coref.the_others"));
  heading(ui, ui.words("coref.sweep.title", {{"place", place->word},
                                             {"head", head_name(*c.side().trace, c.head, c.view)},
                                             {"word", c.question.pronoun.word}}));
  const std::string key = "coref.sweep|" + std::to_string(c.side().id) + "|" + c.question.key() + "|" +
                          std::to_string(place->begin) + "-" + std::to_string(place->end) + "|" +
                          to_text(c.head, true);
  const auto answer =
      ask<SweepAnswer>(c, "coref.sweep", key, passes_ms(c, c.side().loaded.tokenizer->n_vocab()),
                       [side = c.frame.a, question = c.question, head = c.head, at = *place](
                           JobControl& control) { return run_sweep(*side, question, head, at, control); });
  if (!answer) return;
  draw_shares(c, *answer, others);
  note(ui, ui.words("coref.sweep.note",
                    {{"n", std::to_string(answer->rows.size())}, {"least", fixed(kNowhere, 2)}}));
  std::string find = c.view.coreference.find;
  if (text_field(ui, "coref.sweep.find", find,
                 {.hint = ui.words("coref.sweep.find"), .width = std::min(ui.px(220), room(ui))})
          .changed)
    change_coref(c.intents, [find](CoreferenceState& s) { s.find = find; });
  space(ui, 4);
  draw_words_list(c, *answer, *place);
}

}  // namespace attn::app

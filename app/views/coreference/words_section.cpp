#include <algorithm>
#include <cmath>

#include "app/views/coreference/parts.h"
#include "core/analysis/sweep.h"

namespace attn::app {

namespace {

struct EffectsAnswer {
  WordGroups words;
  std::vector<WordEffect> effects;
  double margin = 0;  // with all words
  double largest = 0;
};

EffectsAnswer run_effects(const Side& side, const CorefQuestion& question, const HeadId& head,
                          JobControl& control) {
  const PronounQuestion asked{question.text, question.pronoun, question.candidates, head,
                              side.trace->interventions};
  EffectsAnswer answer;
  answer.words = group_words(side.trace->tokens, side.trace->words);
  answer.effects =
      which_words_mattered(side.loaded.model, side.text.inputs, answer.words, asked, &control.pool(),
                           control.cancel(), [&](float share) { control.report(share); });
  for (const WordEffect& effect : answer.effects) {
    answer.largest = std::max(answer.largest, std::abs(effect.change));
    answer.margin = effect.margin - effect.change;
  }
  return answer;
}

const WordEffect* effect_of(const EffectsAnswer& answer, int word) {
  for (const WordEffect& effect : answer.effects)
    if (effect.word == word) return &effect;
  return nullptr;
}

// The sentence, each word coloured by what hiding it does, the change beneath it.
void draw_coloured_words(const CorefContext& c, const EffectsAnswer& answer) {
  Ui& ui = c.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float right = start.x + room(ui) - ui.px(12), gap = ui.px(6), box = ui.px(30), number = ui.px(18);
  ImVec2 at = start;
  for (int w = 0; w < answer.words.n_words(); ++w) {
    const std::string& name = answer.words.names[static_cast<std::size_t>(w)];
    const WordEffect* effect = effect_of(answer, w);
    const std::string change = effect ? signed_text(effect->change) : "";
    const float width =
        std::max(text_size(ui, TextRole::sentence, name).x, text_size(ui, TextRole::note, change).x) +
        ui.px(14);
    if (at.x > start.x && at.x + width > right) at = {start.x, at.y + box + number + ui.px(6)};
    const Rect rect{at.x, at.y, at.x + width, at.y + box};
    const Colour ground = effect ? margin_colour(ui, effect->change, answer.largest) : ui.theme.panel;
    list.AddRectFilled(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1), ground, ui.px(metric::kRadius));
    list.AddRect(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1), effect ? ui.theme.line : ui.theme.accent,
                 ui.px(metric::kRadius), 0, ui.px(effect ? 1 : 2));
    draw_text_in(ui, list, TextRole::sentence, rect, effect ? readable_on(ground) : ui.theme.ink, name, 0.5f);
    draw_text_in(ui, list, TextRole::note, {rect.x0, rect.y1, rect.x1, rect.y1 + number}, ui.theme.dim,
                 change, 0.5f);
    mark(ui, "coref.effect." + std::to_string(w), rect, name, change);
    at.x += width + gap;
  }
  ImGui::SetCursorScreenPos(ImVec2(start.x, at.y + box + number));
  space(ui, 8);
}

void draw_list(const CorefContext& c, const EffectsAnswer& answer) {
  Ui& ui = c.ui;
  std::vector<const WordEffect*> ranked;
  for (const WordEffect& effect : answer.effects) ranked.push_back(&effect);
  std::stable_sort(ranked.begin(), ranked.end(), [](const WordEffect* a, const WordEffect* b) {
    return std::abs(a->change) > std::abs(b->change);
  });
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Rect top = here(ui, room(ui) - ui.px(12), ui.px(20));
  const float name_width = std::min(ui.px(140), top.width() * 0.3f), number = ui.px(86);
  const auto right = [&](const Rect& row, int column, TextRole role, Colour colour, const std::string& text) {
    const float x1 = row.x0 + name_width + static_cast<float>(column + 1) * number;
    draw_text_in(ui, list, role, {x1 - number + ui.px(4), row.y0, x1, row.y1}, colour, text, 1);
  };
  draw_text_in(ui, list, TextRole::note, {top.x0, top.y0, top.x0 + name_width, top.y1}, ui.theme.dim,
               ui.words("coref.effects.hidden"));
  right(top, 0, TextRole::note, ui.theme.dim, std::string(ui.words("coref.effects.margin")));
  right(top, 1, TextRole::note, ui.theme.dim, std::string(ui.words("coref.effects.change")));
  ImGui::Dummy(ImVec2(top.width(), top.height()));
  scroll_area(
      ui, "coref.effects.list", std::max(ui.px(96), ImGui::GetContentRegionAvail().y - ui.px(4)), [&] {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float high = ui.px(metric::kRow);
        for (std::size_t i = 0; i < ranked.size(); ++i) {
          const Rect row{at.x, at.y + static_cast<float>(i) * high, at.x + top.width(),
                         at.y + static_cast<float>(i + 1) * high};
          draw_text_in(ui, list, TextRole::small, {row.x0, row.y0, row.x0 + name_width, row.y1}, ui.theme.ink,
                       answer.words.names[static_cast<std::size_t>(ranked[i]->word)]);
          right(row, 0, TextRole::small, ui.theme.ink, signed_text(ranked[i]->margin));
          right(row, 1, TextRole::heading, ui.theme.ink, signed_text(ranked[i]->change));
          draw_margin_bar(ui,
                          {row.x0 + name_width + 2 * number + ui.px(16), row.y0, row.x1 - ui.px(6), row.y1},
                          ranked[i]->change, std::max(answer.largest, 1e-6));
        }
        ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + static_cast<float>(ranked.size()) * high));
        space(ui, 1);
      });
}

}  // namespace

void draw_words_section(const CorefContext& c) {
  Ui& ui = c.ui;
  if (!c.question.own_text) return note(ui, ui.words("coref.needs_model"));
  heading(ui, ui.words("coref.effects.title", {{"head", head_name(*c.side().trace, c.head, c.view)},
                                               {"word", c.question.pronoun.word}}));
  const std::string key =
      "coref.effects|" + std::to_string(c.side().id) + "|" + c.question.key() + "|" + to_text(c.head, true);
  const auto answer = ask<EffectsAnswer>(
      c, "coref.effects", key, passes_ms(c, static_cast<double>(c.side().trace->tokens.size())),
      [side = c.frame.a, question = c.question, head = c.head](JobControl& control) {
        return run_effects(*side, question, head, control);
      });
  if (!answer) return;
  note(ui, ui.words("coref.effects.note", {{"margin", signed_text(answer->margin)}}));
  space(ui, 4);
  draw_coloured_words(c, *answer);
  const std::string others = c.question.candidates.size() == 2 ? c.question.candidates[1].word
                                                               : std::string(ui.words("coref.the_others"));
  draw_margin_legend(c, std::max(answer->largest, 1e-6),
                     ui.words("coref.effects.towards", {{"word", others}}),
                     ui.words("coref.effects.towards", {{"word", c.question.candidates.front().word}}));
  space(ui, 8);
  draw_list(c, *answer);
}

}  // namespace attn::app

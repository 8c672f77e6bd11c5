#include <algorithm>
#include <cmath>

#include "app/views/coreference/parts.h"
#include "app/views/coreference/words_in_place.h"
#include "core/analysis/lens.h"
#include "core/analysis/sweep.h"
#include "core/math/error.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

constexpr double kFlipFrom = 0.01;  // smaller margins have no sign worth flipping
constexpr float kWide = 560;        // design units: from here on two columns
constexpr float kHigh = 260;
constexpr float kLeastBar = 24;  // of a margin

// ---- The grid ----

Matrix margins_of(const RankedHeads& ranked, int n_layers, int n_heads) {
  Matrix values = Matrix::Constant(n_layers, n_heads, std::nanf(""));
  for (const HeadCoreference& head : ranked.heads)
    if (head.head.layer < n_layers && head.head.head < n_heads)
      values(head.head.layer, head.head.head) = static_cast<float>(head.margin);
  return values;
}

std::shared_ptr<const Matrix> ask_without(const CorefContext& c, int n_heads_in_all) {
  const std::string key = "coref.without|" + std::to_string(c.side().id) + "|" + c.question.key();
  return ask<Matrix>(c, "coref.without", key, passes_ms(c, n_heads_in_all),
                     [side = c.frame.a, question = c.question](JobControl& control) {
                       return switch_heads_off(
                           side->loaded.model, side->text.inputs,
                           [&](const Trace& trace) { return answer_margin(trace, question); },
                           side->trace->interventions, &control.pool(), control.cancel(),
                           [&](float share) { control.report(share); });
                     });
}

// logit(first candidate) - logit(second) where the model would write a word in the pronoun's place.
Matrix direct_of(const Side& side, const CorefQuestion& question, JobControl& control) {
  const std::vector<int> words = candidate_ids(side, question);
  if (words.size() < 2) throw two_candidates_needed();
  const AskedInPlace asked = ask_in_place(side, question);
  const Model& model = *side.loaded.model;
  std::shared_ptr<const Trace> trace = side.trace;
  if (asked.inputs != side.text.inputs) {
    PassOptions options;
    options.pool = &control.pool();
    options.cancel = control.cancel();
    trace = run_pass(side.loaded.model, asked.inputs, side.trace->interventions, options);
  }
  const DirectContributions parts =
      direct_contributions(*trace, asked.row, words[0], words[1], &control.pool());
  const Stack stack = model.spec.encoder ? Stack::encoder : Stack::decoder;
  Matrix values = Matrix::Zero(trace->n_layers(stack), trace->n_heads(stack));
  for (const auto& head : parts.heads)
    if (head.head.stack == stack) values(head.head.layer, head.head.head) = static_cast<float>(head.value);
  return values;
}

std::shared_ptr<const Matrix> ask_direct(const CorefContext& c) {
  const std::string key = "coref.direct|" + std::to_string(c.side().id) + "|" + c.question.key();
  return ask<Matrix>(c, "coref.direct", key, passes_ms(c, 2),
                     [side = c.frame.a, question = c.question](JobControl& control) {
                       return direct_of(*side, question, control);
                     });
}

void select_head(Intents& intents, const HeadId& head) {
  intents.edit([head](Study& s) { s.selection.head = head; });
}

CorefGrid choose_grid(const CorefContext& c) {
  Ui& ui = c.ui;
  const Model* model = c.side().trace->model.get();
  const bool speaks = model && model->spec.output != OutputKind::none && c.question.own_text;
  const std::string no_twin = c.twin ? "" : std::string(ui.words("compare.no_twin"));
  const std::string no_model = c.question.own_text ? "" : std::string(ui.words("coref.needs_model"));
  const std::string no_words = speaks ? "" : std::string(ui.words("coref.needs_words"));
  const std::vector<Choice> choices = {
      {"margin", ui.words("coref.grid_of.margin"), ui.words("coref.grid_tip.margin")},
      {"twin", ui.words("coref.grid_of.twin"), ui.words("coref.grid_tip.twin"), no_twin},
      {"without", ui.words("coref.grid_of.without"), ui.words("coref.grid_tip.without"), no_model},
      {"direct", ui.words("coref.grid_of.direct"), ui.words("coref.grid_tip.direct"), no_words}};
  int chosen = static_cast<int>(c.view.coreference.grid);
  if (!choices[static_cast<std::size_t>(chosen)].disabled.empty()) chosen = 0;
  if (segmented(ui, "coref.grid_of", choices, chosen))
    change_coref(c.intents, [chosen](CoreferenceState& s) { s.grid = static_cast<CorefGrid>(chosen); });
  note(ui, choices[static_cast<std::size_t>(chosen)].remark);
  return static_cast<CorefGrid>(chosen);
}

void draw_grid(const CorefContext& c) {
  Ui& ui = c.ui;
  const Trace& trace = *c.side().trace;
  const int n_layers = trace.n_layers(c.head.stack), n_heads = trace.n_heads(c.head.stack);
  const CorefGrid of = choose_grid(c);
  NumberGrid grid;
  grid.name = "coref.grid";
  if (of == CorefGrid::margin || of == CorefGrid::twin) {
    grid.values = margins_of(of == CorefGrid::twin ? c.cache.twin_ranked : c.cache.ranked, n_layers, n_heads);
    grid.largest = 1;
  } else {
    const auto values = of == CorefGrid::without ? ask_without(c, n_layers * n_heads) : ask_direct(c);
    if (!values || values->rows() != n_layers || values->cols() != n_heads) return;
    grid.values = *values;
    grid.largest = std::max(0.01, static_cast<double>(values->cwiseAbs().maxCoeff()));
  }
  const int from = c.view.count_heads_from_one ? 1 : 0;
  for (int l = 0; l < n_layers; ++l) grid.rows.push_back("L" + std::to_string(l + from));
  for (int h = 0; h < n_heads; ++h) grid.columns.push_back("H" + std::to_string(h + from));
  grid.chosen_row = c.head.layer;
  grid.chosen_column = c.head.head;
  int hovered = -1;
  const int clicked = draw_number_grid(ui, grid, room(ui), &hovered);
  const auto head_at = [&](int cell) { return HeadId{c.head.stack, cell / n_heads, cell % n_heads}; };
  if (hovered >= 0) light_up(ui, c.view, c.intents, head_at(hovered), -1, -1);
  if (clicked >= 0) select_head(c.intents, head_at(clicked));
  const std::string first = c.question.candidates.front().word;
  const std::string others = c.question.candidates.size() == 2 ? c.question.candidates[1].word
                                                               : std::string(ui.words("coref.the_others"));
  const std::string size = fixed(grid.largest, 2);
  draw_margin_legend(c, grid.largest, others + " −" + size, "+" + size + " " + first);
}

// ---- The ranking ----

// Where each column of the table stands.
struct Columns {
  float head = 0, names_end = 0;
  std::vector<float> to, from;  // right edges
  float bar_from = 0, bar_to = 0, margin = 0, twin = 0;
};

Columns place_columns(const CorefContext& c, float x0, float width) {
  Ui& ui = c.ui;
  Columns columns;
  const auto n = c.question.candidates.size();
  float names = text_size(ui, TextRole::note, ui.words("coref.table.head")).x + ui.px(8);
  for (const HeadCoreference& head : c.cache.ranked.heads)
    names = std::max(
        names, text_size(ui, TextRole::heading, head_name(*c.side().trace, head.head, c.view)).x + ui.px(12));
  names = std::max(ui.px(62), names);
  float widest = ui.px(46);
  for (const Mention& candidate : c.question.candidates)
    widest = std::max(widest, text_size(ui, TextRole::note, candidate.word).x + ui.px(10));
  // What the names, the bar and the margins leave is shared out among the candidates' numbers.
  const float margin = ui.px(50), twin = c.twin ? ui.px(66) : 0;
  const float left = width - names - ui.px(10 + kLeastBar) - margin - twin;
  const float number = std::min(widest, std::clamp(left / static_cast<float>(2 * n), ui.px(40), ui.px(96)));
  columns.head = x0;
  float x = columns.names_end = x0 + names;
  for (std::size_t k = 0; k < n; ++k) columns.to.push_back(x += number);
  const float behind = margin + twin + static_cast<float>(n) * number;
  columns.bar_from = x + ui.px(10);
  columns.bar_to = std::max(columns.bar_from + ui.px(kLeastBar), x0 + width - behind);
  x = columns.bar_to + margin;
  columns.margin = x;
  if (c.twin) columns.twin = x += twin;
  for (std::size_t k = 0; k < n; ++k) columns.from.push_back(x += number);
  return columns;
}

// Two lines: what a group of columns is, and the candidates' names.
void draw_table_head(const CorefContext& c, const Columns& columns, const Rect& head) {
  Ui& ui = c.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float middle = (head.y0 + head.y1) / 2;
  const Rect row{head.x0, middle, head.x1, head.y1};
  const auto right = [&](float x, float from, const std::string& text) {
    draw_text_in(ui, list, TextRole::note, {from, row.y0, x, row.y1}, ui.theme.dim, text, 1);
  };
  // Over all of its columns; a little wider than they are where the word is.
  const auto group = [&](float x0, float x1, const std::string& text) {
    const float wide = std::max(x1 - x0, text_size(ui, TextRole::note, text).x + 1);
    const float from = std::min((x0 + x1 - wide) / 2, head.x1 - wide);
    draw_text_in(ui, list, TextRole::note, {from, head.y0, from + wide, middle}, ui.theme.dim, text, 0.5f);
  };
  const std::string pronoun = "“" + c.question.pronoun.word + "”";
  draw_text_in(ui, list, TextRole::note, {columns.head, row.y0, columns.names_end, row.y1}, ui.theme.dim,
               ui.words("coref.table.head"));
  float x = columns.names_end;
  group(x, columns.to.back(), pronoun + " →");
  for (std::size_t k = 0; k < columns.to.size(); ++k) {
    right(columns.to[k], x + ui.px(4), c.question.candidates[k].word);
    x = columns.to[k];
  }
  right(columns.margin, columns.bar_from, std::string(ui.words("coref.table.margin")));
  x = columns.margin;
  if (c.twin) {
    right(columns.twin, x + ui.px(4), "“" + c.word_there() + "”");
    x = columns.twin;
  }
  group(x + ui.px(4), columns.from.back(), "→ " + pronoun);
  for (std::size_t k = 0; k < columns.from.size(); ++k) {
    right(columns.from[k], x + ui.px(4), c.question.candidates[k].word);
    x = columns.from[k];
  }
}

const HeadCoreference* find_head(const RankedHeads& ranked, const HeadId& head) {
  const auto at = std::find_if(ranked.heads.begin(), ranked.heads.end(),
                               [&](const HeadCoreference& h) { return h.head == head; });
  return at == ranked.heads.end() ? nullptr : &*at;
}

bool flips(double here_margin, double there_margin) {
  return here_margin * there_margin < 0 && std::abs(here_margin) >= kFlipFrom &&
         std::abs(there_margin) >= kFlipFrom;
}

void draw_table_row(const CorefContext& c, const Columns& columns, const Rect& row,
                    const HeadCoreference& head) {
  Ui& ui = c.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string name = head_name(*c.side().trace, head.head, c.view);
  const std::string id = std::to_string(head.head.layer) + "." + std::to_string(head.head.head);
  const bool chosen = head.head == c.head;
  const Touch touch = touch_area(ui, "coref.head." + id, row, name, signed_text(head.margin, 3), true);
  if (chosen || touch.hovered || c.view.hover.head == head.head)
    list.AddRectFilled(ImVec2(row.x0, row.y0), ImVec2(row.x1, row.y1),
                       chosen ? ui.theme.accent_soft : ui.theme.hover, ui.px(4));
  if (touch.hovered) light_up(ui, c.view, c.intents, head.head, c.question.pronoun.tokens.front(), -1);
  if (touch.clicked || touch.pressed_key) select_head(c.intents, head.head);
  const auto number = [&](float x, const std::string& text, Colour colour, bool bold) {
    draw_text_in(ui, list, bold ? TextRole::heading : TextRole::small, {x - ui.px(72), row.y0, x, row.y1},
                 colour, text, 1);
  };
  draw_text_in(ui, list, chosen ? TextRole::heading : TextRole::small,
               {columns.head + ui.px(4), row.y0, columns.names_end, row.y1}, ui.theme.ink, name);
  for (std::size_t k = 0; k < head.to_candidates.size(); ++k)
    number(columns.to[k], weight_text(head.to_candidates[k]), ui.theme.ink, false);
  draw_margin_bar(ui, {columns.bar_from, row.y0, columns.bar_to, row.y1}, head.margin, 1);
  number(columns.margin, signed_text(head.margin), ui.theme.ink, true);
  if (c.twin) {
    const HeadCoreference* there = find_head(c.cache.twin_ranked, head.head);
    const bool flipped = there && flips(head.margin, there->margin);
    number(columns.twin, there ? signed_text(there->margin) : "–", flipped ? ui.theme.warn : ui.theme.dim,
           flipped);
    if (flipped)
      draw_icon(list, Icon::swap,
                {columns.twin - ui.px(58), row.y0 + ui.px(6), columns.twin - ui.px(46), row.y0 + ui.px(18)},
                ui.theme.warn, ui.px(1));
  }
  for (std::size_t k = 0; k < head.from_candidates.size(); ++k)
    number(columns.from[k], weight_text(head.from_candidates[k]), ui.theme.dim, false);
}

void draw_ranking(const CorefContext& c, float height) {
  Ui& ui = c.ui;
  const std::vector<HeadCoreference>& heads = c.cache.ranked.heads;
  heading(ui, ui.words("coref.table.title", {{"word", c.question.pronoun.word}}));
  int n_flips = 0;
  if (c.twin)
    for (const HeadCoreference& head : heads)
      if (const HeadCoreference* there = find_head(c.cache.twin_ranked, head.head))
        n_flips += flips(head.margin, there->margin);
  const std::string count = std::to_string(heads.size());
  note(ui, c.twin ? ui.words("coref.table.flips", {{"n", std::to_string(n_flips)},
                                                   {"all", count},
                                                   {"word", c.word_there()},
                                                   {"least", fixed(kFlipFrom, 2)}})
                  : ui.words("coref.table.note", {{"all", count}}));
  const Rect top = here(ui, room(ui) - ui.px(12), ui.px(36));
  const Columns columns = place_columns(c, top.x0, top.width());
  draw_table_head(c, columns, top);
  ImGui::Dummy(ImVec2(top.width(), top.height()));
  const float used = ImGui::GetCursorScreenPos().y - top.y0 + ui.px(60);
  scroll_area(ui, "coref.ranking", std::max(ui.px(120), height - used), [&] {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float high = ui.px(metric::kRow);
    const Rect clip{0, ImGui::GetWindowPos().y, 0, ImGui::GetWindowPos().y + ImGui::GetWindowHeight()};
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const float y = at.y + static_cast<float>(i) * high;
      if (y + high < clip.y0 || y > clip.y1) continue;
      draw_table_row(c, columns, {top.x0, y, top.x1, y + high}, heads[i]);
    }
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + static_cast<float>(heads.size()) * high));
    space(ui, 1);
  });
}

}  // namespace

void draw_heads_section(const CorefContext& c) {
  Ui& ui = c.ui;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = room(ui), height = std::max(ui.px(200), ImGui::GetContentRegionAvail().y);
  if (width < ui.px(kWide) || ImGui::GetContentRegionAvail().y < ui.px(kHigh)) {
    draw_answers(c);
    space(ui, 8);
    draw_grid(c);
    space(ui, 8);
    draw_ranking(c, ui.px(420));
    return;
  }
  const float left = std::floor(width * 0.39f), gap = ui.px(20);
  panel(
      ui, "coref.left", {at.x, at.y, at.x + left, at.y + height}, PanelLook::flat,
      [&] {
        draw_answers(c);
        space(ui, 12);
        draw_grid(c);
      },
      0);
  panel(
      ui, "coref.right", {at.x + left + gap, at.y, at.x + width, at.y + height}, PanelLook::flat,
      [&] { draw_ranking(c, height); }, 0);
}

}  // namespace attn::app

#include <algorithm>

#include "app/views/start/sections.h"

namespace attn::app {

namespace {

constexpr float kPlaceNumbers = 13;  // design units: the numbers under the places of the one-hot vector

// Which of the n places of a one-hot vector a strip of about `most` cells shows, in their order: the first
// ones, those around the `one` and the last. -1 stands for a run that is left out.
std::vector<int> places_shown(int n, int one, int most) {
  std::vector<int> shown;
  const int run = std::max(1, most / 3);
  const int from = std::clamp(one - run / 2, 0, std::max(0, n - run));
  for (int i = 0; i < n; ++i) {
    const bool near = (i >= from && i < from + run) || i < std::min(3, run) || i >= n - 2;
    if (near || n <= most)
      shown.push_back(i);
    else if (shown.back() >= 0)
      shown.push_back(-1);
  }
  return shown;
}

// A single 1 among as many places as there are words.
void draw_one_hot(StartPage& page, const Rect& row) {
  Ui& ui = page.ui;
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float numbers = ui.px(kPlaceNumbers), middle = row.y1 - numbers;
  draw_text_in(ui, list, TextRole::small,
               {row.x0 + ui.px(8), row.y0, row.x0 + ui.px(kStripLabel) - ui.px(6), middle}, t.ink,
               ui.words("start.one_hot"));
  const Rect strip{row.x0 + ui.px(kStripLabel), row.y0 + ui.px(2), row.x1 - ui.px(kStripScale),
                   middle - ui.px(2)};
  const int n = std::max(1, page.facts.start.n_vocab);
  const int most = std::max(9, static_cast<int>(strip.width() / ui.px(16)));
  const std::vector<int> shown = places_shown(n, page.id(), most);
  const float cell = std::min(ui.px(20), strip.width() / static_cast<float>(shown.size()));
  float x = strip.x0, named_to = strip.x0;
  for (const int place : shown) {
    const Rect at{std::floor(x), strip.y0, std::floor(x + cell) - 1, strip.y1};
    x += cell;
    const bool one = place == page.id();
    if (place >= 0)
      list.AddRectFilled(ImVec2(at.x0, at.y0), ImVec2(at.x1, at.y1), one ? t.accent : t.hover, ui.px(2));
    draw_text_in(ui, list, one ? TextRole::heading : TextRole::cell, at, one ? t.on_accent : t.dim,
                 place < 0 ? "…"
                 : one     ? "1"
                           : "0",
                 0.5f);
    // The numbers of the first place, the last, and the one.
    if (!one && place != 0 && place != n - 1) continue;
    const std::string number = std::to_string(place);
    const float wide = text_size(ui, TextRole::note, number).x;
    const float from = std::clamp((at.x0 + at.x1 - wide) / 2, strip.x0, strip.x1 - wide);
    if (from < named_to && !one) continue;
    draw_text_in(ui, list, one ? TextRole::heading : TextRole::note,
                 {from - ui.px(2), middle, from + wide + ui.px(2), row.y1}, one ? t.accent : t.dim, number,
                 0.5f);
    named_to = from + wide + ui.px(4);
  }
  mark(ui, "start.one_hot", strip, std::to_string(page.id()));
}

}  // namespace

std::string StartPage::name(int token) const {
  const std::vector<std::string>& names = trace.query_tokens(facts.start.stack);
  const auto t = static_cast<std::size_t>(token);
  return t < names.size() ? readable_token(names, t) : std::to_string(token);
}

float draw_section_title(StartPage& page, const Rect& rect, std::string_view title, std::string_view what) {
  Ui& ui = page.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text_in(ui, list, TextRole::heading, {rect.x0, rect.y0, rect.x1, rect.y0 + ui.px(20)}, ui.theme.ink,
               title);
  const float wrap = rect.width();
  draw_text(ui, list, TextRole::note, ImVec2(rect.x0, rect.y0 + ui.px(20)), ui.theme.dim, what, wrap);
  return rect.y0 + ui.px(24) + text_size(ui, TextRole::note, what, wrap).y;
}

float draw_token_strips(StartPage& page, const Rect& rect) {
  Ui& ui = page.ui;
  const Words& words = ui.words;
  const EmbeddingSteps<float>& steps = page.facts.start.embedding.steps;
  const Index t = page.chosen;
  const std::string n = std::to_string(page.facts.start.n_vocab), id = std::to_string(page.id());
  const std::string d = std::to_string(steps.words.cols());
  std::string what = words("start.one_hot_note", {{"n", n}});
  add_sentence(what, words("start.embedding_note", {{"id", id}, {"d", d}}));
  if (page.facts.start.scale != 1)
    add_sentence(what, words("start.scaled_note", {{"scale", number_text(page.facts.start.scale, 2)}}));
  if (steps.types.size() > 0) add_sentence(what, words("start.token_type_note"));
  if (page.facts.start.has_norm) add_sentence(what, words("start.norm_note"));
  float y = draw_section_title(
                page, rect,
                words("start.number_title", {{"word", page.name(page.chosen)}, {"id", id}, {"n", n}}), what) +
            ui.px(4);
  const auto next = [&](float more = 0) {
    const Rect row{rect.x0, y, rect.x1, y + ui.px(24 + more)};
    y = row.y1 + ui.px(2);
    return row;
  };
  draw_one_hot(page, next(kPlaceNumbers));
  float shared = largest_of(entries(view(steps.words), t));
  for (const Matrix* m : {&steps.positions, &steps.types, &steps.sum})
    if (m->size() > 0) shared = std::max(shared, largest_of(entries(view(*m), t)));
  const auto strip = [&](const char* name, const std::string& label, const Matrix& rows, bool lit) {
    if (rows.size() == 0) return;
    draw_strip_row(
        ui, next(),
        {.name = name, .label = label, .values = entries(view(rows), t), .largest = shared, .lit = lit});
  };
  strip("start.embedding", std::string(words("start.embedding")), steps.words, false);
  const int position = page.facts.start.embedding.positions[static_cast<std::size_t>(t)];
  strip("start.position", words("start.position", {{"n", std::to_string(position)}}), steps.positions, false);
  strip("start.type", std::string(words("steps.row.type")), steps.types, false);
  if (steps.positions.size() > 0 || steps.types.size() > 0)
    strip("start.sum", std::string(words("start.sum")), steps.sum, true);
  return y - rect.y0;
}

}  // namespace attn::app

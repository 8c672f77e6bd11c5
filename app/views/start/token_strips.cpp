#include <algorithm>

#include "app/views/start/sections.h"

namespace attn::app {

namespace {

// A single 1 among as many places as there are words.
void draw_one_hot(StartPage& page, const Rect& row) {
  Ui& ui = page.ui;
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text_in(ui, list, TextRole::small,
               {row.x0 + ui.px(8), row.y0, row.x0 + ui.px(kStripLabel) - ui.px(6), row.y1}, t.ink,
               ui.words("start.one_hot"));
  const Rect strip{row.x0 + ui.px(kStripLabel), row.y0 + ui.px(2), row.x1 - ui.px(kStripScale),
                   row.y1 - ui.px(2)};
  list.AddRectFilled(ImVec2(strip.x0, strip.y0), ImVec2(strip.x1, strip.y1), t.hover);
  list.AddRect(ImVec2(strip.x0, strip.y0), ImVec2(strip.x1, strip.y1), t.line);
  const float n = static_cast<float>(std::max(1, page.facts.start.n_vocab));
  const float x = strip.x0 + strip.width() * (static_cast<float>(page.id()) + 0.5f) / n;
  const float half = ui.px(7);
  const float middle = std::clamp(x, strip.x0 + half, strip.x1 - half);
  // Zeros as far as they reach, and the one in its place.
  const float zero = ui.px(14);
  for (float at = strip.x0 + zero / 2; at < strip.x1 - zero / 2; at += zero)
    if (std::abs(at - middle) > half + zero / 3)
      draw_text_in(ui, list, TextRole::cell, {at - zero / 2, strip.y0, at + zero / 2, strip.y1}, t.dim, "0",
                   0.5f);
  const Rect one{middle - half, strip.y0, middle + half, strip.y1};
  list.AddRectFilled(ImVec2(one.x0, one.y0), ImVec2(one.x1, one.y1), t.accent, ui.px(2));
  draw_text_in(ui, list, TextRole::heading, one, t.on_accent, "1", 0.5f);
  mark(ui, "start.one_hot", strip, std::to_string(page.id()));
  draw_text_in(ui, list, TextRole::note, {strip.x1 + ui.px(6), row.y0, row.x1, row.y1}, t.dim,
               std::to_string(page.facts.start.n_vocab));
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
  what += " " + words("start.embedding_note", {{"id", id}, {"d", d}});
  if (page.facts.start.scale != 1)
    what += " " + words("start.scaled_note", {{"scale", number_text(page.facts.start.scale, 2)}});
  if (steps.types.size() > 0) what += " " + std::string(words("start.token_type_note"));
  if (page.facts.start.has_norm) what += " " + std::string(words("start.norm_note"));
  float y = draw_section_title(
                page, rect,
                words("start.number_title", {{"word", page.name(page.chosen)}, {"id", id}, {"n", n}}), what) +
            ui.px(4);
  const auto next = [&] {
    const Rect row{rect.x0, y, rect.x1, y + ui.px(24)};
    y = row.y1 + ui.px(2);
    return row;
  };
  draw_one_hot(page, next());
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

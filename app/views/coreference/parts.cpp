#include "app/views/coreference/parts.h"

#include <algorithm>
#include <cmath>

#include "app/look/wording.h"
#include "core/model/model.h"

namespace attn::app {

std::string CorefContext::word_here() const {
  if (!study.twin) return {};
  return study.flipped ? study.twin->alternative : study.twin->word;
}

std::string CorefContext::word_there() const {
  if (!study.twin) return {};
  return study.flipped ? study.twin->word : study.twin->alternative;
}

void change_coref(Intents& intents, std::function<void(CoreferenceState&)> change) {
  intents.look([change = std::move(change)](ViewState& v) { change(v.coreference); });
}

std::string signed_text(double value, int digits) {
  if (std::isnan(value)) return "–";
  const std::string size = fixed(std::abs(value), digits);
  const bool zero = size.find_first_not_of("0.") == std::string::npos;
  return zero ? size : (value < 0 ? "−" : "+") + size;
}

Colour margin_colour(const Ui& ui, double margin, double largest) {
  return colour_of(difference_look(ui, static_cast<float>(largest)), static_cast<float>(margin));
}

Colour side_colour(const Ui& ui, bool first) {
  return margin_colour(ui, first ? 0.7 : -0.7, 1);
}

void draw_margin_bar(Ui& ui, const Rect& rect, double margin, double largest) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float middle = std::floor((rect.x0 + rect.x1) / 2), half = rect.width() / 2;
  const float high = std::min(ui.px(10), rect.height() - ui.px(4));
  const float top = std::floor((rect.y0 + rect.y1 - high) / 2);
  const float share = static_cast<float>(std::clamp(margin / std::max(largest, 1e-9), -1.0, 1.0));
  const float end = middle + share * half;
  if (std::abs(end - middle) >= 0.5f)
    list.AddRectFilled(ImVec2(std::min(middle, end), top), ImVec2(std::max(middle, end), top + high),
                       side_colour(ui, share > 0), ui.px(2));
  list.AddLine(ImVec2(middle, rect.y0 + ui.px(3)), ImVec2(middle, rect.y1 - ui.px(3)), ui.theme.dim);
}

void draw_margin_legend(const CorefContext& c, double largest, std::string_view less, std::string_view more) {
  Ui& ui = c.ui;
  const Rect line = here(ui, room(ui), ui.px(20));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float bar = ui.px(72), high = ui.px(10), gap = ui.px(6);
  const float top = line.y0 + std::floor((line.height() - high) / 2);
  const float text =
      std::max(ui.px(16), line.width() - bar - 2 * gap - text_size(ui, TextRole::note, more).x);
  const std::string left = shortened(ui, TextRole::note, less, text);
  const float x0 = line.x0 + text_size(ui, TextRole::note, left).x + gap;
  draw_text_in(ui, list, TextRole::note, {line.x0, line.y0, x0, line.y1}, ui.theme.dim, left);
  draw_shades(list, {x0, top, x0 + bar, top + high}, [&](float at) {
    return margin_colour(ui, largest * (2 * static_cast<double>(at) - 1), largest);
  });
  list.AddRect(ImVec2(x0, top), ImVec2(x0 + bar, top + high), ui.theme.line);
  draw_text_in(ui, list, TextRole::note, {x0 + bar + gap, line.y0, line.x1, line.y1}, ui.theme.dim, more);
  ImGui::Dummy(ImVec2(line.width(), line.height()));
}

namespace {

// Where the cells of a number grid stand.
struct GridPlace {
  Rect all;
  float gutter = 0, head = 0, cell_width = 0, cell_height = 0, gap = 1;
  Rect cell(int row, int column) const {
    const float x = all.x0 + gutter + static_cast<float>(column) * (cell_width + gap);
    const float y = all.y0 + head + static_cast<float>(row) * (cell_height + gap);
    return {x, y, x + cell_width, y + cell_height};
  }
};

GridPlace place_grid(Ui& ui, const NumberGrid& grid, float width) {
  GridPlace place;
  const auto n = static_cast<float>(std::max<std::size_t>(1, grid.columns.size()));
  for (const std::string& row : grid.rows)
    place.gutter = std::max(place.gutter, text_size(ui, TextRole::note, row).x + ui.px(8));
  place.gutter = std::min(place.gutter, width * 0.3f);
  float widest = 0;
  for (const std::string& column : grid.columns)
    widest = std::max(widest, text_size(ui, TextRole::note, column).x);
  place.head = grid.turned ? std::min(widest, ui.px(90)) * 0.71f + ui.px(16) : ui.px(18);
  const float tail = grid.turned ? std::min(widest, ui.px(90)) * 0.6f : 0.0f;
  place.cell_width =
      std::floor(std::clamp((width - place.gutter - tail) / n - place.gap, ui.px(12), ui.px(grid.most_cell)));
  place.cell_height = std::min(place.cell_width, ui.px(26));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  place.all = {at.x, at.y, at.x + place.gutter + n * (place.cell_width + place.gap) + tail,
               at.y + place.head + static_cast<float>(grid.rows.size()) * (place.cell_height + place.gap)};
  return place;
}

void draw_grid_names(Ui& ui, ImDrawList& list, const NumberGrid& grid, const GridPlace& place) {
  const Theme& t = ui.theme;
  const float pitch = place.cell_width + place.gap;
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    const Rect cell = place.cell(static_cast<int>(r), 0);
    draw_text_in(ui, list, TextRole::note, {place.all.x0, cell.y0, cell.x0 - ui.px(4), cell.y1},
                 static_cast<int>(r) == grid.chosen_row ? t.ink : t.dim, grid.rows[r]);
  }
  float free_from = -1e9f;
  for (std::size_t k = 0; k < grid.columns.size(); ++k) {
    const Rect cell = place.cell(0, static_cast<int>(k));
    const bool strong = static_cast<int>(k) == grid.chosen_column || static_cast<int>(k) == grid.lit_column;
    if (grid.turned) {
      draw_text_turned(ui, list, TextRole::note, {(cell.x0 + cell.x1) / 2, cell.y0 - ui.px(4)}, 45,
                       strong ? t.ink : t.dim, shortened(ui, TextRole::note, grid.columns[k], ui.px(90)));
      continue;
    }
    const float wide = std::max(pitch, text_size(ui, TextRole::note, grid.columns[k]).x + ui.px(4));
    const float middle = (cell.x0 + cell.x1) / 2;
    if (middle - wide / 2 < free_from - 1) continue;  // names that would touch are left out
    free_from = middle + wide / 2;
    draw_text_in(ui, list, TextRole::note, {middle - wide / 2, place.all.y0, middle + wide / 2, cell.y0},
                 strong ? t.ink : t.dim, grid.columns[k], 0.5f);
  }
}

// "+.45" or, where that does not fit, "+.4".
std::string cell_number(double value, int digits) {
  const std::string text = signed_text(value, digits);
  const std::size_t zero = text.find("0.");
  const bool none = text.find_first_of("123456789") == std::string::npos;
  return zero == std::string::npos || none ? text : text.substr(0, zero) + text.substr(zero + 1);
}

}  // namespace

int draw_number_grid(Ui& ui, const NumberGrid& grid, float width, int* hovered) {
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const GridPlace place = place_grid(ui, grid, width);
  const auto n_rows = static_cast<int>(grid.rows.size()), n_columns = static_cast<int>(grid.columns.size());
  draw_grid_names(ui, list, grid, place);
  const Touch touch = touch_area(ui, grid.name, place.all);
  const int digits = text_size(ui, TextRole::cell, "+.00").x + ui.px(2) <= place.cell_width ? 2 : 1;
  int under = -1;
  for (int r = 0; r < n_rows; ++r)
    for (int k = 0; k < n_columns; ++k) {
      const Rect cell = place.cell(r, k);
      const auto value = static_cast<double>(grid.values(r, k));
      const bool there = !std::isnan(value);
      const Colour ground = there ? margin_colour(ui, value, grid.largest) : t.hatch_ground;
      list.AddRectFilled(ImVec2(cell.x0, cell.y0), ImVec2(cell.x1, cell.y1), ground);
      if (there && place.cell_width >= ui.px(26) && place.cell_height >= ui.px(14))
        draw_text_in(ui, list, TextRole::cell, cell, readable_on(ground), cell_number(value, digits), 0.5f);
      mark(ui, std::string(grid.name) + "." + std::to_string(r) + "." + std::to_string(k), cell,
           there ? signed_text(value, 3) : "–");
      if (touch.hovered && cell.contains(place.all.x0 + touch.mouse.x, place.all.y0 + touch.mouse.y))
        under = r * n_columns + k;
    }
  const auto outline = [&](int r, int k, Colour colour, float thick) {
    const Rect cell = place.cell(r, k);
    list.AddRect(ImVec2(cell.x0 - 1, cell.y0 - 1), ImVec2(cell.x1 + 1, cell.y1 + 1), colour, ui.px(2), 0,
                 ui.px(thick));
  };
  list.AddRect(
      ImVec2(place.cell(0, 0).x0 - 1, place.cell(0, 0).y0 - 1),
      ImVec2(place.cell(n_rows - 1, n_columns - 1).x1 + 1, place.cell(n_rows - 1, n_columns - 1).y1 + 1),
      t.line);
  if (under >= 0) outline(under / n_columns, under % n_columns, t.dim, 1);
  if (grid.chosen_row >= 0 && grid.chosen_row < n_rows && grid.chosen_column >= 0 &&
      grid.chosen_column < n_columns)
    outline(grid.chosen_row, grid.chosen_column, t.accent, 2);
  ImGui::SetCursorScreenPos(ImVec2(place.all.x0, place.all.y1));
  space(ui, 4);
  if (hovered) *hovered = under;
  return touch.clicked ? under : -1;
}

bool draw_job(Ui& ui, const ViewState& view, Intents& intents, std::string_view name, const std::string& key,
              double estimated_ms, const JobLook& look) {
  if (look.done) {
    if (!look.problem.empty()) note(ui, in_words(ui.words, look.problem));
    return true;  // keeps the answer
  }
  const bool lasting = estimated_ms > kLongJob_ms;
  if (lasting && !view.coreference.started.contains(key)) {
    note(ui, ui.words("coref.job.long", {{"s", fixed(std::ceil(estimated_ms / 1000), 0)}}));
    if (button(ui, std::string(name) + ".start", ui.words("coref.job.start"),
               {.look = ButtonLook::primary, .icon = Icon::play, .small = true}))
      change_coref(intents, [key](CoreferenceState& s) { s.started.insert(key); });
    return false;
  }
  progress(ui, std::string(name) + ".progress", look.fraction, ui.words("coref.job.working"));
  ui.wake_in(0.1);
  if (lasting && button(ui, std::string(name) + ".cancel", ui.words("common.cancel"),
                        {.icon = Icon::stop, .small = true})) {
    intents.stop_job(key);
    change_coref(intents, [key](CoreferenceState& s) { s.started.erase(key); });
    return false;
  }
  return true;
}

double passes_ms(const CorefContext& c, double n) {
  // From what a pass must compute, not from the last one's time: that may have been a busy moment, or have
  // taken most of its layers over. Every parameter is multiplied and added once for each token, at a modest
  // speed.
  constexpr double kFlopsPerMs = 2e7, kLeastPass_ms = 0.03;
  const Trace& trace = *c.side().trace;
  const auto n_parameters = static_cast<double>(trace.model ? trace.model->n_parameters : 0);
  const auto n_tokens = static_cast<double>(trace.tokens.size());
  return n * std::max(kLeastPass_ms, 2 * n_parameters * n_tokens / kFlopsPerMs);
}

double answer_margin(const Trace& trace, const CorefQuestion& question) {
  if (trace.model && trace.model->spec.pointer)
    return signed_margin(pointer_answer(trace, question.pronoun.tokens, question.candidates).scores);
  const Stack stack = trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
  const auto heads = rank_heads(trace, stack, question.pronoun.tokens, question.candidates);
  return signed_margin(attention_score_answer(heads, MasDirection::from_pronoun).scores);
}

}  // namespace attn::app

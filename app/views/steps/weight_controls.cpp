#include <algorithm>
#include <array>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

// "0.5", "50 %": a weight that a person typed; nullopt: none.
std::optional<float> parse_weight(std::string text) {
  std::erase(text, ' ');
  const bool percent = text.ends_with('%');
  if (percent) text.pop_back();
  std::optional<float> value = parse_number(text);
  if (value && percent) *value /= 100;
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

void draw_what_if(Board& board, const Rect& row) {
  Ui& ui = board.ui;
  const Words& words = ui.words;
  const std::array<Choice, kWhatIfs> choices = {Choice{"nothing", words("steps.what_if.nothing")},
                                                Choice{"no_scaling", words("steps.what_if.no_scaling")},
                                                Choice{"colder", words("steps.what_if.colder")},
                                                Choice{"hotter", words("steps.what_if.hotter")}};
  const float title = ui.px(kBoardLabel);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::small,
               {row.x0 + ui.px(8), row.y0, row.x0 + title - ui.px(6), row.y1}, ui.theme.ink,
               words("steps.what_if.title"));
  ImGui::SetCursorScreenPos(ImVec2(row.x0 + title, row.y0));
  int chosen = static_cast<int>(board.view.steps.what_if);
  const float width = std::min(row.width() - title, ui.px(430));
  if (segmented(ui, "steps.what_if", choices, chosen, width))
    board.intents.look([chosen](ViewState& v) { v.steps.what_if = static_cast<WhatIf>(chosen); });
}

void draw_typed_weight(Board& board, const Rect& row) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  StepsCache& cache = board.cache;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string key = board.key_name(w.key);
  const float title = ui.px(kBoardLabel);
  draw_text_in(ui, list, TextRole::small, {row.x0 + ui.px(8), row.y0, row.x0 + title - ui.px(6), row.y1},
               ui.theme.ink, ui.words("steps.weight_of", {{"key", key}}));
  const std::string cell = to_text(w.head) + " " + std::to_string(w.query) + ":" + std::to_string(w.key) +
                           " " + fixed(static_cast<double>(w.at.weights(0, w.key)), 4);
  if (cache.typed_for != cell && ui.memory.active_text != "steps.typed_weight") {
    cache.typed_for = cell;
    cache.typed_weight = fixed(static_cast<double>(w.at.weights(0, w.key)), 2);
  }
  ImGui::SetCursorScreenPos(ImVec2(row.x0 + title, row.y0));
  const std::string masked = w.visible(w.key) ? "" : ui.words("steps.weight_masked", {{"key", key}});
  const TextEdited edited = text_field(ui, "steps.typed_weight", cache.typed_weight,
                                       {.hint = "0 … 1", .width = ui.px(64), .disabled = masked});
  const std::optional<float> typed = parse_weight(cache.typed_weight);
  if (edited.submitted && typed) set_weight(board, w.key, *typed);
  float x = row.x0 + title + ui.px(72);
  if (!w.cells.empty()) {
    ImGui::SetCursorScreenPos(ImVec2(x, row.y0));
    if (button(ui, "steps.weights_back", ui.words("steps.weights_back"),
               {.icon = Icon::reset, .small = true, .tooltip = ui.words("steps.weights_back_tip")}))
      board.intents.edit([head = w.head, query = w.query](Study& s) {
        std::erase_if(s.a.interventions.cells,
                      [&](const OverwrittenCell& c) { return c.head == head && c.query == query; });
      });
    x = last_rect().x1 + ui.px(8);
  }
  const bool wrong = edited.active && !typed;
  draw_text_in(ui, list, TextRole::note, {x, row.y0, row.x1, row.y1},
               wrong || !w.cells.empty() ? ui.theme.warn : ui.theme.dim,
               ui.words(wrong             ? "steps.weight_wrong"
                        : w.cells.empty() ? "steps.weight_hint"
                                          : "steps.weight_by_hand"));
}

}  // namespace

void set_weight(Board& board, int key, float weight) {
  const OverwrittenCell cell{board.walk.head, board.walk.query, key, std::clamp(weight, 0.0f, 1.0f)};
  board.intents.edit([cell](Study& s) { set_cell(s.a.interventions, cell); },
                     "drag weight " + std::to_string(key));
}

float draw_weight_controls(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  const float row = ui.px(metric::kControlSmall), gap = ui.px(4);
  draw_what_if(board, {rect.x0, rect.y0 + gap, rect.x1, rect.y0 + gap + row});
  const float second = rect.y0 + 2 * gap + row;
  draw_typed_weight(board, {rect.x0, second, rect.x1, second + row});
  return 2 * (row + gap) + gap;
}

}  // namespace attn::app

#include <algorithm>
#include <cmath>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

using What = NumberColumn::What;

constexpr float kKeyRow = 20, kTitleRow = 20;  // design units
constexpr float kNumber = 58, kWeight = 100, kWeightNumber = 50;
constexpr int kLeastRows = 4;

std::string number_of(const HeadWalk& w, What what, int key) {
  const auto text = [](double value) { return number_text(value, std::abs(value) < 1000 ? 2 : 0); };
  switch (what) {
    case What::dot:
      return text(static_cast<double>(w.dots(key)));
    case What::scaled:
      return text(static_cast<double>(w.dots(key)) * w.scale);
    case What::position:
      return text(static_cast<double>(w.at.position(0, key)));
    case What::score:
      return text(static_cast<double>(w.at.scores(0, key)));
    case What::masked:
      return w.visible(key) ? text(static_cast<double>(w.at.scores(0, key))) : "−∞";
    case What::weight:
      return fixed(static_cast<double>(w.at.weights(0, key)), 2);
  }
  return {};
}

// Columns that a mask shuts: their numbers stand on the hatching.
bool on_hatch(What what) {
  return what == What::masked || what == What::weight;
}

bool set_by_hand(const HeadWalk& w, int key) {
  return std::any_of(w.cells.begin(), w.cells.end(), [&](const OverwrittenCell& c) { return c.key == key; });
}

// The other row of weights that "what if" asks for; empty: none.
Row ghost_weights(const Board& board) {
  const HeadWalk& w = board.walk;
  switch (board.view.steps.what_if) {
    case WhatIf::no_scaling:
      return weights_if(w, 1.0, w.temperature);
    case WhatIf::colder:
      return weights_if(w, w.scale, w.temperature / 2);
    case WhatIf::hotter:
      return weights_if(w, w.scale, w.temperature * 2);
    case WhatIf::nothing:
      return {};
  }
  return {};
}

// The bar of a weight, its ghost, and the hand that drags it.
void draw_weight_bar(Board& board, const Rect& rect, int key, const Row& ghosts) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float weight = w.at.weights(0, key), inset = ui.px(4);
  const Rect track{rect.x0 + ui.px(4), rect.y0 + inset, rect.x1 - ui.px(2), rect.y1 - inset};
  const Colour colour = set_by_hand(w, key) ? ui.theme.warn : ui.theme.accent;
  list.AddRectFilled(ImVec2(track.x0, track.y0), ImVec2(track.x1, track.y1), ui.theme.hover, ui.px(2));
  if (weight > 0)
    list.AddRectFilled(ImVec2(track.x0, track.y0),
                       ImVec2(track.x0 + std::max(1.0f, track.width() * weight), track.y1), colour, ui.px(2));
  if (ghosts.size() > 0) {
    const float x = track.x0 + std::max(2.0f, track.width() * ghosts(key));
    list.AddRect(ImVec2(track.x0, track.y0 - ui.px(2)), ImVec2(x, track.y1 + ui.px(2)), ui.theme.warn, 0, 0,
                 std::max(1.0f, ui.px(1.5f)));
  }
  if (!board.now(Step::softmax) || !w.visible(key)) return;
  const Touch touch = touch_area(ui, "steps.bar." + std::to_string(key), rect, board.key_name(key),
                                 fixed(static_cast<double>(weight), 2));
  if (touch.hovered || touch.held) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  if (touch.held && std::abs(touch.dragged.x) > ui.px(2))
    set_weight(board, key, (rect.x0 + touch.mouse.x - track.x0) / track.width());
}

struct Table {
  std::vector<NumberColumn> columns;
  float strip_x0 = 0, strip_x1 = 0;
  Row ghosts;
  float largest = 1;  // of the strips
};

// What enters the softmax of this query for one key.
OverwrittenNumber score_of(const Board& board, int key) {
  OverwrittenNumber score = number_at(board, NumberPlace::score);
  score.entry = key;
  score.value = board.walk.at.scores(0, key);
  return score;
}

// A score that a click sets by hand.
void feel_score(Board& board, const std::string& control, const Rect& place, const OverwrittenNumber& score,
                const std::string& text) {
  Ui& ui = board.ui;
  const Touch touch = touch_area(ui, control, place, text);
  if (!touch.hovered) return;
  ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
  tooltip(ui, ui.words("steps.number.hint"));
  if (touch.clicked)
    ask_for_number(
        board, score,
        ui.words("steps.number.score", {{"word", board.query_name()}, {"key", board.key_name(score.entry)}}),
        place);
}

// One key: its name, its vector of products (or weighted values), its numbers.
void draw_key_row(Board& board, const Rect& row, int key, const Table& table) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string index = std::to_string(key);
  const bool chosen = key == w.key, masked = !w.visible(key) && board.reached(Step::mask);
  if (chosen) list.AddRectFilled(ImVec2(row.x0, row.y0), ImVec2(row.x1, row.y1), t.hover, ui.px(3));
  const Touch touch = touch_area(ui, "steps.key." + index, {row.x0, row.y0, table.strip_x0, row.y1},
                                 board.key_name(key), chosen ? "on" : "off");
  if (touch.clicked || touch.pressed_key) choose_query(board.intents, w.query, key);
  if (touch.hovered) light_up_tokens(ui, board.view, board.intents, -1, key);
  const bool lit = touch.hovered || board.view.hover.key == key;
  draw_text_in(ui, list, chosen ? TextRole::heading : TextRole::small,
               {row.x0 + ui.px(8), row.y0, table.strip_x0 - ui.px(6), row.y1},
               lit || chosen ? t.accent : t.ink, board.key_name(key));

  const Rect strip{table.strip_x0, row.y0 + 1, table.strip_x1, row.y1 - 1};
  const bool values = board.reached(Step::values);
  const ConstView vectors = view(values ? w.weighted : w.products);
  if (!board.covered())
    paint_strip(ui, strip, entries(vectors, key), {.largest = table.largest, .lit = board.cache.lit_entry});
  mark(ui, "steps.products." + index, strip);
  const NumberColumn& after_mask = table.columns[table.columns.size() - 2];
  // Hatched from where the mask shuts it.
  if (masked) draw_hatch(ui, list, {after_mask.x0 + ui.px(2), row.y0 + 1, row.x1, row.y1 - 1});

  const OverwrittenNumber score = score_of(board, key);
  const bool score_set = find_set(board, score) != nullptr;
  for (const NumberColumn& column : table.columns) {
    if (!board.reached(column.step)) continue;
    const bool is_weight = column.what == What::weight;
    const bool is_score = &column == &after_mask - 1;  // what the mask meets
    const std::string text = board.covered() ? "?" : number_of(w, column.what, key);
    const float x1 = is_weight ? column.x0 + ui.px(kWeightNumber) : column.x1;
    const bool bold = board.now(column.step);
    draw_text_in(ui, list, bold ? TextRole::heading : TextRole::small, {column.x0, row.y0, x1, row.y1},
                 is_score && score_set                       ? t.warn
                 : bold || (masked && on_hatch(column.what)) ? t.ink
                                                             : t.dim,
                 text, 1);
    const std::string control = std::string(is_weight                     ? "steps.weight."
                                            : column.what == What::dot    ? "steps.dot."
                                            : column.what == What::masked ? "steps.masked."
                                                                          : "steps.score.") +
                                index;
    const Rect place{column.x0, row.y0, x1, row.y1};
    if (is_score && w.visible(key) && column.step == Step::scale && !board.covered())
      feel_score(board, control, place, score, text);
    else
      mark(ui, control, place, text);
    if (is_weight && !board.covered())
      draw_weight_bar(board, {x1 + ui.px(4), row.y0, column.x1, row.y1}, key, table.ghosts);
  }
}

void draw_titles(Board& board, const Rect& row, const Table& table) {
  Ui& ui = board.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool values = board.reached(Step::values);
  const std::string_view strip =
      ui.words(values                                         ? "steps.column.weighted"
               : board.walk.spec.scoring == Scoring::additive ? "steps.column.products_additive"
                                                              : "steps.column.products");
  const bool strip_lit = board.now(Step::products) || board.now(Step::values);
  draw_text_in(ui, list, TextRole::note, {row.x0 + ui.px(8), row.y0, table.strip_x0, row.y1}, ui.theme.dim,
               ui.words("steps.column.key"));
  draw_text_in(ui, list, TextRole::note, {table.strip_x0, row.y0, table.strip_x1, row.y1},
               strip_lit ? ui.theme.accent : ui.theme.dim, strip);
  for (const NumberColumn& column : table.columns) {
    if (!board.reached(column.step)) continue;
    const bool lit = board.now(column.step);
    const float x1 = column.what == What::weight ? column.x0 + ui.px(kWeightNumber) : column.x1;
    draw_text_in(ui, list, TextRole::note, {column.x0 - ui.px(2), row.y0, x1, row.y1},
                 lit ? ui.theme.accent : ui.theme.dim, column.title, 1);
  }
}

// Under the keys: the budget of the weights, and what the head says.
void draw_sums(Board& board, const Rect& row, const Table& table) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddLine(ImVec2(row.x0, row.y0), ImVec2(row.x1, row.y0), ui.theme.line);
  {
    const NumberColumn& column = table.columns.back();
    const std::string sum = fixed(static_cast<double>(w.at.weights.sum()), 2);
    const Rect place{column.x0, row.y0, column.x0 + ui.px(kWeightNumber), row.y1};
    draw_text_in(ui, list, TextRole::heading, place, ui.theme.ink, sum, 1);
    draw_text_in(ui, list, TextRole::note, {table.columns.front().x0 - ui.px(32), row.y0, place.x0, row.y1},
                 ui.theme.dim, ui.words("steps.budget"), 1);
    mark(ui, "steps.sum", place, sum);
  }
  if (board.reached(Step::values) && !board.covered()) {
    StripRow out{.name = "steps.strip.head_output",
                 .label = std::string(ui.words("steps.row.head_output")),
                 .values = w.head_off ? entries(w.summed_values) : entries(view(w.at.mixed), 0),
                 .lit = false,
                 .lit_entry = board.cache.lit_entry};
    out.strip_x0 = table.strip_x0;
    out.strip_x1 = table.strip_x1;
    Rect own = row;
    own.x1 = table.strip_x1;
    const int entry = w.head_off ? draw_strip_row(board, own, out)
                                 : draw_strip_row(board, own, out, number_at(board, NumberPlace::mixed));
    if (entry >= 0) board.cache.next_lit_entry = entry;
  }
}

// What the strip under the mouse says: the product of one dimension.
void feel_strips(Board& board, const Rect& area, float row_height, float scrolled) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  const Touch touch = touch_area(ui, "steps.strips", area);
  if (!touch.hovered) return;
  const int key = static_cast<int>((touch.mouse.y + scrolled) / row_height);
  const int i = strip_entry(area, static_cast<std::size_t>(w.d_head()), area.x0 + touch.mouse.x);
  if (key < 0 || key >= w.n_keys() || i < 0) return;
  if (touch.clicked) choose_query(board.intents, w.query, key);
  board.cache.next_lit_entry = i;
  const bool values = board.reached(Step::values);
  if (board.covered()) return;
  const auto number = [](float value) { return number_text(static_cast<double>(value), 4); };
  const std::string at = "[" + std::to_string(i) + "]";
  std::string text = values ? number(w.at.weights(0, key)) + " × v" + at + " " + number(w.at.values(key, i)) +
                                  " = " + number(w.weighted(key, i))
                     : w.spec.scoring == Scoring::additive
                         ? at + " = " + number(w.products(key, i))
                         : "q" + at + " " + number(w.at.queries(0, i)) + " × k" + at + " " +
                               number(w.at.keys(key, i)) + " = " + number(w.products(key, i));
  preview(ui, [&] {
    label(ui, {}, board.key_name(key), TextRole::heading);
    label(ui, {}, text, TextRole::small);
  });
}

}  // namespace

std::vector<NumberColumn> number_columns(Board& board, const Rect& rect) {
  const HeadWalk& w = board.walk;
  const auto named = [&](const char* key) {
    return std::string(board.ui.words(std::string("steps.column.") + key));
  };
  std::vector<NumberColumn> columns;
  const bool additive = w.spec.scoring == Scoring::additive;
  columns.push_back({What::dot, Step::products, additive ? named("sum") : "q · k"});
  const double root = 1 / std::sqrt(static_cast<double>(w.d_head()));
  if (w.scale != 1)
    columns.push_back({What::scaled, Step::scale,
                       std::abs(w.scale - root) < 1e-6 ? "÷ √" + std::to_string(w.d_head())
                                                       : "× " + number_text(w.scale, 3)});
  if (w.at.position.size() > 0) columns.push_back({What::position, Step::scale, named("position")});
  if (w.at.position.size() > 0 || w.spec.soft_cap > 0 || w.temperature != 1 || columns.size() == 1 ||
      !w.set_scores.empty())
    columns.push_back({What::score, Step::scale, named("score")});
  columns.push_back({What::masked, Step::mask, named("masked")});
  columns.push_back({What::weight, Step::softmax, named("weight")});
  float x = rect.x1;
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    column->x1 = x;
    const float title = text_size(board.ui, TextRole::note, column->title).x + board.ui.px(8);
    column->x0 =
        x - (column->what == What::weight ? board.ui.px(kWeight) : std::max(board.ui.px(kNumber), title));
    x = column->x0;
  }
  return columns;
}

float draw_head_vectors(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  const float strip_x1 = number_columns(board, rect).front().x0 - ui.px(8);
  float y = rect.y0;
  const auto row = [&](const char* name, const std::string& label, std::span<const float> values, bool lit,
                       const OverwrittenNumber& first) {
    const Rect place{rect.x0, y, rect.x1, y + ui.px(kBoardRow)};
    StripRow what{
        .name = name, .label = label, .values = values, .lit = lit, .lit_entry = board.cache.lit_entry};
    what.strip_x1 = strip_x1;
    const int entry = draw_strip_row(board, place, what, first);
    if (entry >= 0) board.cache.next_lit_entry = entry;
    y = place.y1 + ui.px(2);
  };
  const auto named = [&](const char* key) {
    return ui.words(std::string("steps.row.") + key,
                    {{"word", board.query_name()}, {"key", board.key_name(w.key)}});
  };
  const bool projections = board.now(Step::projections), products = board.now(Step::products);
  row("steps.strip.q", named("q"), entries(view(w.at.queries), 0), projections || products,
      number_at(board, NumberPlace::query));
  row("steps.strip.k", named("k"), entries(view(w.at.keys), w.key), projections || products,
      number_at(board, NumberPlace::key, w.key));
  row("steps.strip.v", named("v"), entries(view(w.at.values), w.key), projections || board.now(Step::values),
      number_at(board, NumberPlace::value, w.key));
  return y - rect.y0;
}

float draw_key_sheet(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  Table table;
  table.columns = number_columns(board, rect);
  table.strip_x0 = rect.x0 + ui.px(kBoardLabel);
  table.strip_x1 = table.columns.front().x0 - ui.px(8);
  if (board.now(Step::softmax) && !board.covered()) table.ghosts = ghost_weights(board);
  const Matrix& vectors = board.reached(Step::values) ? w.weighted : w.products;
  table.largest = std::max(1e-6f, vectors.cwiseAbs().maxCoeff());

  float y = rect.y0 + draw_head_vectors(board, rect) + ui.px(2);
  draw_titles(board, {rect.x0, y, rect.x1, y + ui.px(kTitleRow)}, table);
  y += ui.px(kTitleRow);
  const bool controls = board.now(Step::softmax) && !board.covered();
  const bool sums = board.reached(Step::softmax);
  const float below = ui.px(sums ? kBoardRow + 8 : 0) + (controls ? ui.px(68) : 0);
  const float one = ui.px(kKeyRow), all = one * static_cast<float>(w.n_keys());
  // Whole rows: none is cut through.
  const float fitting = one * std::floor((rect.y1 - y - below) / one);
  const float height = std::min(all, std::max(one * kLeastRows, fitting));
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, y));
  scroll_area(ui, "steps.keys", height, [&] {
    const float scrolled = ImGui::GetScrollY();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const int first = std::max(0, static_cast<int>(scrolled / one));
    const int end = std::min(w.n_keys(), static_cast<int>((scrolled + height) / one) + 1);
    feel_strips(board, {table.strip_x0, y, table.strip_x1, y + height}, one, scrolled);
    for (int k = first; k < end; ++k) {
      const float top = corner.y + one * static_cast<float>(k);
      draw_key_row(board, {rect.x0, top, rect.x1, top + one}, k, table);
    }
    ImGui::SetCursorScreenPos(ImVec2(corner.x, corner.y + all - 1));
    ImGui::Dummy(ImVec2(1, 1));
  });
  y += height;
  if (sums) {
    draw_sums(board, {rect.x0, y + ui.px(2), rect.x1, y + ui.px(kBoardRow + 2)}, table);
    y += ui.px(kBoardRow + 4);
  }
  if (controls) y += draw_weight_controls(board, {rect.x0, y, rect.x1, y + ui.px(68)});
  return y - rect.y0;
}

}  // namespace attn::app

#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/heads_table.h"
#include "app/views/heads_table/parts.h"
#include "app/views/value_grid.h"
#include "app/views/view_parts.h"
#include "core/analysis/head_distance.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostAlike = 6, kMostTexts = 12;
constexpr Index kMostPattern = 1024;  // tokens: a longer text's pattern has no room in so small a picture

// A heat map without names, as large as `rect` allows; returns where it stands.
Rect draw_picture(Ui& ui, const Rect& rect, const ShownMatrix& matrix, const gl::HeatmapStack& stack,
                  const gl::HeatmapLook& look) {
  const float columns = static_cast<float>(matrix.n_columns()), rows = static_cast<float>(matrix.n_rows());
  float cell = std::min(rect.width() / columns, rect.height() / rows);
  if (cell >= 2) cell = std::floor(cell);
  const Rect place{rect.x0, rect.y0, rect.x0 + cell * columns, rect.y0 + cell * rows};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  gl::HeatmapQuad quad;
  quad.upper_left = ImVec2(place.x0, place.y0);
  quad.lower_right = ImVec2(place.x1, place.y1);
  ui.heatmaps.draw(list, stack, look, std::array{quad});
  list.AddRect(ImVec2(place.x0 - 1, place.y0 - 1), ImVec2(place.x1 + 1, place.y1 + 1), ui.theme.line);
  return place;
}

// What the measure looks for in this head; null: nothing that could be drawn.
std::shared_ptr<const Matrix> pattern_for(HeadsTableCache& cache, const HeadRows& rows, const HeadId& head,
                                          const Frame& frame, std::size_t measure) {
  const std::string key =
      std::to_string(frame.a->id) + "/" + to_text(head, true) + "/" + measures()[measure].key;
  if (cache.pattern_key == key) return cache.pattern;
  cache.pattern_key = key;
  cache.pattern.reset();
  const Trace& trace = *frame.a->trace;
  if (static_cast<Index>(trace.query_tokens(head.stack).size()) > kMostPattern) return nullptr;
  HeadStatistics statistics;
  statistics.head = head;
  for (const HeadStatistics& of_text : rows.of_text)
    if (of_text.head == head) statistics = of_text;
  if (Matrix pattern = pattern_of(measures()[measure], trace, statistics); pattern.size() > 0)
    cache.pattern = std::make_shared<const Matrix>(std::move(pattern));
  return cache.pattern;
}

void draw_alike(Ui& ui, const Rect& rect, const HeadId& head, const Frame& frame, const ViewState& view,
                Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = ui.px(20);
  draw_text_in(ui, list, TextRole::heading, {rect.x0, rect.y0, rect.x1, rect.y0 + line}, ui.theme.ink,
               ui.words("heads_table.alike", {{"head", head_name(*frame.a->trace, head, view)}}));
  if (frame.a->id == 0) return;
  const std::string key = "heads_like/" + std::to_string(frame.a->id) + "/" + to_text(head, true);
  intents.want<std::vector<HeadDifference>>(key, [trace = frame.a->trace, head](JobControl& control) {
    return heads_like(*trace, head, &control.pool());
  });
  const auto answer = frame.answer<std::vector<HeadDifference>>(key);
  if (!answer.value) return;
  float y = rect.y0 + line + ui.px(2);
  const std::string_view says =
      ui.words(answer.value->empty() ? "heads_table.alike_none" : "heads_table.alike_note");
  draw_text(ui, list, TextRole::note, ImVec2(rect.x0, y), ui.theme.dim, says, rect.width());
  y += text_size(ui, TextRole::note, says, rect.width()).y + ui.px(6);
  for (std::size_t i = 0; i < std::min(kMostAlike, answer.value->size()) && y + ui.px(28) <= rect.y1; ++i) {
    const HeadDifference& like = (*answer.value)[i];
    ImGui::SetCursorScreenPos(ImVec2(rect.x0, y));
    ImGui::PushItemWidth(rect.width());
    const Rect row{rect.x0, y, rect.x1, y + ui.px(metric::kRow)};
    const std::string name = head_name(*frame.a->trace, like.head, view);
    const Touch touch =
        touch_area(ui, "heads_table.like." + std::to_string(i), row, name, fixed(like.distance, 3), true);
    if (touch.hovered) {
      list.AddRectFilled(ImVec2(row.x0, row.y0), ImVec2(row.x1, row.y1), ui.theme.hover, ui.px(4));
      light_up(ui, view, intents, like.head, -1, -1);
    }
    draw_text_in(ui, list, TextRole::small, {row.x0 + ui.px(6), row.y0, row.x0 + ui.px(80), row.y1},
                 ui.theme.ink, name);
    // ln 2 is as far apart as two heads can be.
    const float x0 = row.x0 + ui.px(84), x1 = row.x1 - ui.px(48);
    const auto part = static_cast<float>(std::clamp(like.distance / std::log(2.0), 0.0, 1.0));
    if (x1 > x0)
      list.AddRectFilled(ImVec2(x0, row.y0 + ui.px(8)),
                         ImVec2(x0 + std::max(ui.px(2), (x1 - x0) * part), row.y1 - ui.px(8)),
                         ui.theme.accent, ui.px(2));
    draw_text_in(ui, list, TextRole::note, {x1, row.y0, row.x1 - ui.px(4), row.y1}, ui.theme.ink,
                 fixed(like.distance, 3), 1);
    if (touch.clicked || touch.pressed_key) choose_head(intents, like.head);
    ImGui::PopItemWidth();
    y += ui.px(metric::kRow);
  }
}

}  // namespace

std::string measure_name(Ui& ui, std::size_t measure) {
  return std::string(ui.words("heads_table.measure." + std::string(measures()[measure].key)));
}

void draw_measure_grid(Ui& ui, const Rect& rect, const HeadRows& rows, const HeadId& head, const Frame& frame,
                       const ViewState& view, Intents& intents) {
  const ValueGrid grid =
      measure_grid("heads_table.grid", rows, head.stack, all_layers(*frame.a->trace, head.stack),
                   frame.a->trace->n_heads(head.stack), view.heads_table);
  const float legend = ui.px(20);
  if (const auto clicked =
          draw_value_grid(ui, {rect.x0, rect.y0, rect.x1, rect.y1 - legend}, grid, head, view, intents))
    choose_head(intents, *clicked);
  const GridLayout layout =
      lay_out_grid(ui, {rect.x0, rect.y0, rect.x1, rect.y1 - legend}, grid.n_layers, grid.n_heads);
  const float y = std::min(rect.y1 - legend, layout.area.y1);
  draw_value_legend(ui, {layout.first.x, y, rect.x1, y + legend}, grid.low, grid.high, grid.digits, view);
}

void draw_chosen_head(Ui& ui, const Rect& rect, const HeadRows& rows, const HeadId& head, const Frame& frame,
                      const ViewState& view, HeadsTableCache& cache, Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::size_t m = place_of(view.heads_table.measure);
  const std::string name = head_name(*frame.a->trace, head, view);
  const float line = ui.px(20), gap = ui.px(16);
  const bool beside_maps = rect.width() >= ui.px(420);  // the list stands beside the two pictures
  const float maps_width = beside_maps ? std::min(rect.width() * 0.56f, ui.px(420)) : rect.width();
  const float side =
      std::floor(std::min((maps_width - gap) / 2, beside_maps ? rect.height() - 2 * line : ui.px(190)));
  const ShownOptions options;
  const ShownMatrix* shown = cache.head.update(*frame.a, head, options);
  if (!shown && frame.a->trace->complete) intents.want_weights(head);
  draw_text_in(ui, list, TextRole::heading, {rect.x0, rect.y0, rect.x0 + side, rect.y0 + line}, ui.theme.ink,
               ui.words("heads_table.head_map", {{"head", name}}));
  const Rect first{rect.x0, rect.y0 + line + ui.px(2), rect.x0 + side, rect.y0 + line + ui.px(2) + side};
  const Rect second{first.x1 + gap, first.y0, first.x1 + gap + side, first.y1};
  if (shown && !view.covered) draw_picture(ui, first, *shown, cache.head.stack(), weights_look(ui, view));
  draw_text_in(ui, list, TextRole::heading, {second.x0, rect.y0, second.x1, rect.y0 + line}, ui.theme.ink,
               ui.words("heads_table.looks_for"));
  const std::shared_ptr<const Matrix> pattern = pattern_for(cache, rows, head, frame, m);
  const ShownMatrix* looks_for = pattern ? cache.looks_for.update(*frame.a, head, options, pattern) : nullptr;
  if (looks_for) {
    const Rect place = draw_picture(ui, second, *looks_for, cache.looks_for.stack(), weights_look(ui, view));
    mark(ui, "heads_table.pattern", place, {}, measures()[m].key);
  } else {
    draw_text(ui, list, TextRole::note, ImVec2(second.x0, second.y0), ui.theme.dim,
              ui.words("heads_table.no_pattern"), second.width());
  }
  const float below = first.y1 + ui.px(12);
  draw_alike(ui,
             beside_maps
                 ? Rect{second.x1 + gap, rect.y0, std::min(rect.x1, second.x1 + gap + ui.px(280)), rect.y1}
                 : Rect{rect.x0, below, rect.x1, rect.y1},
             head, frame, view, intents);
}

void draw_texts_of_head(Ui& ui, const Rect& rect, const HeadsOfTexts& texts, const HeadId& head,
                        const Frame& frame, const ViewState& view, Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::size_t m = place_of(view.heads_table.measure);
  const float line = ui.px(20);
  draw_text_in(ui, list, TextRole::heading, {rect.x0, rect.y0, rect.x1, rect.y0 + line}, ui.theme.ink,
               ui.words("heads_table.texts_title", {{"head", head_name(*frame.a->trace, head, view)},
                                                    {"measure", measure_name(ui, m)}}));
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0 + line + ui.px(4)));
  const Index row = std::find(texts.heads.begin(), texts.heads.end(), head) - texts.heads.begin();
  scroll_area(ui, "heads_table.texts", std::max(ui.px(40), rect.height() - line - ui.px(4)), [&] {
    const std::vector<int> best = texts_with_most(texts, head, measures()[m]);
    for (std::size_t i = 0; i < std::min(kMostTexts, best.size()); ++i) {
      const HeadsOfTexts::OneText& one = *texts.texts[static_cast<std::size_t>(best[i])];
      const float value = one.values(row, static_cast<Index>(m));
      const Rect place = here(ui, rect.width() - ui.px(14), ui.px(metric::kRow));
      const Touch touch = touch_area(ui, "heads_table.text." + std::to_string(i), place, one.text,
                                     fixed(static_cast<double>(value), 3), true);
      ImDrawList& rows_list = *ImGui::GetWindowDrawList();
      if (touch.hovered)
        rows_list.AddRectFilled(ImVec2(place.x0, place.y0), ImVec2(place.x1, place.y1), ui.theme.hover,
                                ui.px(4));
      draw_text_in(ui, rows_list, TextRole::note,
                   {place.x0 + ui.px(4), place.y0, place.x0 + ui.px(44), place.y1}, ui.theme.accent,
                   fixed(static_cast<double>(value), digits_of(m)));
      draw_text_in(ui, rows_list, TextRole::note, {place.x0 + ui.px(46), place.y0, place.x1, place.y1},
                   ui.theme.ink, one.text);
      if (touch.clicked || touch.pressed_key)
        intents.edit([text = one.text](Study& s) {
          s.a.text = text;
          s.twin.reset();
          s.flipped = false;
        });
      ImGui::SetCursorScreenPos(ImVec2(place.x0, place.y1));
    }
    space(ui, 1);
  });
}

}  // namespace attn::app

#include <algorithm>
#include <cmath>

#include "app/views/heads_table/parts.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kNameWidth = 72, kLeastColumn = 42, kMostColumn = 76, kHeader = 98;  // design units

struct Columns {
  Rect header, body;
  float first = 0, width = 0;  // of the first measure, and of each
  float x(std::size_t m) const { return first + width * static_cast<float>(m); }
};

Columns lay_out(Ui& ui, const Rect& rect) {
  const auto n = static_cast<float>(measures().size());
  Columns columns;
  columns.first = rect.x0 + ui.px(kNameWidth);
  // The last name leans out to the right; the scroll bar has its own place.
  const float room_for_all = rect.width() - ui.px(kNameWidth + 14);
  columns.width = std::floor(std::clamp(room_for_all / n, ui.px(kLeastColumn), ui.px(kMostColumn)));
  columns.header = {rect.x0, rect.y0, rect.x1, rect.y0 + ui.px(kHeader)};
  columns.body = {rect.x0, columns.header.y1 + ui.px(2), rect.x1, rect.y1};
  return columns;
}

// What a measure is, beside the mouse.
void draw_measure_box(Ui& ui, std::size_t m) {
  const Measure& measure = measures()[m];
  preview(ui, [&] {
    label(ui, {}, measure_name(ui, m), TextRole::heading);
    label(ui, {}, ui.words("heads_table.formula." + std::string(measure.key)), TextRole::small);
    label(ui, {}, measure.source, TextRole::note, ui.theme.dim);
  });
}

void sort_by(Intents& intents, const ViewState& view, std::size_t m) {
  const std::string key = measures()[m].key;
  const bool again = view.heads_table.measure == key;
  intents.look([key, again](ViewState& v) {
    v.heads_table.ascending = again && !v.heads_table.ascending;
    if (!again) v.heads_table.at_least = -1;
    v.heads_table.measure = key;
  });
}

void draw_column_names(Ui& ui, const Columns& columns, const ViewState& view, Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  const Rect& header = columns.header;
  const std::size_t sorted = place_of(view.heads_table.measure);
  const float arrow = ui.px(12), line = ui.fonts[TextRole::note].em_px;
  const Touch touch = touch_area(ui, "heads_table.columns", header);
  // Names lean to the right: follow the slope down to the foot of the column.
  const float foot = header.x0 + touch.mouse.x - std::max(0.0f, header.height() - arrow - touch.mouse.y);
  int under = -1;
  for (std::size_t m = 0; m < measures().size(); ++m) {
    const bool on = m == sorted;
    const Rect column{columns.x(m), header.y1 - ui.px(16), columns.x(m) + columns.width, header.y1};
    if (touch.hovered && foot >= column.x0 && foot < column.x1) under = static_cast<int>(m);
    const bool lit = under == static_cast<int>(m);
    const float middle = (column.x0 + column.x1) / 2;
    const TextRole role = on ? TextRole::heading : TextRole::note;
    draw_text_turned(ui, list, role, ImVec2(middle + line * 0.2f, header.y1 - arrow - ui.px(4)), 45,
                     on || lit ? t.accent : t.ink,
                     shortened(ui, role, measure_name(ui, m), (header.height() - arrow - line) * 1.4f));
    if (on)
      draw_icon(list, view.heads_table.ascending ? Icon::chevron_right : Icon::chevron_down,
                {middle - arrow / 2, header.y1 - arrow, middle + arrow / 2, header.y1}, t.accent,
                1.5f * ui.scale);
    mark(ui, "heads_table.column." + std::string(measures()[m].key), column, measure_name(ui, m),
         on ? (view.heads_table.ascending ? "ascending" : "descending") : "");
  }
  if (under < 0) return;
  draw_measure_box(ui, static_cast<std::size_t>(under));
  if (touch.clicked) sort_by(intents, view, static_cast<std::size_t>(under));
}

void draw_cell(Ui& ui, ImDrawList& list, const Rect& cell, const HeadRows& rows, int row, std::size_t m,
               const Range& scale, bool sorted) {
  const Theme& t = ui.theme;
  const float value = rows.mean(row, static_cast<Index>(m));
  const Rect inside{cell.x0 + ui.px(2), cell.y0 + ui.px(3), cell.x1 - ui.px(2), cell.y1 - ui.px(3)};
  const auto x_of = [&](float v) {
    const float part = (v - scale.least) / std::max(1e-6f, scale.most - scale.least);
    return inside.x0 + inside.width() * std::clamp(part, 0.0f, 1.0f);
  };
  if (!std::isnan(value))
    list.AddRectFilled(ImVec2(inside.x0, inside.y0), ImVec2(x_of(value), inside.y1),
                       sorted ? mix(t.panel, t.accent, 0.34f) : mix(t.panel, t.accent, 0.16f), ui.px(2));
  if (rows.low.size() > 0 && !std::isnan(rows.low(row, static_cast<Index>(m)))) {
    const float y = inside.y1 - ui.px(2);
    list.AddLine(ImVec2(x_of(rows.low(row, static_cast<Index>(m))), y),
                 ImVec2(x_of(rows.high(row, static_cast<Index>(m))), y), t.accent, std::max(1.0f, ui.scale));
  }
  draw_text_in(ui, list, TextRole::note, {cell.x0, cell.y0, cell.x1 - ui.px(6), cell.y1},
               std::isnan(value) ? t.dim : t.ink, fixed(static_cast<double>(value), digits_of(m)), 1);
}

// The numbers of one cell, beside the mouse.
void draw_cell_box(Ui& ui, const HeadRows& rows, int row, std::size_t m, const std::string& name) {
  const auto at = static_cast<Index>(m);
  preview(ui, [&] {
    label(ui, {}, name + " · " + measure_name(ui, m), TextRole::heading);
    label(ui, {}, fixed(static_cast<double>(rows.mean(row, at)), 4), TextRole::small);
    if (rows.low.size() > 0)
      label(ui, {},
            ui.words("heads_table.interval", {{"low", fixed(static_cast<double>(rows.low(row, at)), 3)},
                                              {"high", fixed(static_cast<double>(rows.high(row, at)), 3)}}),
            TextRole::note, ui.theme.dim);
  });
}

// Keeps the chosen head in sight when another one is chosen elsewhere.
void follow_chosen(Ui& ui, std::span<const int> order, const HeadRows& rows, const HeadId& head, float line,
                   float height) {
  double& followed = ui.memory.numbers["heads_table.followed"];
  const double now = rows.row_of(head) + 1;
  if (followed == now) return;
  followed = now;
  const auto at = std::find(order.begin(), order.end(), rows.row_of(head));
  if (at == order.end()) return;
  const float top = line * static_cast<float>(at - order.begin());
  if (top < ImGui::GetScrollY() || top + line > ImGui::GetScrollY() + height)
    ImGui::SetScrollY(std::max(0.0f, top - height / 3));
}

}  // namespace

float measure_table_width(Ui& ui) {
  return ui.px(kNameWidth + 14 + 50 * static_cast<float>(measures().size()));
}

void draw_measure_table(Ui& ui, const Rect& rect, const HeadRows& rows, std::span<const int> order,
                        const HeadId& head, const Frame& frame, const ViewState& view, Intents& intents) {
  const Columns columns = lay_out(ui, rect);
  const std::size_t sorted = place_of(view.heads_table.measure);
  draw_column_names(ui, columns, view, intents);
  std::vector<Range> scales;
  for (std::size_t m = 0; m < measures().size(); ++m) scales.push_back(scale_of(rows, m));
  const float line = ui.px(metric::kRow);
  ImGui::SetCursorScreenPos(ImVec2(columns.body.x0, columns.body.y0));
  scroll_area(ui, "heads_table.rows", columns.body.height(), [&] {
    follow_chosen(ui, order, rows, head, line, columns.body.height());
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 top = ImGui::GetCursorScreenPos();
    const auto first = static_cast<std::size_t>(std::max(0.0f, (columns.body.y0 - top.y) / line));
    const std::size_t end =
        std::min(order.size(), first + static_cast<std::size_t>(columns.body.height() / line) + 2);
    const float right = columns.x(measures().size());
    for (std::size_t i = first; i < end; ++i) {
      const int row = order[i];
      const HeadId id = rows.heads[static_cast<std::size_t>(row)];
      const std::string name = head_name(*frame.a->trace, id, view);
      const float y = std::floor(top.y + line * static_cast<float>(i));
      const Rect whole{top.x, y, right, y + line};
      const bool chosen = id == head;
      const Touch touch =
          touch_area(ui, "heads_table.row." + to_text(id, several_stacks(*frame.a->trace)), whole, name,
                     fixed(static_cast<double>(rows.mean(row, static_cast<Index>(sorted))), 3), true);
      if (chosen || touch.hovered || view.hover.head == id)
        list.AddRectFilled(ImVec2(whole.x0, whole.y0), ImVec2(whole.x1, whole.y1),
                           chosen ? ui.theme.accent_soft : ui.theme.hover, ui.px(4));
      draw_text_in(ui, list, chosen ? TextRole::heading : TextRole::small,
                   {whole.x0 + ui.px(6), y, columns.first, y + line}, chosen ? ui.theme.accent : ui.theme.ink,
                   name);
      for (std::size_t m = 0; m < measures().size(); ++m) {
        const Rect cell{columns.x(m), y, columns.x(m) + columns.width, y + line};
        draw_cell(ui, list, cell, rows, row, m, scales[m], m == sorted);
        if (touch.hovered && cell.contains(whole.x0 + touch.mouse.x, y + touch.mouse.y))
          draw_cell_box(ui, rows, row, m, name);
      }
      if (touch.hovered) light_up(ui, view, intents, id, -1, -1);
      if (touch.clicked || touch.pressed_key) choose_head(intents, id);
    }
    ImGui::SetCursorScreenPos(ImVec2(top.x, top.y + line * static_cast<float>(order.size())));
    space(ui, 1);
  });
}

}  // namespace attn::app

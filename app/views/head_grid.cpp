#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/heads_table/measured.h"
#include "app/views/shown_matrix.h"
#include "app/views/value_grid.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"

namespace attn::app {

namespace {

constexpr float kMostThumbnail = 96, kLeastThumbnail = 14;  // design units
constexpr float kPreview = 208;

std::vector<Stack> stacks_of(const Trace& trace) {
  std::vector<Stack> stacks;
  for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross})
    if (trace.n_layers(stack) > 0 && trace.n_heads(stack) > 0) stacks.push_back(stack);
  return stacks;
}

void choose_stack(Ui& ui, const Trace& trace, const HeadId& head, Intents& intents) {
  const std::vector<Stack> stacks = stacks_of(trace);
  std::vector<Choice> choices;
  int chosen = 0;
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    choices.push_back({name_of(stacks[i]), ui.words("grid." + std::string(name_of(stacks[i])))});
    if (stacks[i] == head.stack) chosen = static_cast<int>(i);
  }
  if (segmented(ui, "grid.stack", choices, chosen)) {
    const Stack stack = stacks[static_cast<std::size_t>(chosen)];
    choose_head(intents, {stack, std::min(head.layer, trace.n_layers(stack) - 1),
                          std::min(head.head, trace.n_heads(stack) - 1)});
  }
  space(ui, 4);
}

bool is_off(const Interventions& interventions, const HeadId& head) {
  if (interventions.heads_off.count(head) > 0) return true;
  const auto layer =
      interventions.layers.find({head.stack == Stack::encoder ? Stack::encoder : Stack::decoder, head.layer});
  return layer != interventions.layers.end() && !layer->second.attention;
}

void draw_thumbnails(Ui& ui, ImDrawList& list, const GridLayout& grid, const HeadId& head, const Study& study,
                     const ViewState& view, const ViewCaches& caches) {
  const Theme& t = ui.theme;
  std::vector<gl::HeatmapQuad> quads;
  for (int l = 0; l < grid.n_layers; ++l) {
    for (int h = 0; h < grid.n_heads; ++h) {
      const Rect cell = grid.cell(l, h);
      if (view.covered || !caches.grid.ready(l)) {
        list.AddRectFilled(ImVec2(cell.x0, cell.y0), ImVec2(cell.x1, cell.y1), t.hatch_ground);
        if (view.covered && grid.size >= ui.px(14))
          draw_text_in(ui, list, TextRole::note, cell, t.dim, "?", 0.5f);
        continue;
      }
      gl::HeatmapQuad quad;
      quad.upper_left = ImVec2(cell.x0, cell.y0);
      quad.lower_right = ImVec2(cell.x1, cell.y1);
      quad.layer = l * grid.n_heads + h;
      quad.opacity = is_off(study.a.interventions, {head.stack, l, h}) ? 0.3f : 1.0f;
      quads.push_back(quad);
    }
  }
  if (!quads.empty()) ui.heatmaps.draw(list, caches.grid.stack(), weights_look(ui, view), quads);
}

// A measure of the heads in place of their pictures, where the person asked for it and it is there.
bool draw_measures(Ui& ui, ImDrawList& list, const GridLayout& layout, const HeadId& head, const Frame& frame,
                   const ViewState& view, Intents& intents) {
  if (!view.heads_table.colours_grid) return false;
  const Answer<AllHeads> answer = want_measures(frame, frame.a, intents);
  if (!answer.value) return false;
  const HeadRows rows = rows_of(*answer.value);
  const ValueGrid grid =
      measure_grid("grid.value", rows, head.stack, layout.n_layers, layout.n_heads, view.heads_table);
  draw_value_cells(ui, list, layout, grid, view);
  return true;
}

// What the grid shows: pictures, or one of the measures of the heads table.
void choose_shown(Ui& ui, const ViewState& view, Intents& intents) {
  const HeadsTableState& state = view.heads_table;
  const auto name_of_measure = [&](std::string_view key) {
    return std::string(ui.words("heads_table.measure." + std::string(key)));
  };
  const std::string shown = state.colours_grid ? name_of_measure(state.measure)
                                               : std::string(ui.words("heads_table.grid_pictures"));
  if (drop_button(ui, "grid.shown", shown, {},
                  {.small = true, .tooltip = ui.words("heads_table.grid_colour")}))
    open_popup(ui, "grid.shown_popup");
  popup(ui, "grid.shown_popup", last_rect(), ui.px(220), [&] {
    std::vector<std::string> names = {std::string(ui.words("heads_table.grid_pictures"))};
    std::vector<Choice> choices = {{"pictures", {}}};
    for (const Measure& measure : measures()) {
      names.push_back(name_of_measure(measure.key));
      choices.push_back({measure.key, {}});
    }
    for (std::size_t i = 0; i < choices.size(); ++i) choices[i].text = names[i];
    const int marked = state.colours_grid ? static_cast<int>(place_of(state.measure)) + 1 : 0;
    if (const std::optional<int> chosen = menu_items(ui, "grid.shown", choices, marked))
      intents.look([place = *chosen](ViewState& v) {
        v.heads_table.colours_grid = place > 0;
        if (place == 0) return;
        const std::string key = measures()[static_cast<std::size_t>(place - 1)].key;
        if (v.heads_table.measure != key) v.heads_table.at_least = -1;
        v.heads_table.measure = key;
      });
  });
}

void draw_frames(Ui& ui, ImDrawList& list, const GridLayout& grid, const HeadId& head, const Study& study,
                 const ViewState& view) {
  const Theme& t = ui.theme;
  const auto frame = [&](const HeadId& id, Colour colour, float width) {
    draw_cell_frame(ui, list, grid, head.stack, id, colour, width);
  };
  for (const auto& [id, off] : study.a.interventions.heads_off) {
    if (id.stack != head.stack || id.layer >= grid.n_layers || id.head >= grid.n_heads) continue;
    const Rect cell = grid.cell(id.layer, id.head);
    list.AddLine(ImVec2(cell.x0, cell.y1), ImVec2(cell.x1, cell.y0), t.warn, std::max(1.0f, 1.5f * ui.scale));
  }
  for (std::size_t i = 0; i < study.selection.shown.size(); ++i) {
    const HeadId& id = study.selection.shown[i];
    if (id.stack != head.stack || id.layer >= grid.n_layers || id.head >= grid.n_heads) continue;
    const Rect cell = grid.cell(id.layer, id.head);
    const float side = std::max(ui.px(4), std::floor(grid.size / 5));
    list.AddRectFilled(ImVec2(cell.x1 - side, cell.y0), ImVec2(cell.x1, cell.y0 + side),
                       t.hues[i % t.hues.size()]);
  }
  if (view.hover.head) frame(*view.hover.head, t.dim, 1);
  if (study.selection.pinned) frame(*study.selection.pinned, t.warn, 2);
  frame(head, t.accent, 3);
}

// Masked cells are no zeros: where each cell of the picture is one of the map's, they are hatched.
void hatch_masked(Ui& ui, const Trace& trace, const HeadId& head, const Rect& rect,
                  const gl::HeatmapStack& picture) {
  const std::optional<AttentionMask> mask = mask_of(trace, head);
  const int n_rows = picture.rows(), n_columns = picture.columns();
  if (!mask || n_rows != static_cast<int>(trace.query_tokens(head.stack).size()) ||
      n_columns != static_cast<int>(trace.key_tokens(head.stack).size()))
    return;
  const float cell = rect.width() / static_cast<float>(n_columns);
  for (int r = 0; r < n_rows; ++r)
    for (int c = 0, end = 0; c < n_columns; c = end + 1) {
      for (end = c; end < n_columns && !mask->visible(r, end);) ++end;
      if (end > c)
        draw_hatch(ui, *ImGui::GetWindowDrawList(),
                   {rect.x0 + cell * static_cast<float>(c), rect.y0 + cell * static_cast<float>(r),
                    rect.x0 + cell * static_cast<float>(end), rect.y0 + cell * static_cast<float>(r + 1)});
    }
}

void draw_preview(Ui& ui, const HeadId& head, int n_heads, const Frame& frame, const Study& study,
                  const ViewState& view, const ViewCaches& caches) {
  preview(ui, [&] {
    label(ui, {}, head_name(*frame.a->trace, head, view), TextRole::heading);
    const gl::HeatmapStack& stack = caches.grid.stack();
    const float cell = std::max(
        1.0f, std::floor(ui.px(kPreview) / static_cast<float>(std::max(stack.rows(), stack.columns()))));
    const Rect rect =
        here(ui, cell * static_cast<float>(stack.columns()), cell * static_cast<float>(stack.rows()));
    gl::HeatmapQuad quad;
    quad.upper_left = ImVec2(rect.x0, rect.y0);
    quad.lower_right = ImVec2(rect.x1, rect.y1);
    quad.layer = head.layer * n_heads + head.head;
    ui.heatmaps.draw(*ImGui::GetWindowDrawList(), stack, weights_look(ui, view), std::array{quad});
    hatch_masked(ui, *frame.a->trace, head, rect, stack);
    ImGui::Dummy(ImVec2(rect.width(), rect.height()));
    const std::optional<HeadWeights> weights = frame.a->weights(head);
    const int query = study.selection.query;
    if (!weights || query < 0 || query >= weights->rows()) return;
    const float* row = weights->row(query);
    const auto key = static_cast<std::size_t>(std::max_element(row, row + weights->cols()) - row);
    const Trace& trace = *frame.a->trace;
    label(ui, {},
          readable_token(trace.query_tokens(head.stack), static_cast<std::size_t>(query)) + " → " +
              readable_token(trace.key_tokens(head.stack), key) + "  " +
              weight_text(static_cast<double>(row[key])),
          TextRole::note, ui.theme.dim);
  });
}

}  // namespace

GridLayout lay_out_grid(Ui& ui, const Rect& rect, int n_layers, int n_heads) {
  GridLayout grid;
  grid.n_layers = n_layers;
  grid.n_heads = n_heads;
  grid.gutter = ui.px(28);
  const float head_line = ui.px(20), edge = ui.px(4);
  const auto fit = [&](float gap) {
    const float wide = (rect.width() - grid.gutter - edge) / static_cast<float>(n_heads) - gap;
    const float high = (rect.height() - head_line - edge) / static_cast<float>(n_layers) - gap;
    return std::floor(std::clamp(std::min(wide, high), ui.px(kLeastThumbnail), ui.px(kMostThumbnail)));
  };
  grid.gap = ui.px(8);
  if (fit(grid.gap) < ui.px(32)) grid.gap = ui.px(4);
  if (fit(grid.gap) < ui.px(18)) grid.gap = ui.px(3);
  grid.size = fit(grid.gap);
  grid.area = {rect.x0, rect.y0, rect.x0 + grid.gutter + static_cast<float>(n_heads) * (grid.size + grid.gap),
               rect.y0 + head_line + static_cast<float>(n_layers) * (grid.size + grid.gap)};
  grid.first = ImVec2(rect.x0 + grid.gutter, rect.y0 + head_line);
  return grid;
}

float least_grid_width(Ui& ui, int n_heads) {
  return lay_out_grid(ui, {}, 1, n_heads).area.width() + ui.px(4);
}

Rect GridLayout::cell(int layer, int head) const {
  const float x = first.x + static_cast<float>(head) * (size + gap);
  const float y = first.y + static_cast<float>(layer) * (size + gap);
  return {x, y, x + size, y + size};
}

std::optional<std::pair<int, int>> GridLayout::head_at(float x, float y) const {
  const int head = static_cast<int>(std::floor((x - first.x) / (size + gap)));
  const int layer = static_cast<int>(std::floor((y - first.y) / (size + gap)));
  if (x < first.x || y < first.y || head >= n_heads || layer >= n_layers) return std::nullopt;
  return std::pair(layer, head);
}

float head_grid_width(Ui& ui, const Rect& part, const Frame& frame, const Study& study) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return 0;
  const Trace& trace = *frame.a->trace;
  // Thumbnails grow with the window, but the map comes first.
  const float most = std::clamp(part.width() * 0.06f, ui.px(48), ui.px(kMostThumbnail));
  const float wide = ui.px(32) + static_cast<float>(trace.n_heads(head->stack)) * (most + ui.px(8));
  const Rect room_for_grid{part.x0, part.y0, part.x0 + std::min(wide, part.width() * 0.42f), part.y1};
  const GridLayout grid =
      lay_out_grid(ui, room_for_grid, all_layers(trace, head->stack), trace.n_heads(head->stack));
  return std::floor(std::max(grid.area.width() + ui.px(4), std::min(ui.px(200), part.width() * 0.42f)));
}

void draw_head_grid(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                    ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_nothing_yet(ui, rect, frame, "grid.empty", "grid.empty_hint");
  const Trace& trace = *frame.a->trace;
  const int n_layers = all_layers(trace, head->stack), n_heads = trace.n_heads(head->stack);
  caches.grid.update(trace, head->stack, view.map.scale == ValueScale::per_row);
  panel(
      ui, "grid", rect, PanelLook::flat,
      [&] {
        if (stacks_of(trace).size() > 1) choose_stack(ui, trace, *head, intents);
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const GridLayout grid = lay_out_grid(ui, {at.x, at.y, rect.x1, rect.y1}, n_layers, n_heads);
        ImDrawList& list = *ImGui::GetWindowDrawList();
        draw_grid_numbers(ui, list, grid, *head, view);
        const bool measures = draw_measures(ui, list, grid, *head, frame, view, intents);
        if (!measures) draw_thumbnails(ui, list, grid, *head, study, view, caches);
        draw_frames(ui, list, grid, *head, study, view);
        const Touch touch = touch_area(ui, "grid.heads", grid.area);
        for (int l = 0; l < n_layers; ++l)
          for (int h = 0; h < n_heads; ++h)
            mark(ui, "grid." + std::to_string(l) + "." + std::to_string(h), grid.cell(l, h),
                 head_name(trace, {head->stack, l, h}, view),
                 HeadId{head->stack, l, h} == *head ? "selected" : "");
        if (touch.hovered) {
          const auto under = grid.head_at(grid.area.x0 + touch.mouse.x, grid.area.y0 + touch.mouse.y);
          if (under && caches.grid.ready(under->first)) {
            const HeadId id{head->stack, under->first, under->second};
            light_up(ui, view, intents, id, -1, -1);
            if (!view.covered) draw_preview(ui, id, n_heads, frame, study, view, caches);
            if (touch.clicked && ImGui::GetIO().KeyShift)
              intents.edit([id](Study& s) {
                s.selection.pinned = id;
                s.compare = CompareWith::other_head;
              });
            else if (touch.clicked)
              choose_head(intents, id);
          }
        }
        space(ui, 4);
        choose_shown(ui, view, intents);
        const std::string& measure = view.heads_table.measure;
        note(ui, measures ? std::string(ui.words("heads_table.formula." + measure))
                          : std::string(ui.words("grid.note")));
      },
      0);
}

}  // namespace attn::app

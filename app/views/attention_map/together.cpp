#include "app/views/attention_map/together.h"

#include <algorithm>
#include <array>

#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr std::array<Stack, 3> kStacks = {Stack::encoder, Stack::decoder, Stack::cross};
constexpr float kLeastWidth = 380, kLeastHeight = 190;  // design units
constexpr float kTitle = 22, kGap = 16;
constexpr float kLeastOwnCell = 9;
constexpr float kCornerWins = 1.1f;  // how much larger its cells must be to leave the row

struct StackMap {
  HeadId head;
  const ShownMatrix* matrix = nullptr;
  Rect title;
  MatrixPlace place;
};
using StackMaps = std::array<StackMap, 3>;

bool has_three(const Trace& trace) {
  return std::all_of(kStacks.begin(), kStacks.end(),
                     [&](Stack stack) { return trace.n_layers(stack) > 0 && trace.n_heads(stack) > 0; });
}

HeadId nearest_head(const Trace& trace, const HeadId& head, Stack stack) {
  return {stack, std::min(head.layer, trace.n_layers(stack) - 1),
          std::min(head.head, trace.n_heads(stack) - 1)};
}

// All three get the names' room of the widest, so that shared tokens stand in line.
NameRoom shared_room(Ui& ui, const StackMaps& maps, float width) {
  NameRoom shared;
  for (const StackMap& map : maps) {
    const NameRoom own = room_for_names(ui, *map.matrix, std::min(ui.px(88), width * 0.13f));
    shared.beside = std::max(shared.beside, own.beside);
    shared.above = std::max(shared.above, own.above);
    shared.beyond = std::max(shared.beyond, own.beyond);
  }
  return shared;
}

void put(StackMap& map, ImVec2 corner, const NameRoom& names, float title, float cell) {
  map.place = place_cells(*map.matrix, ImVec2(corner.x, corner.y + title), names, cell);
  map.title = {corner.x, corner.y, map.place.cells.x1 + names.beyond, corner.y + title};
}

// In a row; or in a corner where that makes the cells larger: cross attention stands under the encoder, whose
// columns are its columns, and beside the decoder, whose rows are its rows; then nothing stands under the
// buttons. Returns where there is room left for a note.
Rect place_maps(Ui& ui, const Rect& rect, float header, StackMaps& maps) {
  auto& [encoder, decoder, cross] = maps;
  const NameRoom names = shared_room(ui, maps, rect.width());
  const float title = ui.px(kTitle), gap = ui.px(kGap);
  const int n_source = encoder.matrix->n_columns(), n_target = decoder.matrix->n_rows();
  const float around = names.beside + names.beyond;
  const float in_row =
      fitting_cell(ui, rect.width() - 3 * around - 2 * gap, rect.height() - header - title - names.above,
                   2 * n_source + n_target, std::max(n_source, n_target));
  const float wide = rect.width() - 2 * around - gap, high = rect.height() - 2 * (title + names.above) - gap;
  const float in_corner = fitting_cell(ui, wide, high, n_source + n_target, n_source + n_target);
  if (in_corner <= in_row * kCornerWins) {
    const float y = rect.y0 + header;
    put(encoder, ImVec2(rect.x0, y), names, title, in_row);
    put(decoder, ImVec2(encoder.title.x1 + gap, y), names, title, in_row);
    put(cross, ImVec2(decoder.title.x1 + gap, y), names, title, in_row);
    return {rect.x0, std::max(encoder.place.cells.y1, decoder.place.cells.y1) + ui.px(8), rect.x1, rect.y1};
  }
  // A long target would leave a short source's own map a speck: then that keeps larger cells of its own.
  const float own = std::max(
      in_corner, std::min(ui.px(kLeastOwnCell), fitting_cell(ui, wide / 2, high / 3, n_source, n_source)));
  const float below = own <= in_corner ? in_corner
                                       : fitting_cell(ui, wide, high - own * static_cast<float>(n_source),
                                                      n_source + n_target, n_target);
  put(encoder, ImVec2(rect.x0, rect.y0), names, title, own);
  put(cross, ImVec2(rect.x0, encoder.place.cells.y1 + gap), names, title, below);
  put(decoder, ImVec2(cross.title.x1 + gap, cross.title.y0), names, title, below);
  decoder.title.x1 = std::max(decoder.title.x1, rect.x1);  // nothing stands beside it
  return {std::max(decoder.title.x0, encoder.title.x1 + gap), rect.y0 + std::max(header, title + names.above),
          rect.x1, decoder.title.y0};
}

StackCell chosen_cell(const Study& study, Stack stack) {
  return {stack, study.selection.query, study.selection.key.value_or(-1)};
}

// Lights the tokens up in all three, and in the views that follow the chosen stack.
void light_up_cell(Ui& ui, const ViewState& view, Intents& intents, const StackCell& cell, Stack chosen) {
  intents.look([cell](ViewState& v) { v.hover.cell = cell; });
  if (view.hover.cell != cell) ui.want_frames(2);
  const StackCell of_chosen = linked_cell(cell, chosen);
  light_up_tokens(ui, view, intents, of_chosen.query, of_chosen.key);
}

void choose_cell(Intents& intents, const HeadId& head, int query, int key) {
  intents.edit([head, query, key](Study& s) {
    s.selection.head = head;
    s.selection.query = query;
    s.selection.key = key < 0 ? std::nullopt : std::optional(key);
  });
}

// "Encoder · L0·H0": a click chooses the stack.
void draw_title(Ui& ui, const StackMap& map, bool chosen, const ViewState& view, Intents& intents) {
  const int from = view.count_heads_from_one ? 1 : 0;
  const std::string name(name_of(map.head.stack));
  const std::string text = std::string(ui.words("grid." + name)) + " · " +
                           to_text(HeadId{map.head.stack, map.head.layer + from, map.head.head + from});
  const Touch touch = touch_area(ui, "stacks." + name, map.title, text, chosen ? "selected" : "", true);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Colour ink = chosen ? ui.theme.accent : touch.hovered ? ui.theme.ink : ui.theme.dim;
  draw_text_in(ui, list, TextRole::heading, map.title, ink, text);
  if ((touch.clicked || touch.pressed_key) && !chosen) choose_head(intents, map.head);
}

void feel_map(Ui& ui, const StackMap& map, const Frame& frame, const HeadId& chosen, const Study& study,
              const ViewState& view, Intents& intents) {
  const Stack stack = map.head.stack;
  const std::string name = "stacks." + std::string(name_of(stack));
  const MatrixPlace& place = map.place;
  const Touch touch = touch_area(ui, name + ".cells", place.cells);
  const int row = place.row_at(place.cells.y0 + touch.mouse.y),
            column = place.column_at(place.cells.x0 + touch.mouse.x);
  if (view.covered) {
    if (touch.clicked) intents.look([](ViewState& v) { v.covered = false; });
    return;
  }
  const Touch names = touch_area(ui, name + ".rows", place.row_names);
  if (const int named = place.row_at(place.row_names.y0 + names.mouse.y); names.hovered && named >= 0) {
    const int query = map.matrix->query_of[static_cast<std::size_t>(named)];
    light_up_cell(ui, view, intents, {stack, query, -1}, chosen.stack);
    if (names.clicked) choose_cell(intents, map.head, query, -1);
  }
  if (row < 0 || column < 0) return;
  const int query = map.matrix->query_of[static_cast<std::size_t>(row)],
            key = map.matrix->key_of[static_cast<std::size_t>(column)];
  if (view.block_cells)
    block_cells(ui, touch, stack, query, key, study, intents);
  else if (touch.clicked)
    choose_cell(intents, map.head, query, key);
  if (!touch.hovered) return;
  light_up_cell(ui, view, intents, {stack, query, key}, chosen.stack);
  if (!touch.held) draw_cell_box(ui, *map.matrix, row, column, frame, map.head, view);
}

void draw_map(Ui& ui, const StackMap& map, const gl::HeatmapStack& stack, const Frame& frame,
              const HeadId& chosen, const Study& study, const ViewState& view, Intents& intents) {
  const ShownMatrix& matrix = *map.matrix;
  const std::string name = "stacks." + std::string(name_of(map.head.stack));
  const StackCell at = linked_cell(chosen_cell(study, chosen.stack), map.head.stack);
  const StackCell under = linked_cell(
      view.hover.cell.value_or(StackCell{chosen.stack, view.hover.query, view.hover.key}), map.head.stack);
  MatrixLook look;
  look.colours = weights_look(ui, view);
  look.per_row = view.map.scale == ValueScale::per_row;
  look.covered = view.covered;
  look.name = name;
  look.chosen_row = place_of_token(matrix.row_of, at.query);
  look.chosen_column = place_of_token(matrix.column_of, at.key);
  look.lit_row = place_of_token(matrix.row_of, under.query);
  look.lit_column = place_of_token(matrix.column_of, under.key);
  draw_title(ui, map, map.head.stack == chosen.stack, view, intents);
  draw_matrix(ui, matrix, stack, look, map.place);
  if (!view.covered) draw_set_cells(ui, map.place, matrix, map.head, *frame.a);
  feel_map(ui, map, frame, chosen, study, view, intents);
}

}  // namespace

StackCell linked_cell(const StackCell& cell, Stack stack) {
  if (cell.stack == stack) return cell;
  const bool of_cross = cell.stack == Stack::cross;
  const int own = cell.query >= 0 ? cell.query : cell.key;  // within one sequence either names the token
  const int source = of_cross ? cell.key : cell.stack == Stack::encoder ? own : -1;
  const int target = of_cross ? cell.query : cell.stack == Stack::decoder ? own : -1;
  if (stack == Stack::cross) return {stack, target, source};
  return {stack, stack == Stack::encoder ? source : target, -1};
}

bool wants_stacks_together(const Trace& trace, const ViewState& view) {
  return view.stacks_together && view.map.values == MapValues::weights && has_three(trace);
}

StacksTogether stacks_together(Ui& ui, const Rect& rect, const Trace& trace, const ViewState& view) {
  if (!has_three(trace)) return {};
  if (view.map.values != MapValues::weights) return {true, "map.together_values"};
  if (view.search_open) return {true, "map.together_find"};
  const bool fits = rect.width() >= ui.px(kLeastWidth) && rect.height() >= ui.px(kLeastHeight);
  if (!fits) return {true, "map.together_small"};
  return {true, {}, view.stacks_together};
}

Drawn draw_stacks(Ui& ui, const Rect& rect, float header, const Frame& frame, const HeadId& head,
                  const Study& study, const ViewState& view, ViewCaches& caches, Intents& intents) {
  StackMaps maps;
  for (std::size_t s = 0; s < maps.size(); ++s) {
    maps[s].head = nearest_head(*frame.a->trace, head, kStacks[s]);
    maps[s].matrix = caches.stacks[s].update(*frame.a, maps[s].head, shown_options(view));
    if (!maps[s].matrix && frame.a->trace->complete) intents.want_weights(maps[s].head);
  }
  for (std::size_t s = 0; s < maps.size(); ++s)
    if (!maps[s].matrix) {
      draw_missing_weights(ui, rect, frame, maps[s].head, caches.stacks[s].problem(), intents);
      return {};
    }
  const Rect free = place_maps(ui, rect, header, maps);
  Drawn drawn{nullptr, rect.y0};
  for (std::size_t s = 0; s < maps.size(); ++s) {
    draw_map(ui, maps[s], caches.stacks[s].stack(), frame, head, study, view, intents);
    drawn.lowest = std::max(drawn.lowest, maps[s].place.cells.y1);
    if (kStacks[s] == head.stack) drawn.matrix = maps[s].matrix;
  }
  const std::string_view says = ui.words("map.together_note");
  const ImVec2 size = text_size(ui, TextRole::note, says, free.width());
  if (free.width() > ui.px(120) && size.y <= free.height()) {
    draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(free.x0, free.y0), ui.theme.dim, says,
              free.width());
    drawn.lowest = std::max(drawn.lowest, free.y0 + size.y);
  }
  return drawn;
}

}  // namespace attn::app

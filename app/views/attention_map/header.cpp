#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/attention_map/parts.h"
#include "app/views/map_values.h"
#include "app/views/view_parts.h"
#include "app/widgets/menus.h"

namespace attn::app {

namespace {

void draw_options(Ui& ui, const ViewState& view, Intents& intents) {
  const Words& words = ui.words;
  const float inset = ui.px(8);
  space(ui, 4);
  ImGui::Indent(inset);
  const float wide = room(ui) - inset;
  heading(ui, words("map.scale_title"));
  const std::array<Choice, 4> scales = {
      Choice{"linear", words("map.scale.linear")}, Choice{"square_root", words("map.scale.square_root")},
      Choice{"logarithmic", words("map.scale.logarithmic")}, Choice{"per_row", words("map.scale.per_row")}};
  int scale = static_cast<int>(view.map.scale);
  if (segmented(ui, "map.scale", scales, scale, wide))
    intents.look([scale](ViewState& v) { v.map.scale = static_cast<ValueScale>(scale); });
  note(ui,
       words(std::array{"map.scale_note.linear", "map.scale_note.square_root", "map.scale_note.logarithmic",
                        "map.scale_note.per_row"}[static_cast<std::size_t>(scale)]),
       wide);
  space(ui);
  heading(ui, words("map.colours_title"));
  const std::array<Choice, 3> maps = {Choice{"cividis", words("map.colours.cividis")},
                                      Choice{"white_to_dark", words("map.colours.white_to_dark")},
                                      Choice{"viridis", words("map.colours.viridis")}};
  int map = static_cast<int>(view.color_map);
  if (segmented(ui, "map.colours", maps, map, wide))
    intents.look([map](ViewState& v) { v.color_map = static_cast<ColorMap>(map); });
  space(ui);
  heading(ui, words("map.leave_out_title"));
  bool special = view.map.hide_special, first = view.map.hide_first, merged = view.words_merged;
  if (checkbox(ui, "map.hide_special", words("map.hide_special"), special))
    intents.look([special](ViewState& v) { v.map.hide_special = special; });
  if (checkbox(ui, "map.hide_first", words("map.hide_first"), first))
    intents.look([first](ViewState& v) { v.map.hide_first = first; });
  note(ui, words("map.leave_out_note"), wide);
  if (checkbox(ui, "map.words_merged", words("map.words_merged"), merged))
    intents.look([merged](ViewState& v) { v.words_merged = merged; });
  ImGui::Unindent(inset);
  space(ui, 4);
}

// What is drawn of a head, each with its formula and source under it.
void draw_values_menu(Ui& ui, const Side& side, const HeadId& head, const Study& study, const ViewState& view,
                      Intents& intents) {
  const Words& words = ui.words;
  menu_heading(ui, words("map_values.menu_title"));
  for (int i = 0; i < kMapValues; ++i) {
    const auto values = static_cast<MapValues>(i);
    const std::string name(name_of(values));
    const std::string_view why = why_no_values(side, head, values, study.selection.query);
    MenuRow row;
    row.text = words("map_values.name." + name);
    row.about = words("map_values.formula." + name);
    row.disabled = why.empty() ? std::string_view() : words(why);
    row.chosen = values == view.map.values;
    if (!menu_row(ui, "map.values." + name, row)) continue;
    intents.look([values](ViewState& v) {
      v.map.values = values;
      v.map.range_low = 0;
      v.map.range_high = 1;
    });
    close_popup(ui);
  }
  space(ui, 4);
}

}  // namespace

void draw_map_header(Ui& ui, const Rect& rect, const Side& side, const HeadId& head,
                     const StacksTogether& together, const Study& study, const ViewState& view,
                     Intents& intents) {
  const Words& words = ui.words;
  const float small_button = ui.px(metric::kControlSmall), gap = ui.px(4);
  const std::string_view scale =
      words(std::array{"map.scale.linear", "map.scale.square_root", "map.scale.logarithmic",
                       "map.scale.per_row"}[static_cast<std::size_t>(view.map.scale)]);
  const std::string_view values = words("map_values.short." + std::string(name_of(view.map.values)));
  const auto drop_width = [&](std::string_view text) {
    return text_size(ui, TextRole::note, text).x + ui.px(44);
  };
  float x = rect.x1;
  const auto place = [&](float width) {
    x -= width;
    ImGui::SetCursorScreenPos(ImVec2(x, rect.y0));
    x -= gap;
  };
  place(drop_width(scale));
  if (drop_button(ui, "map.options", scale, {}, {.small = true, .tooltip = words("map.options_tip")}))
    open_popup(ui, "map.options_popup");
  popup(ui, "map.options_popup", last_rect(), ui.px(312), [&] { draw_options(ui, view, intents); });
  place(drop_width(values));
  if (drop_button(ui, "map.values", values, {}, {.small = true, .tooltip = words("map_values.menu_tip")}))
    open_popup(ui, "map.values_popup");
  popup(ui, "map.values_popup", last_rect(), ui.px(400),
        [&] { draw_values_menu(ui, side, head, study, view, intents); });
  place(small_button);
  if (icon_button(ui, "map.cover", view.covered ? Icon::eye_off : Icon::eye, words("map.cover_tip"),
                  {.look = ButtonLook::quiet, .small = true, .selected = view.covered}))
    intents.look([](ViewState& v) { v.covered = !v.covered; });
  if (!together.shown) {
    place(small_button);
    if (icon_button(ui, "map.fit", Icon::fit, words("map.fit_tip"),
                    {.look = ButtonLook::quiet, .small = true}))
      intents.look([](ViewState& v) {
        v.map.zoom = 1;
        v.map.pan_x = v.map.pan_y = 0;
      });
  }
  if (together.offered) {
    place(small_button);
    if (icon_button(ui, "map.together", Icon::three, words("map.together_tip"),
                    {.look = ButtonLook::quiet,
                     .small = true,
                     .selected = together.shown,
                     .disabled = together.why_not.empty() ? std::string_view() : words(together.why_not)}))
      intents.look([](ViewState& v) { v.stacks_together = !v.stacks_together; });
  }
  // Three maps have titles of their own; and beside a low map there is room for the buttons only.
  if (together.shown || x - rect.x0 < ui.px(24)) return;
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::heading, {rect.x0, rect.y0, x, rect.y1},
               ui.theme.ink,
               map_values_title(words, side, head, view.map.values, study.selection.query, view));
}

// The colour bar with its ends; returns how much of the width it took.
// largest: of the values; 1 for weights.
float draw_colour_bar(Ui& ui, const Rect& rect, const ViewState& view, const gl::HeatmapLook& look,
                      float largest, Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  const bool per_row = view.map.scale == ValueScale::per_row;
  const bool weights = view.map.values == MapValues::weights;
  const std::string low_text = fixed(static_cast<double>(look.low), look.low > 0 ? 2 : 0);
  const std::string high_text =
      per_row ? std::string(ui.words("map.row_largest"))
              : fixed(static_cast<double>(look.high), look.high < 1 || !weights ? 2 : 0);
  const float bar = std::min(ui.px(128), rect.width() * 0.5f);
  const float low_width = text_size(ui, TextRole::note, low_text).x + ui.px(4);
  const float high_width = text_size(ui, TextRole::note, high_text).x + ui.px(4);
  const float line = rect.y0 + ui.px(6);
  draw_text_in(ui, list, TextRole::note, {rect.x0, line - ui.px(4), rect.x0 + low_width, line + ui.px(16)},
               t.dim, low_text);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0 + low_width, line));
  float low = look.low, high = look.high;
  const Edited edited =
      range_bar(ui, "map.range", low, high, 0, largest, bar, [&](ImDrawList& bar_list, const Rect& r) {
        draw_shades(bar_list, r,
                    [&](float at) { return colour_of(look, look.low + (look.high - look.low) * at); });
      });
  if (edited)
    intents.look([low = low / largest, high = high / largest](ViewState& v) {
      v.map.range_low = low;
      v.map.range_high = high;
    });
  const float x = rect.x0 + low_width + bar + ui.px(4);
  draw_text_in(ui, list, TextRole::note, {x, line - ui.px(4), x + high_width, line + ui.px(16)}, t.dim,
               high_text);
  return x + high_width + ui.px(12) - rect.x0;
}

// What the rows add up to, or what else must be known to read the map.
void draw_statement(Ui& ui, const Rect& rect, const ViewState& view, const ShownMatrix& matrix,
                    bool several_lines) {
  const bool dimmed =
      std::find(matrix.supervised.begin(), matrix.supervised.end(), false) != matrix.supervised.end();
  const std::string of_values = "map_values.note." + std::string(name_of(view.map.values));
  const std::string_view says = ui.words(view.block_cells                        ? "map.block_note"
                                         : view.map.values != MapValues::weights ? std::string_view(of_values)
                                         : matrix.renormalised                   ? "map.renormalised"
                                         : dimmed                                ? "map.dimmed_note"
                                                                                 : "map.rows_sum");
  const Colour ink = view.block_cells || matrix.renormalised ? ui.theme.warn : ui.theme.dim;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (several_lines)
    draw_text(ui, list, TextRole::note, ImVec2(rect.x0, rect.y0), ink, says, rect.width());
  else
    draw_text_in(ui, list, TextRole::note, rect, ink, says, 1);
}

}  // namespace attn::app

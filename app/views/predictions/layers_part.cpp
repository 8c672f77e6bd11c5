#include <algorithm>
#include <cmath>

#include "app/views/predictions/parts.h"

namespace attn::app {

namespace {

constexpr float kWordWidth = 92, kLeastCell = 68, kMostCell = 132, kRow = 34;  // design units

// "embedding", "after L0" …, and what the model says.
std::string row_name(const PredictionsPart& part, int row, int n_rows) {
  const Ui& ui = part.ui;
  if (row == 0) return std::string(ui.words("predictions.lens_embedding"));
  if (row + 1 == n_rows) return std::string(ui.words("predictions.lens_output"));
  const int layer = row - 1 + (part.view.count_heads_from_one ? 1 : 0);
  return ui.words("predictions.lens_after", {{"layer", "L" + std::to_string(layer)}});
}

// A block: tokens side by side from `first` on, as many as fit; the next ones stand in a block below.
struct Table {
  const LensTable& lens;
  float name_width, cell_width, row_height, head_height;
  int a_block;
  int n_blocks() const { return (lens.n_tokens + a_block - 1) / a_block; }
  float block_height() const { return head_height + row_height * static_cast<float>(lens.n_rows); }
};

void draw_cell(const PredictionsPart& part, const Rect& cell, const LensTable& lens, int row, int token,
               bool answer) {
  Ui& ui = part.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const LensCell& what = lens.at(row, token);
  if (what.id < 0) return;
  const float share = std::clamp(what.probability, 0.0f, 1.0f);
  const gl::HeatmapLook look = weights_look(ui, part.view);
  const Colour ground = colour_of(look, share);
  const Rect inside = cell.shrunk(ui.px(1));
  list.AddRectFilled(ImVec2(inside.x0, inside.y0), ImVec2(inside.x1, inside.y1), ground, ui.px(3));
  if (answer)
    list.AddRect(ImVec2(inside.x0, inside.y0), ImVec2(inside.x1, inside.y1), ui.theme.accent, ui.px(3), 0,
                 ui.px(2));
  const Colour ink = readable_on(ground);
  const float middle = inside.y0 + inside.height() * 0.52f;
  draw_text_in(ui, list, TextRole::small, {inside.x0 + ui.px(3), inside.y0, inside.x1 - ui.px(3), middle},
               ink, readable_token(lens.name(row, token)), 0.5f);
  draw_text_in(ui, list, TextRole::cell, {inside.x0 + ui.px(3), middle, inside.x1 - ui.px(3), inside.y1}, ink,
               weight_text(static_cast<double>(share)), 0.5f);
}

void draw_block(const PredictionsPart& part, const Table& table, const ImVec2& start, int block) {
  Ui& ui = part.ui;
  const LensTable& lens = table.lens;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::vector<std::string>& tokens = output_tokens(*part.side().trace);
  const int chosen = part.place(), from = block * table.a_block;
  const int end = std::min(lens.n_tokens, from + table.a_block);
  const auto cell_at = [&](int row, int token) {
    const float x = start.x + table.name_width + table.cell_width * static_cast<float>(token - from);
    const float y = start.y + table.head_height + table.row_height * static_cast<float>(row);
    return Rect{x, y, x + table.cell_width, y + table.row_height};
  };
  for (int t = from; t < end; ++t) {
    const Rect cell = cell_at(0, t);
    const bool lit = t == part.view.hover.query;
    draw_text_in(ui, list, t == chosen ? TextRole::heading : TextRole::small,
                 {cell.x0 + ui.px(2), start.y, cell.x1 - ui.px(2), start.y + table.head_height},
                 t == chosen || lit ? ui.theme.accent : ui.theme.ink,
                 readable_token(tokens, static_cast<std::size_t>(t)), 0.5f);
  }
  for (int row = 0; row < lens.n_rows; ++row) {
    const Rect first = cell_at(row, from);
    draw_text_in(ui, list, TextRole::note, {start.x, first.y0, first.x0 - ui.px(6), first.y1}, ui.theme.dim,
                 row_name(part, row, lens.n_rows));
    for (int t = from; t < end; ++t) {
      const bool answer = lens.at(row, t).id == lens.at(lens.n_rows - 1, t).id && t == chosen;
      draw_cell(part, cell_at(row, t), lens, row, t, answer);
    }
  }
  const Rect cells{start.x + table.name_width, start.y + table.head_height, cell_at(0, end - 1).x1,
                   start.y + table.block_height()};
  const Touch touch =
      touch_area(ui, "predictions.lens" + (block ? "." + std::to_string(block) : std::string()), cells);
  if (!touch.hovered) return;
  const int token = std::clamp(from + static_cast<int>(touch.mouse.x / table.cell_width), from, end - 1);
  const int row = std::clamp(static_cast<int>(touch.mouse.y / table.row_height), 0, lens.n_rows - 1);
  light_up_tokens(ui, part.view, part.intents, token, -1);
  if (touch.clicked) part.choose_place(token);
  const LensCell& what = lens.at(row, token);
  if (what.id < 0) return;
  preview(ui, [&] {
    label(ui, {},
          readable_token(tokens, static_cast<std::size_t>(token)) + " · " + row_name(part, row, lens.n_rows),
          TextRole::heading);
    label(ui, {},
          readable_token(lens.name(row, token)) + "  " + fixed(static_cast<double>(what.probability), 3),
          TextRole::small);
    label(ui, {},
          ui.words("predictions.lens_answer", {{"word", readable_token(lens.name(lens.n_rows - 1, token))}}) +
              "  " + fixed(static_cast<double>(what.of_answer), 3),
          TextRole::small, ui.theme.dim);
  });
}

// Of what the cells say; what is still worked out says nothing yet.
float widest_word(Ui& ui, const LensTable& lens) {
  float widest = 0;
  for (int row = 0; row < lens.n_rows; ++row)
    for (int t = 0; t < lens.n_tokens; ++t)
      if (lens.at(row, t).id >= 0)
        widest = std::max(widest, text_size(ui, TextRole::small, readable_token(lens.name(row, t))).x);
  return widest;
}

}  // namespace

void draw_layers_part(const PredictionsPart& part, const Rect& rect) {
  Ui& ui = part.ui;
  const std::string hint(ui.words("predictions.lens_hint"));
  draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(rect.x0, rect.y0), ui.theme.dim, hint,
            rect.width());
  const float top = rect.y0 + text_size(ui, TextRole::note, hint, rect.width()).y + ui.px(8);
  const Rect below{rect.x0, top, rect.x1, rect.y1};
  const std::shared_ptr<const Side> side = part.frame.a;
  const LensTable* lens = ask<LensTable>(
      part, part.cache.lens, "predictions.lens " + std::to_string(side->id), [side](JobControl& control) {
        return lens_table(*side->trace, side->loaded.tokenizer.get(), {}, &control.pool(), control.cancel(),
                          [&](const LensTable& so_far, int n_done) {
                            control.report(static_cast<float>(n_done) / static_cast<float>(so_far.n_tokens));
                            control.publish(so_far);
                          });
      });
  const auto n_tokens = static_cast<int>(output_tokens(*side->trace).size());
  const bool fits = lens && lens->n_tokens == n_tokens;
  if (!draw_progress_or_problem(part, below, fits, part.cache.lens.problem, part.cache.lens.fraction)) return;
  const float room_px = below.width() - ui.px(kWordWidth + 14);
  const float least = std::clamp(widest_word(ui, *lens) + ui.px(8), ui.px(kLeastCell), ui.px(kMostCell));
  const int most = std::max(1, static_cast<int>(room_px / least));
  const int n_blocks = (n_tokens + most - 1) / most, a_block = (n_tokens + n_blocks - 1) / n_blocks;
  const float each = std::floor(room_px / static_cast<float>(std::max(1, a_block)));
  const Table table{*lens,       ui.px(kWordWidth),   std::min(each, ui.px(kMostCell)),
                    ui.px(kRow), ui.px(metric::kRow), std::max(1, a_block)};
  panel(
      ui, "predictions.lens_area", below, PanelLook::flat,
      [&] {
        const ImVec2 start = ImGui::GetCursorScreenPos();
        const float pitch = table.block_height() + ui.px(12);
        for (int block = 0; block < table.n_blocks(); ++block)
          draw_block(part, table, {start.x, start.y + pitch * static_cast<float>(block)}, block);
        ImGui::SetCursorScreenPos(start);
        ImGui::Dummy(ImVec2(1, pitch * static_cast<float>(table.n_blocks())));
      },
      0);
}

}  // namespace attn::app

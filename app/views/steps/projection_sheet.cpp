#include <algorithm>
#include <array>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

constexpr float kMostRow = 6;  // design units: height of one row of a matrix
constexpr float kMostMatrix = 84;

// The three matrices go to the graphics card when the walk is new.
void update_pictures(ProjectionPictures& pictures, const std::shared_ptr<const HeadWalk>& walk) {
  if (pictures.of == walk) return;
  pictures.of = walk;
  const std::array<const Matrix*, 3> weights = {&walk->query_weight, &walk->key_weight, &walk->value_weight};
  const Matrix& first = *weights[0];
  pictures.largest = 1e-6f;
  for (const Matrix* m : weights)
    if (m->size() > 0) pictures.largest = std::max(pictures.largest, m->cwiseAbs().maxCoeff());
  const bool alike = first.size() > 0 && std::all_of(weights.begin(), weights.end(), [&](const Matrix* m) {
                       return m->rows() == first.rows() && m->cols() == first.cols();
                     });
  if (!alike) {
    pictures.stack = gl::HeatmapStack();
    return;
  }
  if (pictures.stack.rows() != first.rows() || pictures.stack.columns() != first.cols())
    pictures.stack = gl::HeatmapStack(static_cast<int>(first.rows()), static_cast<int>(first.cols()), 3);
  for (int i = 0; i < 3; ++i) pictures.stack.set(i, attn::view(*weights[static_cast<std::size_t>(i)]));
}

// One matrix under the vector that it reads: columns are that vector's entries, rows give the result's, which
// stands beside it.
void draw_matrix_picture(Board& board, const Rect& row, int which, std::span<const float> result) {
  Ui& ui = board.ui;
  static constexpr std::array kNames = {"W_Q", "W_K", "W_V"};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float x0 = row.x0 + ui.px(kBoardLabel), x1 = row.x1 - ui.px(kBoardScale);
  draw_text_in(ui, list, TextRole::small, {row.x0 + ui.px(8), row.y0, x0 - ui.px(6), row.y0 + ui.px(20)},
               ui.theme.ink, kNames[static_cast<std::size_t>(which)]);
  const std::string size = std::to_string(board.cache.projections.stack.rows()) + " × " +
                           std::to_string(board.cache.projections.stack.columns());
  draw_text_in(ui, list, TextRole::note,
               {row.x0 + ui.px(8), row.y0 + ui.px(18), x0 - ui.px(6), row.y0 + ui.px(36)}, ui.theme.dim,
               size);
  const std::array<gl::HeatmapQuad, 1> quads = {
      gl::HeatmapQuad{.upper_left = ImVec2(x0, row.y0), .lower_right = ImVec2(x1, row.y1), .layer = which}};
  ui.heatmaps.draw(list, board.cache.projections.stack, difference_look(ui, board.cache.projections.largest),
                   quads);
  list.AddRect(ImVec2(x0, row.y0), ImVec2(x1, row.y1), ui.theme.line);
  mark(ui, std::string("steps.matrix.") + kNames[static_cast<std::size_t>(which)], {x0, row.y0, x1, row.y1});
  // The result, upright.
  const gl::HeatmapLook look = difference_look(ui, largest_of(result));
  const float column = x1 + ui.px(8), width = ui.px(16);
  const float one = row.height() / static_cast<float>(result.size());
  for (std::size_t i = 0; i < result.size(); ++i)
    list.AddRectFilled(ImVec2(column, row.y0 + one * static_cast<float>(i)),
                       ImVec2(column + width, row.y0 + one * static_cast<float>(i + 1)),
                       colour_of(look, result[i]));
  list.AddRect(ImVec2(column, row.y0), ImVec2(column + width, row.y1), ui.theme.line);
}

}  // namespace

float draw_projection_sheet(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  const HeadWalk& w = board.walk;
  update_pictures(board.cache.projections, board.cache.walk);
  float y = rect.y0 + draw_head_vectors(board, rect) + ui.px(6);
  const auto next = [&](float height, float gap) {
    const Rect row{rect.x0, y, rect.x1, y + ui.px(height)};
    y = row.y1 + ui.px(gap);
    return row;
  };
  const auto named = [&](const char* key) {
    return ui.words(std::string("steps.row.") + key,
                    {{"word", board.query_name()}, {"key", board.key_name(w.key)}});
  };
  const auto plain = [&](const char* name, const std::string& label, const Row& values) {
    if (values.size() == 0) return;
    StripRow row{.name = name, .label = label, .values = entries(values)};
    row.strip_x1 = number_columns(board, rect).front().x0 - ui.px(8);
    draw_strip_row(board, next(kBoardRow, 2), row);
  };
  plain("steps.strip.q_plain", named("q_plain"), w.query_plain);
  plain("steps.strip.k_plain", named("k_plain"), w.key_plain);
  const bool cross = w.head.stack == Stack::cross;
  const bool pictures = !board.cache.projections.stack.empty();
  const float height = std::min(kMostMatrix, kMostRow * static_cast<float>(w.d_head()));
  const auto strip_row = [](const char* name, const std::string& label, const Row& values) {
    return StripRow{.name = name, .label = label, .values = entries(values)};
  };
  draw_strip_row(board, next(kBoardRow, 2),
                 strip_row("steps.strip.x", named(cross ? "x_target" : "x_of"), w.read),
                 read_by_attention(board));
  if (pictures)
    draw_matrix_picture(board, next(height, 8), 0,
                        w.query_plain.size() > 0 ? entries(w.query_plain) : entries(view(w.at.queries), 0));
  const StripRow of_key = strip_row("steps.strip.x_key", named(cross ? "x_source" : "x_of_key"), w.key_read);
  if (cross)
    draw_strip_row(board, next(kBoardRow, 2), of_key, encoder_output(board, w.key));
  else
    draw_strip_row(board, next(kBoardRow, 2), of_key, read_by_attention(board, w.key));
  if (pictures) {
    draw_matrix_picture(board, next(height, 4), 1,
                        w.key_plain.size() > 0 ? entries(w.key_plain) : entries(view(w.at.keys), w.key));
    draw_matrix_picture(board, next(height, 4), 2, entries(view(w.at.values), w.key));
  }
  return y - rect.y0;
}

}  // namespace attn::app

#include <algorithm>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

constexpr float kStreamLabel = 136;  // design units: labels of these strips are longer

// Rows one under the other; all strips of one sheet share their colours where `largest` says so.
class Rows {
 public:
  Rows(Board& board, const Rect& rect) : board_(board), rect_(rect), y_(rect.y0) {}

  void strip(const char* name, const std::string& label, std::span<const float> values, bool lit,
             float largest = 0, const OverwrittenNumber* first = nullptr) {
    if (values.empty()) return;
    const std::string control = std::string("steps.strip.") + name;
    StripRow row{.name = control, .label = label, .values = values, .largest = largest, .lit = lit};
    row.strip_x0 = rect_.x0 + board_.ui.px(kStreamLabel);
    if (first)
      draw_strip_row(board_, next(kBoardRow), row, *first);
    else
      draw_strip_row(board_, next(kBoardRow), row);
    y_ += board_.ui.px(4);
  }
  // One whose entries can be set by hand.
  void strip(const char* name, const std::string& label, std::span<const float> values, bool lit,
             const OverwrittenNumber& first) {
    strip(name, label, values, lit, 0, &first);
  }
  void text(const std::string& text) {
    const Rect row = next(18);
    draw_text_in(board_.ui, *ImGui::GetWindowDrawList(), TextRole::note,
                 {row.x0 + board_.ui.px(8), row.y0, row.x1, row.y1}, board_.ui.theme.dim, text);
  }
  Rect next(float height) {
    const Rect row{rect_.x0, y_, rect_.x1, y_ + board_.ui.px(height)};
    y_ = row.y1;
    return row;
  }
  float used() const { return y_ - rect_.y0; }

 private:
  Board& board_;
  Rect rect_;
  float y_;
};

std::string word_of(const Board& b, const char* key,
                    std::initializer_list<std::pair<std::string_view, std::string_view>> values = {}) {
  return b.ui.words(std::string("steps.row.") + key, values);
}

}  // namespace

float draw_start_sheet(Board& board, const Rect& rect) {
  const HeadWalk& w = board.walk;
  Rows rows(board, rect);
  const float shared = std::max({largest_of(entries(w.word)), largest_of(entries(w.at_position)),
                                 largest_of(entries(w.type)), largest_of(entries(w.summed))});
  const std::string position = std::to_string(w.query);
  const OverwrittenNumber embedding = number_at(board, NumberPlace::embedding);
  const bool adds = w.at_position.size() > 0 || w.type.size() > 0;
  const bool enters = w.embedded.size() == w.summed.size() && w.embedded == w.summed;
  rows.strip("word", word_of(board, "word", {{"word", board.query_name()}}), entries(w.word), true, shared,
             enters && !adds ? &embedding : nullptr);
  rows.strip("position", word_of(board, "position", {{"n", position}}), entries(w.at_position), true, shared);
  rows.strip("type", word_of(board, "type"), entries(w.type), true, shared);
  if (adds)
    rows.strip("sum", word_of(board, "sum"), entries(w.summed), true, shared, enters ? &embedding : nullptr);
  if (!enters)
    rows.strip("embedded", word_of(board, w.embedding_normed ? "embedded_norm" : "embedded_by_hand"),
               entries(w.embedded), true, embedding);
  const bool changed = w.head.layer > 0 || w.head.stack == Stack::cross;
  if (changed) {
    const std::string last = std::to_string(w.head.layer - 1);
    rows.text(w.head.layer > 1    ? word_of(board, "layers_between", {{"last", last}})
              : w.head.layer == 1 ? word_of(board, "layer_between")
                                  : word_of(board, "self_between"));
    OverwrittenNumber stream = number_at(board, NumberPlace::stream);
    --stream.at.layer;  // what leaves the layer before
    const bool between = w.head.stack == Stack::cross;
    rows.strip("stream", word_of(board, "stream"), entries(w.stream), true, 0, between ? nullptr : &stream);
  }
  if (w.norm_before) rows.strip("read", word_of(board, "norm"), entries(w.read), true);
  if (w.at_position.size() == 0) rows.text(word_of(board, "no_table"));
  return rows.used();
}

float draw_output_sheet(Board& board, const Rect& rect) {
  const HeadWalk& w = board.walk;
  const LayerSteps<float>& l = w.layer;
  const bool cross = w.head.stack == Stack::cross;
  Rows rows(board, rect);
  const bool output = board.now(Step::output), residual = board.now(Step::residual),
             feed = board.now(Step::feed_forward);
  rows.strip("x", word_of(board, "x"), entries(w.stream), residual);

  // All heads' outputs beside one another; this head's part framed.
  const Rect concat = rows.next(kBoardRow);
  draw_strip_row(board, concat,
                 {.name = "steps.strip.concat",
                  .label = word_of(board, "concat"),
                  .values = entries(w.concat),
                  .lit = output,
                  .strip_x0 = concat.x0 + board.ui.px(kStreamLabel)});
  const float x0 = concat.x0 + board.ui.px(kStreamLabel);
  const float one = (concat.x1 - board.ui.px(kBoardScale) - x0) / static_cast<float>(w.spec.n_heads);
  const float head_x0 = x0 + one * static_cast<float>(w.head.head);
  ImGui::GetWindowDrawList()->AddRect(ImVec2(head_x0, concat.y0), ImVec2(head_x0 + one, concat.y1),
                                      board.ui.theme.accent, 0, 0, board.ui.px(2));
  rows.next(4);
  rows.strip("part", word_of(board, "part", {{"head", board.head()}}), entries(view(w.at.part), 0), output);
  rows.strip("attention", word_of(board, "attention_out"), entries(w.attention_out), output,
             number_at(board, NumberPlace::attention));

  if (!board.reached(Step::residual)) return rows.used();
  const BranchSteps<float>& branch = cross ? static_cast<const BranchSteps<float>&>(l.cross) : l.self;
  if (branch.sum.size() > 0) {
    rows.strip("sum_attention", word_of(board, "x_plus"), entries(view(branch.sum), 0), residual);
    if (!cross || l.feed_forward.input.size() > 0)
      rows.strip("y", word_of(board, "y_norm"),
                 entries(view(!cross && l.cross.input.size() > 0 ? l.cross.input : l.feed_forward.input), 0),
                 residual || feed);
  } else if (!w.parallel_residual) {
    rows.strip("y", word_of(board, "y"),
               entries(view(!cross && l.cross.input.size() > 0 ? l.cross.input : l.feed_forward.input), 0),
               residual || feed);
  } else {
    rows.text(word_of(board, "parallel"));
  }
  if (!board.reached(Step::feed_forward)) return rows.used();
  if (!cross && l.cross.out.size() > 0)
    rows.strip("cross_out", word_of(board, "cross_out"), entries(view(l.cross.out), 0), feed);
  if (l.feed_forward.read.size() > 0)
    rows.strip("ffn_read", word_of(board, "norm_y"), entries(view(l.feed_forward.read), 0), feed);
  if (l.feed_forward.hidden.size() > 0)
    rows.strip("hidden", word_of(board, "hidden"), entries(view(l.feed_forward.hidden), 0), feed,
               number_at(board, NumberPlace::activation));
  rows.strip("ffn_out", word_of(board, "ffn_out"), entries(view(l.feed_forward.out), 0), feed,
             number_at(board, NumberPlace::feed_forward));
  rows.strip("next", word_of(board, w.last_layer ? "next_last" : "next"), entries(w.next), feed,
             number_at(board, NumberPlace::stream));
  return rows.used();
}

}  // namespace attn::app

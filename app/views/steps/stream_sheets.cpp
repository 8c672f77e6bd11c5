#include <algorithm>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

constexpr float kLeastLabel = 136, kMostLabel = 220;  // design units: labels of these strips are longer

// Rows one under the other; all strips of one sheet share their colours where `largest` says so.
class Rows {
 public:
  // labels: of this sheet; what is longer than the longest of them is shortened.
  Rows(Board& board, const Rect& rect, const std::vector<std::string>& labels)
      : board_(board), rect_(rect), y_(rect.y0) {
    Ui& ui = board.ui;
    float wide = ui.px(kLeastLabel);
    for (const std::string& label : labels)
      wide = std::max(wide, text_size(ui, TextRole::small, label).x + ui.px(16));
    strip_x0_ = rect.x0 + std::floor(std::min({wide, ui.px(kMostLabel), rect.width() * 0.4f}));
  }

  void strip(const char* name, const std::string& label, std::span<const float> values, bool lit,
             float largest = 0, const OverwrittenNumber* first = nullptr) {
    if (values.empty()) return;
    const std::string control = std::string("steps.strip.") + name;
    StripRow row{.name = control, .label = label, .values = values, .largest = largest, .lit = lit};
    row.strip_x0 = strip_x0_;
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
  float strip_x0() const { return strip_x0_; }
  float used() const { return y_ - rect_.y0; }

 private:
  Board& board_;
  Rect rect_;
  float y_, strip_x0_ = 0;
};

std::string word_of(const Board& b, const char* key,
                    std::initializer_list<std::pair<std::string_view, std::string_view>> values = {}) {
  return b.ui.words(std::string("steps.row.") + key, values);
}

std::vector<std::string> words_of(const Board& b, std::initializer_list<const char*> keys) {
  std::vector<std::string> words;
  for (const char* key : keys) words.push_back(word_of(b, key));
  return words;
}

}  // namespace

float draw_start_sheet(Board& board, const Rect& rect) {
  const HeadWalk& w = board.walk;
  std::vector<std::string> labels =
      words_of(board, {"type", "sum", "embedded_norm", "embedded_by_hand", "stream", "norm"});
  labels.push_back(word_of(board, "word", {{"word", board.query_name()}}));
  Rows rows(board, rect, labels);
  const float shared = std::max({largest_of(entries(w.word)), largest_of(entries(w.at_position)),
                                 largest_of(entries(w.type)), largest_of(entries(w.summed))});
  const std::string position = std::to_string(w.query);
  const auto part = [&](const char* name, const std::string& label, const Row& values, NumberPlace place) {
    const OverwrittenNumber first = number_at(board, place);
    rows.strip(name, label, entries(values), true, shared, &first);
  };
  const bool adds = w.at_position.size() > 0 || w.type.size() > 0;
  const bool enters = w.embedded.size() == w.summed.size() && w.embedded == w.summed;
  part("word", word_of(board, "word", {{"word", board.query_name()}}), w.word, NumberPlace::word);
  part("position", word_of(board, "position", {{"n", position}}), w.at_position, NumberPlace::position);
  part("type", word_of(board, "type"), w.type, NumberPlace::type);
  if (adds) part("sum", word_of(board, "sum"), w.summed, NumberPlace::embedding_sum);
  if (!enters)
    rows.strip("embedded", word_of(board, w.embedding_normed ? "embedded_norm" : "embedded_by_hand"),
               entries(w.embedded), true, number_at(board, NumberPlace::embedding));
  const bool changed = w.head.layer > 0 || w.head.stack == Stack::cross;
  if (changed) {
    const std::string last = std::to_string(w.head.layer - 1);
    rows.text(w.head.layer > 1    ? word_of(board, "layers_between", {{"last", last}})
              : w.head.layer == 1 ? word_of(board, "layer_between")
                                  : word_of(board, "self_between"));
    rows.strip("stream", word_of(board, "stream"), entries(w.stream), true, stream_before(board));
  }
  if (w.norm_before)
    rows.strip("read", word_of(board, "norm"), entries(w.read), true, read_by_attention(board));
  if (w.at_position.size() == 0) rows.text(word_of(board, "no_table"));
  return rows.used();
}

namespace {

// All heads' outputs beside one another, this head's part framed.
void draw_concat(Board& board, const Rect& row, float strip_x0, bool lit) {
  const HeadWalk& w = board.walk;
  const OverwrittenNumber own = number_at(board, NumberPlace::mixed);
  StripRow what{.name = "steps.strip.concat",
                .label = word_of(board, "concat"),
                .values = entries(w.concat),
                .lit = lit,
                .strip_x0 = strip_x0};
  const int width = w.d_head();
  const auto head_at = [&](int entry) {
    OverwrittenNumber number = own;
    number.at.head = entry / width;
    number.entry = entry % width;
    return number;
  };
  draw_strip_row(board, row, what, head_at);
  const float one = (row.x1 - board.ui.px(kBoardScale) - what.strip_x0) / static_cast<float>(w.spec.n_heads);
  const float head_x0 = what.strip_x0 + one * static_cast<float>(w.head.head);
  ImGui::GetWindowDrawList()->AddRect(ImVec2(head_x0, row.y0), ImVec2(head_x0 + one, row.y1),
                                      board.ui.theme.accent, 0, 0, board.ui.px(2));
}

// From the attention's output to y, the stream that the feed-forward network meets.
void draw_residual(Board& board, Rows& rows) {
  const HeadWalk& w = board.walk;
  const LayerSteps<float>& l = w.layer;
  const bool cross = w.head.stack == Stack::cross;
  const bool residual = board.now(Step::residual), lit = residual || board.now(Step::feed_forward);
  const BranchSteps<float>& branch = cross ? static_cast<const BranchSteps<float>&>(l.cross) : l.self;
  if (w.parallel_residual) {
    rows.text(word_of(board, "parallel"));
    return;
  }
  if (branch.normed.size() > 0)
    rows.strip("attention_normed", word_of(board, "attention_normed"), entries(view(branch.normed), 0),
               residual, number_at(board, NumberPlace::attention_post_norm));
  const bool normed = branch.sum.size() > 0;
  if (normed)
    rows.strip("sum_attention", word_of(board, "x_plus"), entries(view(branch.sum), 0), residual,
               number_at(board, NumberPlace::attention_sum));
  const Matrix& y = !cross && l.cross.input.size() > 0 ? l.cross.input : l.feed_forward.input;
  if (y.size() > 0)
    rows.strip("y", word_of(board, normed ? "y_norm" : "y"), entries(view(y), 0), lit,
               number_at(board, normed ? NumberPlace::attention_norm : NumberPlace::attention_sum));
}

// From y to the stream that leaves the layer.
void draw_feed_forward(Board& board, Rows& rows) {
  const HeadWalk& w = board.walk;
  const LayerSteps<float>& l = w.layer;
  const FeedForwardSteps<float>& network = l.feed_forward;
  const bool feed = board.now(Step::feed_forward), cross = w.head.stack == Stack::cross;
  const auto strip = [&](const char* name, const char* label, const Matrix& values, NumberPlace place) {
    if (values.size() > 0)
      rows.strip(name, word_of(board, label), entries(view(values), 0), feed, number_at(board, place));
  };
  if (!cross && l.cross.out.size() > 0) {
    OverwrittenNumber said = number_at(board, NumberPlace::attention);
    said.at.stack = Stack::cross;
    rows.strip("cross_out", word_of(board, "cross_out"), entries(view(l.cross.out), 0), feed, said);
  }
  const bool own_norm = !(w.parallel_residual && w.shared_norm);
  strip("ffn_read", "norm_y", network.read,
        own_norm ? NumberPlace::feed_forward_norm : NumberPlace::attention_norm);
  strip("hidden", "hidden", network.hidden, NumberPlace::activation);
  strip("ffn_out", "ffn_out", network.out, NumberPlace::feed_forward);
  strip("ffn_normed", "ffn_normed", network.normed, NumberPlace::feed_forward_post_norm);
  strip("sum_ffn", "y_plus", network.sum, NumberPlace::feed_forward_sum);
  rows.strip("next", word_of(board, w.last_layer ? "next_last" : "next"), entries(w.next), feed,
             number_at(board, NumberPlace::stream));
  rows.strip("final_norm", word_of(board, "final_norm"), entries(w.final_norm), feed,
             number_at(board, NumberPlace::final_norm));
}

}  // namespace

float draw_output_sheet(Board& board, const Rect& rect) {
  const HeadWalk& w = board.walk;
  Rows rows(board, rect,
            words_of(board, {"x", "concat", "attention_out", "x_plus", "y_norm", "y", "cross_out", "hidden",
                             "ffn_out", "y_plus", "next", "next_last", "final_norm"}));
  const bool output = board.now(Step::output);
  rows.strip("x", word_of(board, "x"), entries(w.stream), board.now(Step::residual), stream_before(board));
  draw_concat(board, rows.next(kBoardRow), rows.strip_x0(), output);
  rows.next(4);
  rows.strip("part", word_of(board, "part", {{"head", board.head()}}), entries(view(w.at.part), 0), output);
  rows.strip("attention", word_of(board, "attention_out"), entries(w.attention_out), output,
             number_at(board, NumberPlace::attention));
  if (board.reached(Step::residual)) draw_residual(board, rows);
  if (board.reached(Step::feed_forward)) draw_feed_forward(board, rows);
  return rows.used();
}

}  // namespace attn::app

#include "app/views/steps/board.h"

namespace attn::app {

std::string Board::query_name() const {
  const std::vector<std::string>& names = trace.query_tokens(walk.head.stack);
  const auto q = static_cast<std::size_t>(walk.query);
  return q < names.size() ? readable_token(names, q) : std::to_string(walk.query);
}

std::string Board::key_name(int key) const {
  const std::vector<std::string>& names = trace.key_tokens(walk.head.stack);
  const auto k = static_cast<std::size_t>(key);
  return k < names.size() ? readable_token(names, k) : std::to_string(key);
}

std::string Board::head() const {
  return head_name(trace, walk.head, view);
}

int draw_strip_row(Board& board, const Rect& row, const StripRow& what) {
  return draw_strip_row(board.ui, row, what).entry;
}

}  // namespace attn::app

#include "core/forward/head.h"

#include <algorithm>

#include "core/attention/scores.h"
#include "core/attention/weights.h"
#include "core/math/rows.h"

namespace attn {

template <class S>
void content_scores(const HeadAtWork<S>& head, Index first, ViewOf<S> out) {
  const ConstViewOf<S> queries = rows_of(head.queries, first, out.rows());
  const ConstViewOf<S> keys = rows_of(head.keys, 0, out.cols());
  const S scale = static_cast<S>(head.plan->scale);
  if (head.spec->scoring == Scoring::additive)
    additive_scores<S>(queries, keys, head.additive, scale, out);
  else
    dot_product_scores<S>(queries, keys, scale, out);
}

template <class S>
void add_positions(const HeadAtWork<S>& head, Index first, ViewOf<S> out) {
  if (head.positions.empty()) return;
  add_position_scores<S>(head.positions, rows_of(head.queries, first, out.rows()), first,
                         static_cast<S>(head.plan->scale), out);
}

template <class S>
void finish_scores(const HeadAtWork<S>& head, Index first, ViewOf<S> scores) {
  if (head.spec->soft_cap > 0) soft_cap<S>(static_cast<S>(head.spec->soft_cap), scores);
  if (head.plan->temperature != 1.0) scores /= static_cast<S>(head.plan->temperature);
  for (const OverwrittenNumber& one : head.plan->numbers) {
    if (one.place != NumberPlace::score || one.at.head != head.head) continue;
    const Index row = one.token - head.n_past - first;
    if (row >= 0 && row < scores.rows() && one.entry < scores.cols())
      scores(row, one.entry) = static_cast<S>(one.value);
  }
}

namespace {

// Cells set by hand, row by row.
template <class S>
void set_cells(const HeadAtWork<S>& head, Index first, ViewOf<S> weights) {
  for (Index r = 0; r < weights.rows(); ++r) {
    std::vector<SetWeight<S>> set;
    for (const OverwrittenCell& cell : head.plan->cells)
      if (cell.head.head == head.head && cell.query == head.n_past + first + r && cell.key < weights.cols())
        set.push_back({cell.key, static_cast<S>(cell.weight)});
    if (!set.empty())
      set_weights<S>(set, head.plan->mask, head.n_past + first + r,
                     weights.data() + r * weights.outerStride(), weights.cols());
  }
}

}  // namespace

template <class S>
void scores_to_weights(const HeadAtWork<S>& head, Index first, ViewOf<S> scores) {
  const AttentionPlan& plan = *head.plan;
  const auto off = plan.heads_off.find(head.head);
  if (off != plan.heads_off.end() && off->second == HeadOff::uniform) {
    uniform_rows<S>(plan.mask, scores, head.n_past + first);
  } else {
    plan.mask.hide<S>(scores, head.n_past + first);
    if (plan.hard)
      hard_rows<S>(scores);
    else
      softmax_rows<S>(scores);
  }
  if (!plan.cells.empty()) set_cells(head, first, scores);
}

namespace {

// Keys from here on are hidden from all of the queries [first, first + count). Scores that positions add to
// and weights set by hand are made for all keys.
template <class S>
Index keys_seen(const HeadAtWork<S>& head, Index first, Index count) {
  const Index n_keys = head.keys.rows();
  if (!head.positions.empty() || !head.plan->cells.empty()) return n_keys;
  return head.plan->mask.end_of_keys(head.n_past + first + count - 1, n_keys);
}

}  // namespace

template <class S>
Index head_weights(const HeadAtWork<S>& head, Index first, ViewOf<S> out) {
  const Index n_seen = keys_seen(head, first, out.rows());
  const ViewOf<S> seen = columns_of(out, 0, n_seen);
  content_scores(head, first, seen);
  add_positions(head, first, seen);
  finish_scores(head, first, seen);
  scores_to_weights(head, first, seen);
  out.rightCols(out.cols() - n_seen).setZero();
  return n_seen;
}

#define ATTN_INSTANTIATE_HEAD(S)                                              \
  template void content_scores<S>(const HeadAtWork<S>&, Index, ViewOf<S>);    \
  template void add_positions<S>(const HeadAtWork<S>&, Index, ViewOf<S>);     \
  template void finish_scores<S>(const HeadAtWork<S>&, Index, ViewOf<S>);     \
  template void scores_to_weights<S>(const HeadAtWork<S>&, Index, ViewOf<S>); \
  template Index head_weights<S>(const HeadAtWork<S>&, Index, ViewOf<S>);
ATTN_INSTANTIATE_HEAD(float)
ATTN_INSTANTIATE_HEAD(double)
#undef ATTN_INSTANTIATE_HEAD

}  // namespace attn

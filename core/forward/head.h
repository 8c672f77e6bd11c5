#pragma once

#include "core/forward/plan.h"
#include "core/forward/position_terms.h"
#include "core/model/model.h"

namespace attn {

// Makes a view show other numbers (assigning to a view would copy them).
template <class S>
void point_at(ConstViewOf<S>& view, const ConstViewOf<S>& other) {
  new (&view) ConstViewOf<S>(other);
}

// One head of one sequence at work: all that its weights follow from. Views into a layer's matrices.
template <class S>
struct HeadAtWork {
  const AttentionSpec* spec = nullptr;
  const AttentionPlan* plan = nullptr;
  int head = 0;
  ConstViewOf<S> queries{nullptr, 0, 0, Eigen::OuterStride<>(0)};  // [Tq, d_head] as they enter the product
  ConstViewOf<S> keys{nullptr, 0, 0, Eigen::OuterStride<>(0)};     // [Tk, d_head]
  ConstViewOf<S> values{nullptr, 0, 0, Eigen::OuterStride<>(0)};   // [Tk, d_head]
  const S* additive = nullptr;                                     // v of additive scoring, [d_head]
  HeadPositions<S> positions;                                      // without terms: none
  Index n_past = 0;  // tokens of the sequence before the first of `queries`
};

// The steps of softmax(mask(scores)), each for rows [first, first + out.rows()) of `queries`. out: [n, Tk].

// q · k * scale, or v · tanh(q + k) * scale, for the first out.cols() keys.
template <class S>
void content_scores(const HeadAtWork<S>& head, Index first, ViewOf<S> out);
// out += what positions say.
template <class S>
void add_positions(const HeadAtWork<S>& head, Index first, ViewOf<S> out);
// Soft cap, temperature and scores set by hand: from the sum of the parts to what enters the softmax.
template <class S>
void finish_scores(const HeadAtWork<S>& head, Index first, ViewOf<S> scores);
// Mask, softmax (or hard, or uniform), cells set by hand. scores → weights, in place.
template <class S>
void scores_to_weights(const HeadAtWork<S>& head, Index first, ViewOf<S> scores);

// All of the above. Returns how many of the keys any of these queries can see: the weights of those behind
// them are 0 and cost nothing, half of a long text where queries look only back.
template <class S>
Index head_weights(const HeadAtWork<S>& head, Index first, ViewOf<S> out);

// A head works on so many queries at once: its scores stay in the cache from the product to the sum.
constexpr Index kQueriesAtOnce = 64;

}  // namespace attn

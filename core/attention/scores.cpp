#include "core/attention/scores.h"

#include <cassert>
#include <cmath>

#include "core/math/rows.h"

namespace attn {

template <class S>
void dot_product_scores(ConstViewOf<S> queries, ConstViewOf<S> keys, S scale, ViewOf<S> out) {
  product_transposed<S>(queries, keys, scale, out);
}

template <class S>
void additive_scores(ConstViewOf<S> queries, ConstViewOf<S> keys, const S* v, S scale, ViewOf<S> out) {
  assert(queries.cols() == keys.cols());
  MatrixOf<S> sum(1, queries.cols());
  for (Index q = 0; q < queries.rows(); ++q) {
    for (Index k = 0; k < keys.rows(); ++k) {
      sum = queries.row(q) + keys.row(k);
      activate<S>(Activation::tanh, view(sum));
      S score = 0;
      for (Index c = 0; c < sum.cols(); ++c) score += v[c] * sum(0, c);
      out(q, k) = scale * score;
    }
  }
}

template <class S>
void soft_cap(S cap, ViewOf<S> scores) {
  for (Index r = 0; r < scores.rows(); ++r)
    for (Index c = 0; c < scores.cols(); ++c) scores(r, c) = cap * std::tanh(scores(r, c) / cap);
}

#define ATTN_INSTANTIATE_SCORES(S)                                                          \
  template void dot_product_scores<S>(ConstViewOf<S>, ConstViewOf<S>, S, ViewOf<S>);        \
  template void additive_scores<S>(ConstViewOf<S>, ConstViewOf<S>, const S*, S, ViewOf<S>); \
  template void soft_cap<S>(S, ViewOf<S>);
ATTN_INSTANTIATE_SCORES(float)
ATTN_INSTANTIATE_SCORES(double)
#undef ATTN_INSTANTIATE_SCORES

}  // namespace attn

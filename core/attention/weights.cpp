#include "core/attention/weights.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace attn {

template <class S>
void hard_rows(ViewOf<S> scores) {
  for (Index r = 0; r < scores.rows(); ++r) {
    auto row = scores.row(r);
    const S largest = row.size() > 0 ? row.maxCoeff() : -std::numeric_limits<S>::infinity();
    if (!(largest > -std::numeric_limits<S>::infinity())) {
      row.setZero();
      continue;
    }
    const S share = S(1) / static_cast<S>((row.array() == largest).count());
    row = (row.array() == largest).select(share, MatrixOf<S>::Zero(1, row.size()));
  }
}

template <class S>
void uniform_rows(const AttentionMask& mask, ViewOf<S> weights, Index first_query) {
  for (Index r = 0; r < weights.rows(); ++r) {
    Index n_visible = 0;
    for (Index k = 0; k < weights.cols(); ++k) n_visible += mask.visible(first_query + r, k) ? 1 : 0;
    for (Index k = 0; k < weights.cols(); ++k)
      weights(r, k) = mask.visible(first_query + r, k) ? S(1) / static_cast<S>(n_visible) : S(0);
  }
}

template <class S>
void set_weights(std::span<const SetWeight<S>> set, const AttentionMask& mask, Index query, S* weights,
                 Index n_keys) {
  std::vector<char> is_set(static_cast<std::size_t>(n_keys), 0);
  S taken = 0;
  for (const SetWeight<S>& cell : set) {
    is_set[static_cast<std::size_t>(cell.key)] = 1;
    taken += cell.weight;
  }
  S had = 0;
  Index n_others = 0;
  for (Index k = 0; k < n_keys; ++k) {
    if (is_set[static_cast<std::size_t>(k)]) continue;
    had += weights[k];
    if (mask.visible(query, k)) ++n_others;
  }
  const S left = std::max(S(0), S(1) - taken);
  for (Index k = 0; k < n_keys; ++k) {
    if (is_set[static_cast<std::size_t>(k)]) continue;
    if (had > 0)
      weights[k] *= left / had;
    else
      weights[k] = mask.visible(query, k) ? left / static_cast<S>(n_others) : S(0);
  }
  const S grow = n_others == 0 && taken > 0 ? S(1) / taken : S(1);
  for (const SetWeight<S>& cell : set) weights[cell.key] = cell.weight * grow;
}

#define ATTN_INSTANTIATE_WEIGHTS(S)                                      \
  template void hard_rows<S>(ViewOf<S>);                                 \
  template void uniform_rows<S>(const AttentionMask&, ViewOf<S>, Index); \
  template void set_weights<S>(std::span<const SetWeight<S>>, const AttentionMask&, Index, S*, Index);
ATTN_INSTANTIATE_WEIGHTS(float)
ATTN_INSTANTIATE_WEIGHTS(double)
#undef ATTN_INSTANTIATE_WEIGHTS

}  // namespace attn

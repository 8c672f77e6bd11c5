#include "core/attention/mask.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace attn {

bool AttentionMask::visible(Index query, Index key) const {
  if (causal && key > query) return false;
  if (window > 0 && std::abs(query - key) >= window) return false;
  if (not_itself && query == key) return false;
  if (hidden_keys.count(static_cast<int>(key)) > 0) return false;
  return blocked.empty() || blocked.count({static_cast<int>(query), static_cast<int>(key)}) == 0;
}

Index AttentionMask::end_of_keys(Index last_query, Index n_keys) const {
  Index end = n_keys;
  if (window > 0) end = std::min(end, last_query + window);
  if (causal) end = std::min(end, last_query + 1);
  return std::max<Index>(1, end);
}

template <class S>
void AttentionMask::hide(ViewOf<S> scores, Index first_query) const {
  constexpr S kShut = -std::numeric_limits<S>::infinity();
  const Index n_keys = scores.cols();
  for (Index r = 0; r < scores.rows(); ++r) {
    const Index query = first_query + r;
    S* row = scores.data() + r * scores.outerStride();
    const Index first = window > 0 ? std::clamp<Index>(query - window + 1, 0, n_keys) : 0;
    Index end = n_keys;
    if (window > 0) end = std::clamp<Index>(query + window, 0, end);
    if (causal) end = std::min(end, query + 1);
    std::fill(row, row + first, kShut);
    std::fill(row + std::max(first, end), row + n_keys, kShut);
    if (not_itself && query < n_keys) row[query] = kShut;
    for (int key : hidden_keys)
      if (key >= 0 && key < n_keys) row[key] = kShut;
  }
  for (const auto& [query, key] : blocked)
    if (query >= first_query && query < first_query + scores.rows() && key >= 0 && key < n_keys)
      scores(query - first_query, key) = kShut;
}

template void AttentionMask::hide<float>(ViewOf<float>, Index) const;
template void AttentionMask::hide<double>(ViewOf<double>, Index) const;

}  // namespace attn

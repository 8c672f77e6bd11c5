#pragma once

#include <set>
#include <utility>

#include "core/math/matrix.h"

namespace attn {

// Which keys each query may see: a rule, not a table, so that it fits sequences of any length. A cell is
// visible when nothing shuts it.
struct AttentionMask {
  bool causal = false;                    // a query sees no key after itself
  int window = 0;                         // > 0: only keys with |query - key| < window
  bool not_itself = false;                // a query does not see its own key
  std::set<int> hidden_keys;              // no query sees these
  std::set<std::pair<int, int>> blocked;  // (query, key) cells that are shut

  bool visible(Index query, Index key) const;
  // One beyond the last key that queries up to this one can see; at least 1, at most n_keys.
  Index end_of_keys(Index last_query, Index n_keys) const;
  bool operator==(const AttentionMask&) const = default;

  // Masked cells of `scores` become -infinity. Row r of `scores` belongs to query first_query + r; column =
  // key.
  template <class S>
  void hide(ViewOf<S> scores, Index first_query = 0) const;
};

}  // namespace attn

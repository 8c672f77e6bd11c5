#pragma once

#include <algorithm>

#include "core/math/matrix.h"
#include "core/math/pool.h"

namespace attn {

// body(first, count) for blocks of rows, so that threads share the work on whole rows.
template <class F>
void for_row_blocks(Pool* pool, Index n_rows, F body) {
  constexpr Index kRows = 16;
  const Index n_blocks = (n_rows + kRows - 1) / kRows;
  parallel_for(pool, n_blocks,
               [&](Index block) { body(block * kRows, std::min(kRows, n_rows - block * kRows)); });
}

}  // namespace attn

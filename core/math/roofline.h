#pragma once

#include <cstddef>

#include "core/math/pool.h"

namespace attn {

// What this machine can do, now, with all threads of a pool: the two ceilings of the roofline model
// (Williams, Waterman & Patterson 2009) that a share of the possible is measured against.
struct Roofline {
  double gflops = 0;         // 10⁹ float operations a second: multiply-adds that stay in registers
  double read_gb_per_s = 0;  // 10⁹ bytes a second, read once in order
};

// Takes the best of a few rounds, about a tenth of a second in all. Reads `read_bytes` of memory, which are
// allocated for it: take as much as the parameters of the model in question, so that caches help both alike.
// On a busy machine it measures what the others leave.
Roofline measure_roofline(Pool& pool, std::size_t read_bytes = std::size_t{256} << 20);

}  // namespace attn

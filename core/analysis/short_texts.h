#pragma once

#include <cstddef>

namespace attn {

// How many short texts go through a model at once: larger batches leave the caches.
inline constexpr std::size_t kShortTextsABatch = 16;

}  // namespace attn

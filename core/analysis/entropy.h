#pragma once

#include <span>

namespace attn {

// Shannon's entropy -Σ p ln p in nats (Shannon 1948). p: weights >= 0; zeros add nothing. A long row costs
// about a nanosecond a number: the logarithm is a short series that compilers turn into vector instructions,
// within 3e-7 of std::log.
double entropy(std::span<const float> p);

}  // namespace attn

#include "core/analysis/entropy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "core/math/matrix.h"

namespace attn {

namespace {

// p ln p for p >= 0. With p = m 2^e, m in [√½, √2), and t = (m - 1) / (m + 1):
//   ln p = e ln 2 + 2 (t + t³/3 + t⁵/5 + t⁷/7 + t⁹/9)     (|t| < 0.172: what is left out is below 1e-9)
// The smallest normal number is added: it changes no other number, and zero gets a logarithm without a
// branch.
inline float p_log_p(float p) {
  constexpr float kSmallest = 1.17549435e-38f;
  constexpr std::int32_t kRootHalf = 0x3f3504f3;
  const auto bits = std::bit_cast<std::int32_t>(p + kSmallest);
  const std::int32_t exponent = (bits - kRootHalf) >> 23;
  const auto m = std::bit_cast<float>(bits - (exponent << 23));
  const float t = (m - 1) / (m + 1), t2 = t * t;
  const float series = t * (2 + t2 * (2.0f / 3 + t2 * (2.0f / 5 + t2 * (2.0f / 7 + t2 * (2.0f / 9)))));
  return p * (static_cast<float>(exponent) * 0.693147181f + series);
}

}  // namespace

double entropy(std::span<const float> p) {
  constexpr std::size_t kBlock = 128;
  std::array<float, kBlock> terms;
  double sum = 0;
  for (std::size_t first = 0; first < p.size(); first += kBlock) {
    const std::size_t n = std::min(kBlock, p.size() - first);
    const float* const in = p.data() + first;
    for (std::size_t i = 0; i < n; ++i) terms[i] = p_log_p(in[i]);
    sum += Eigen::Map<const Row>(terms.data(), static_cast<Index>(n)).sum();
  }
  return -sum;
}

}  // namespace attn

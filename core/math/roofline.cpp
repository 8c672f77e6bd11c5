#include "core/math/roofline.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/math/simd_dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/math/roofline.cpp"
#include "hwy/foreach_target.h"
//
#include "core/math/vector_math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace attn {
namespace HWY_NAMESPACE {

// As many independent sums as hide a multiply-add's latency and fit the registers.
constexpr int kSums = 12;

// `steps` x kSums multiply-adds of whole vectors; returns something that depends on them all.
float multiply_and_add(std::ptrdiff_t steps) {
  FloatVector sums[kSums];
  for (int s = 0; s < kSums; ++s) sums[s] = constant(static_cast<float>(s));
  const FloatVector factor = constant(0.999f);
  const FloatVector term = constant(1e-3f);
  for (std::ptrdiff_t i = 0; i < steps; ++i)
    for (int s = 0; s < kSums; ++s) sums[s] = hn::MulAdd(sums[s], factor, term);
  for (int s = 1; s < kSums; ++s) sums[0] = hn::Add(sums[0], sums[s]);
  return hn::GetLane(hn::SumOfLanes(kFloats, sums[0]));
}

double operations_a_step() {
  return 2.0 * kSums * kLanes;
}

// count: a multiple of kSums * 16.
float read_all(const float* x, std::ptrdiff_t count) {
  FloatVector sums[kSums];
  for (int s = 0; s < kSums; ++s) sums[s] = hn::Zero(kFloats);
  for (std::ptrdiff_t i = 0; i < count; i += kSums * kLanes)
    for (int s = 0; s < kSums; ++s) sums[s] = hn::Add(sums[s], hn::LoadU(kFloats, x + i + s * kLanes));
  for (int s = 1; s < kSums; ++s) sums[0] = hn::Add(sums[0], sums[s]);
  return hn::GetLane(hn::SumOfLanes(kFloats, sums[0]));
}

}  // namespace HWY_NAMESPACE
}  // namespace attn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attn {

HWY_EXPORT(multiply_and_add);
HWY_EXPORT(operations_a_step);
HWY_EXPORT(read_all);

namespace {

// Seconds of the fastest of a few rounds of body(0) … body(pieces - 1) on the pool.
template <class Body>
double fastest_round(Pool& pool, std::ptrdiff_t pieces, const Body& body) {
  constexpr int kRounds = 4;
  double best = 1e300;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    pool.parallel_for(pieces, body);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

}  // namespace

Roofline measure_roofline(Pool& pool, std::size_t read_bytes) {
  Roofline roofline;
  constexpr std::ptrdiff_t kSteps = 20000;
  const std::ptrdiff_t pieces = 32 * pool.threads();
  std::vector<float> results(static_cast<std::size_t>(pieces));
  const double compute_s = fastest_round(pool, pieces, [&](std::ptrdiff_t i) {
    results[static_cast<std::size_t>(i)] = ATTN_DISPATCH(multiply_and_add)(kSteps);
  });
  roofline.gflops =
      ATTN_DISPATCH(operations_a_step)() * static_cast<double>(kSteps * pieces) / compute_s / 1e9;

  constexpr std::ptrdiff_t kPiece = 12 * 16 * 4096;  // floats: 3 MB
  const std::ptrdiff_t reads =
      std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(read_bytes / sizeof(float)) / kPiece);
  const std::vector<float> memory(static_cast<std::size_t>(reads * kPiece), 1.0f);
  results.resize(static_cast<std::size_t>(reads));
  const double read_s = fastest_round(pool, reads, [&](std::ptrdiff_t i) {
    results[static_cast<std::size_t>(i)] = ATTN_DISPATCH(read_all)(memory.data() + i * kPiece, kPiece);
  });
  roofline.read_gb_per_s = static_cast<double>(memory.size() * sizeof(float)) / read_s / 1e9;
  return roofline;
}

}  // namespace attn
#endif  // HWY_ONCE

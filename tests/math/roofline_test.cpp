#include "core/math/roofline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attn {
namespace {

// Tests time nothing: only that the ceilings are numbers that a computer can have.
TEST(Roofline, BothCeilingsAreFiniteAndPositive) {
  Pool pool(2);
  const Roofline roofline = measure_roofline(pool, 1 << 22);
  EXPECT_GT(roofline.gflops, 1e-3);
  EXPECT_LT(roofline.gflops, 1e6);
  EXPECT_GT(roofline.read_gb_per_s, 1e-3);
  EXPECT_LT(roofline.read_gb_per_s, 1e5);
}

}  // namespace
}  // namespace attn

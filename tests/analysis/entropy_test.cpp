#include "core/analysis/entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace attn {
namespace {

TEST(Entropy, AgreesWithTheStandardLogarithmOverAllMagnitudes) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-30, 0);
  for (int trial = 0; trial < 2000; ++trial) {
    const std::vector<float> p = {static_cast<float>(std::exp(exponent(random)))};
    const double x = p[0];
    EXPECT_NEAR(entropy(p), -x * std::log(x), 3e-7 * x * (1 + std::abs(std::log(x))));
  }
}

TEST(Entropy, OfOneAndOfNothingIsZero) {
  const std::vector<float> one = {0, 1, 0}, none = {};
  EXPECT_NEAR(entropy(one), 0, 1e-30);
  EXPECT_EQ(entropy(none), 0);
}

TEST(Entropy, OfARowLongerThanABlockIsTheSumOfItsParts) {
  const std::vector<float> p(1000, 0.001f);
  EXPECT_NEAR(entropy(p), std::log(1000.0), 2e-5);
}

}  // namespace
}  // namespace attn

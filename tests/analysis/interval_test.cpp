#include "core/analysis/interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace attn {
namespace {

TEST(MeanInterval, UsesStudentsTWithOneDegreeOfFreedomLess) {
  // mean 3, s = sqrt(2.5), t(4) = 2.776: half width 2.776 * sqrt(2.5 / 5).
  const std::vector<double> values = {1, 2, 3, 4, 5};
  const Interval interval = mean_interval(values);
  EXPECT_DOUBLE_EQ(interval.mean, 3);
  EXPECT_NEAR(interval.high - interval.mean, 2.776 * std::sqrt(0.5), 1e-12);
  EXPECT_EQ(interval.n, 5);
}

TEST(MeanInterval, LeavesOutWhatIsNotANumber) {
  const std::vector<double> values = {1, std::nan(""), 3};
  EXPECT_DOUBLE_EQ(mean_interval(values).mean, 2);
  EXPECT_EQ(mean_interval(values).n, 2);
}

TEST(MeanInterval, OfOneValueHasNoWidth) {
  const std::vector<double> values = {7};
  EXPECT_EQ(mean_interval(values).mean, 7);
  EXPECT_TRUE(std::isnan(mean_interval(values).low));
}

TEST(MeanInterval, ComesCloseToTheNormalDistributionsForMany) {
  std::vector<double> values;
  for (int i = 0; i < 121; ++i) values.push_back(i % 2);
  // The printed t for 120 degrees of freedom is 1.980.
  const Interval interval = mean_interval(values);
  const double s2 = 121 * interval.mean * (1 - interval.mean) / 120;
  EXPECT_NEAR((interval.high - interval.mean) / std::sqrt(s2 / 121), 1.980, 5e-4);
}

TEST(ShareInterval, IsWilsonsAndStaysInsideZeroAndOne) {
  // 81 of 263: a worked example of Newcombe 1998 (Statistics in Medicine 17:857), score interval 0.2553 -
  // 0.3662.
  EXPECT_NEAR(share_interval(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(share_interval(81, 263).high, 0.3662, 5e-5);
  EXPECT_EQ(share_interval(10, 10).mean, 1);
  EXPECT_LE(share_interval(10, 10).high, 1.0 + 1e-12);
  EXPECT_GE(share_interval(0, 10).low, -1e-12);
}

}  // namespace
}  // namespace attn

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "core/attention/mask.h"
#include "core/attention/positions.h"
#include "core/attention/scores.h"
#include "core/attention/weights.h"
#include "core/math/rows.h"

namespace attn {
namespace {

constexpr float kShut = -std::numeric_limits<float>::infinity();

std::vector<int> count_up(int n) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST(Mask, HidesExactlyTheCellsThatItCallsInvisible) {
  std::vector<AttentionMask> masks(6);
  masks[0].causal = true;
  masks[1].window = 2;
  masks[2].causal = true;
  masks[2].window = 3;
  masks[3].not_itself = true;
  masks[4].hidden_keys = {0, 4, 99};
  masks[5].blocked = {{1, 2}, {6, 0}, {50, 1}};
  for (const AttentionMask& mask : masks) {
    for (Index first : {Index{0}, Index{3}}) {
      Matrix scores = Matrix::Ones(4, 7);
      mask.hide<float>(view(scores), first);
      for (Index r = 0; r < 4; ++r)
        for (Index k = 0; k < 7; ++k) EXPECT_EQ(scores(r, k), mask.visible(first + r, k) ? 1.0f : kShut);
    }
  }
}

TEST(Mask, AWindowOfOneShowsOnlyTheTokenItself) {
  AttentionMask mask;
  mask.window = 1;
  for (Index q = 0; q < 4; ++q)
    for (Index k = 0; k < 4; ++k) EXPECT_EQ(mask.visible(q, k), q == k);
}

TEST(HardRows, TheLargestScoreTakesAllAndTiesShareEqually) {
  Matrix m(4, 4);
  m << 1, 3, 2, kShut,       //
      5, 1, 5, 5,            //
      kShut, -2, kShut, -2,  //
      kShut, kShut, kShut, kShut;
  hard_rows<float>(view(m));
  Matrix expected(4, 4);
  const float third = 1.0f / 3;
  expected << 0, 1, 0, 0, third, 0, third, third, 0, 0.5f, 0, 0.5f, 0, 0, 0, 0;
  EXPECT_EQ(m, expected);
}

TEST(SetWeights, TheRestOfTheRowSharesWhatIsLeftInProportion) {
  float row[] = {0.1f, 0.3f, 0.2f, 0.4f};
  const SetWeight<float> set[] = {{3, 0.7f}};
  set_weights<float>(set, {}, 0, row, 4);
  EXPECT_NEAR(row[0], 0.05f, 1e-6f);
  EXPECT_NEAR(row[1], 0.15f, 1e-6f);
  EXPECT_NEAR(row[2], 0.10f, 1e-6f);
  EXPECT_EQ(row[3], 0.7f);
}

TEST(SetWeights, WhereTheRestHasNothingTheVisibleKeysShareEqually) {
  AttentionMask mask;
  mask.hidden_keys = {1};
  float row[] = {0, 0, 0, 1};
  const SetWeight<float> set[] = {{3, 0.5f}};
  set_weights<float>(set, mask, 0, row, 4);
  EXPECT_EQ(row[0], 0.25f);
  EXPECT_EQ(row[1], 0.0f);
  EXPECT_EQ(row[2], 0.25f);
  EXPECT_EQ(row[3], 0.5f);
}

TEST(SetWeights, WhereNobodyElseIsVisibleTheSetWeightIsAll) {
  AttentionMask mask;
  mask.causal = true;
  float row[] = {1, 0, 0};
  const SetWeight<float> set[] = {{0, 0.5f}};
  set_weights<float>(set, mask, 0, row, 3);
  EXPECT_EQ(row[0], 1.0f);
  EXPECT_EQ(row[1] + row[2], 0.0f);
}

TEST(UniformRows, GiveEveryVisibleKeyTheSame) {
  AttentionMask mask;
  mask.causal = true;
  mask.not_itself = true;
  Matrix m = Matrix::Constant(3, 3, 9);
  uniform_rows<float>(mask, view(m));
  Matrix expected(3, 3);
  expected << 0, 0, 0, 1, 0, 0, 0.5f, 0.5f, 0;
  EXPECT_EQ(m, expected);
}

TEST(Scores, AdditiveScoringIsVTimesTheTanhOfTheSum) {
  MatrixOf<double> q(1, 2), k(2, 2), out(1, 2);
  q << 0.5, -1;
  k << 1, 2, -0.5, 1;
  const double v[] = {2, -3};
  additive_scores<double>(view(std::as_const(q)), view(std::as_const(k)), v, 1.0, view(out));
  EXPECT_NEAR(out(0, 0), 2 * std::tanh(1.5) - 3 * std::tanh(1.0), 1e-12);
  EXPECT_NEAR(out(0, 1), 0.0, 1e-12);
}

TEST(Scores, AQueryThatPointsAtOneKeyCopiesThatKeysValue) {
  Matrix keys = Matrix::Identity(4, 4), values(4, 4), weights(4, 4), mixed(4, 4);
  for (Index i = 0; i < 16; ++i) values.data()[i] = static_cast<float>(i);
  const Matrix queries = 1e4f * keys;
  dot_product_scores<float>(view(queries), view(std::as_const(keys)), 1.0f, view(weights));
  softmax_rows<float>(view(weights));
  product<float>(view(std::as_const(weights)), view(std::as_const(values)), view(mixed));
  EXPECT_EQ(mixed, values);
}

TEST(Sinusoids, BothOrdersHoldTheSameNumbers) {
  const auto positions = count_up(9);
  const auto halves = sinusoid_table<double>(positions, 6, false);
  const auto interleaved = sinusoid_table<double>(positions, 6, true);
  for (Index t = 0; t < 9; ++t) {
    for (Index i = 0; i < 3; ++i) {
      const double angle = static_cast<double>(t) / std::pow(10000.0, 2.0 * static_cast<double>(i) / 6.0);
      EXPECT_NEAR(halves(t, i), std::sin(angle), 1e-12);
      EXPECT_NEAR(halves(t, 3 + i), std::cos(angle), 1e-12);
      EXPECT_EQ(interleaved(t, 2 * i), halves(t, i));
      EXPECT_EQ(interleaved(t, 2 * i + 1), halves(t, 3 + i));
    }
  }
}

TEST(Rotary, TurnedVectorsKeepTheirLengthAndTheirProductDependsOnTheDistanceOnly) {
  for (bool interleaved : {false, true}) {
    const auto positions = count_up(12);
    const auto table = rotary_table<double>(positions, {1.0, 0.1}, 1.0, interleaved);
    MatrixOf<double> q(12, 5), k(12, 5);  // the fifth dimension is not turned
    for (Index t = 0; t < 12; ++t) {
      q.row(t) << 1, 2, -1, 0.5, 3;
      k.row(t) << -0.5, 1, 2, 1, 1;
    }
    rotate<double>(table, 0, 5, view(q));
    rotate<double>(table, 0, 5, view(k));
    EXPECT_NEAR(q.row(7).norm(), std::sqrt(1 + 4 + 1 + 0.25 + 9), 1e-12);
    EXPECT_EQ(q(7, 4), 3.0);
    EXPECT_NEAR(q.row(3).dot(k.row(1)), q.row(11).dot(k.row(9)), 1e-12);
    EXPECT_GT(std::abs(q.row(3).dot(k.row(1)) - q.row(11).dot(k.row(8))), 1e-3);
  }
}

// The table in figure form of Raffel et al. 2020's code: 32 buckets to distance 128.
TEST(Buckets, NearDistancesHaveTheirOwnAndFarOnesShare) {
  EXPECT_EQ(t5_bucket(0, true, 32, 128), 0);
  EXPECT_EQ(t5_bucket(7, true, 32, 128), 7);
  EXPECT_EQ(t5_bucket(8, true, 32, 128), 8);
  EXPECT_EQ(t5_bucket(11, true, 32, 128), 8);
  EXPECT_EQ(t5_bucket(12, true, 32, 128), 9);
  EXPECT_EQ(t5_bucket(1000, true, 32, 128), 15);
  EXPECT_EQ(t5_bucket(-1, true, 32, 128), 17);
  EXPECT_EQ(t5_bucket(-1000, true, 32, 128), 31);
  EXPECT_EQ(t5_bucket(-5, false, 32, 128), 0);
  EXPECT_EQ(t5_bucket(15, false, 32, 128), 15);
  EXPECT_EQ(t5_bucket(1000, false, 32, 128), 31);
}

TEST(Buckets, DebertasAreSignedAndGrowWithTheDistance) {
  EXPECT_EQ(log_bucket(5, 0, 512), 5);
  EXPECT_EQ(log_bucket(-128, 256, 512), -128);
  EXPECT_EQ(log_bucket(511, 256, 512), 255);
  for (int distance = -510; distance <= 511; ++distance) {
    EXPECT_GE(log_bucket(distance, 256, 512), log_bucket(distance - 1, 256, 512));
    EXPECT_EQ(log_bucket(distance, 256, 512), -log_bucket(-distance, 256, 512));
  }
}

TEST(DistanceTerms, LandOnTheCellsOfTheirDistance) {
  const std::vector<int> positions = {2, 0, 1};
  ByDistance<float> bias{-2, {10, 11, 12, 13, 14}};  // distance + 12
  Matrix scores = Matrix::Zero(3, 3);
  add_distance_bias<float>(bias, positions, positions, view(scores));
  for (std::size_t q = 0; q < 3; ++q)
    for (std::size_t k = 0; k < 3; ++k)
      EXPECT_EQ(scores(static_cast<Index>(q), static_cast<Index>(k)),
                static_cast<float>(12 + positions[q] - positions[k]));
}

}  // namespace
}  // namespace attn

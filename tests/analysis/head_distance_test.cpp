#include "core/analysis/head_distance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hand_made_trace.h"

namespace attn {
namespace {

TEST(JensenShannon, OfDisjointRowsIsTheLogarithmOfTwo) {
  const std::vector<float> p = {1, 0}, q = {0, 1};
  EXPECT_NEAR(jensen_shannon(p, q), std::log(2.0), 1e-6);
  EXPECT_NEAR(jensen_shannon(p, p), 0, 1e-7);
}

TEST(JensenShannon, AgreesWithItsDefinitionByKullbackLeibler) {
  const std::vector<float> p = {.7f, .2f, .1f}, q = {.1f, .3f, .6f};
  double expected = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double m = (p[i] + q[i]) / 2.0;
    expected += 0.5 * p[i] * std::log(p[i] / m) + 0.5 * q[i] * std::log(q[i] / m);
  }
  EXPECT_NEAR(jensen_shannon(p, q), expected, 1e-6);
  EXPECT_NEAR(jensen_shannon(q, p), expected, 1e-6);
}

TEST(HeadsLike, PutsTheNearestFirstAndLeavesOutItself) {
  const Matrix self = matrix_of({{1, 0}, {0, 1}}), near = matrix_of({{.9f, .1f}, {0, 1}}),
               far = matrix_of({{0, 1}, {1, 0}});
  const Trace trace = hand_made_trace({{self, far, near}}, {"a", "b"});
  const std::vector<HeadDifference> heads = heads_like(trace, {Stack::encoder, 0, 0});
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[0].head.head, 2);
  EXPECT_EQ(heads[1].head.head, 1);
  EXPECT_NEAR(heads[1].distance, std::log(2.0), 1e-6);
}

TEST(AlignTokens, PairsATwinWordForWord) {
  const std::vector<std::string> a = {"it", "was", "too", "tired", "."},
                                 b = {"it", "was", "too", "wide", "."};
  EXPECT_EQ(align_tokens(a, b), (Alignment{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}}));
}

TEST(AlignTokens, LeavesWhatWasInsertedWithoutAPartner) {
  const std::vector<std::string> a = {"the", "dog", "ran"}, b = {"the", "old", "dog", "ran", "home"};
  EXPECT_EQ(align_tokens(a, b), (Alignment{{0, 0}, {1, 2}, {2, 3}}));
}

TEST(AlignTokens, OfTextsThatShareNothingPairsOnlyEqualLengths) {
  EXPECT_EQ(align_tokens({"a", "b"}, {"c", "d"}), (Alignment{{0, 0}, {1, 1}}));
  EXPECT_TRUE(align_tokens({"a", "b"}, {"c"}).empty());
  EXPECT_TRUE(align_tokens({}, {"c"}).empty());
}

TEST(AlignedDistance, CountsWeightOnUnpairedTokensAsDifferent) {
  const Matrix a = matrix_of({{.5f, .5f}}), b = matrix_of({{.5f, .25f, .25f}});
  // Key 1 of a and keys 1, 2 of b have no partner: bins (.5, .5, 0) and (.5, 0, .5).
  const Alignment queries = {{0, 0}}, keys = {{0, 0}};
  EXPECT_NEAR(aligned_distance(HeadWeights(view(a)), HeadWeights(view(b)), queries, keys),
              0.5 * std::log(2.0), 1e-6);
}

TEST(RankDifferences, PutsTheHeadThatMovedMostFirst) {
  const Matrix still = matrix_of({{1, 0}, {.5f, .5f}}), moved = matrix_of({{0, 1}, {.5f, .5f}});
  const Trace a = hand_made_trace({{still, still}}, {"x", "tired"}),
              b = hand_made_trace({{still, moved}}, {"x", "wide"});
  const std::vector<HeadDifference> heads = rank_differences(a, b);
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[0].head.head, 1);
  EXPECT_NEAR(heads[1].distance, 0, 1e-7);
}

TEST(AlignedDifference, IsNotANumberWhereATokenHasNoPartner) {
  const Matrix a = matrix_of({{.5f, .5f}, {0, 1}}), b = matrix_of({{.25f}});
  const Alignment pairs = {{0, 0}};
  const Matrix d = aligned_difference(HeadWeights(view(a)), HeadWeights(view(b)), pairs, pairs);
  EXPECT_FLOAT_EQ(d(0, 0), 0.25f);
  EXPECT_TRUE(std::isnan(d(0, 1)) && std::isnan(d(1, 1)));
}

}  // namespace
}  // namespace attn

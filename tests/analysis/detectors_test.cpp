#include "core/analysis/detectors.h"

#include <gtest/gtest.h>

#include <set>

#include "hand_made_trace.h"

namespace attn {
namespace {

// The worked example of TransformerLens' Head Detector demo.
Matrix worked_example() {
  return matrix_of({{1, 0, 0, 0}, {.5f, .5f, 0, 0}, {.2f, .3f, .5f, 0}, {.1f, .15f, .5f, .25f}});
}

TEST(DetectorScore, OfTheWorkedExampleIs0325) {
  const Matrix weights = worked_example();
  EXPECT_NEAR(detector_score(HeadWeights(view(weights)), previous_token_pattern(4)), 0.325, 1e-6);
}

TEST(DetectorScore, OfTheWorkedExampleWithoutFirstTokenAndSelfIs0842) {
  const Matrix weights = worked_example();
  const double score = detector_score(HeadWeights(view(weights)), previous_token_pattern(4),
                                      {.exclude_first = true, .exclude_self = true});
  EXPECT_NEAR(score, 0.8 / 0.95, 1e-6);
}

TEST(DetectorScore, OfAHeadWithoutAnyWeightIsZero) {
  const Matrix weights = Matrix::Zero(3, 3);
  EXPECT_EQ(detector_score(HeadWeights(view(weights)), previous_token_pattern(3)), 0);
}

TEST(DuplicateTokenPattern, MarksEarlierCopiesOnly) {
  const std::vector<int> ids = {7, 8, 7, 7};
  EXPECT_EQ(duplicate_token_pattern(ids),
            matrix_of({{0, 0, 0, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 1, 0}}));
}

TEST(InductionPattern, MarksWhatCameAfterAnEarlierCopy) {
  const std::vector<int> ids = {7, 8, 9, 7};
  EXPECT_EQ(induction_pattern(ids), matrix_of({{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 1, 0, 0}}));
}

TEST(RepeatedRandomIds, AreTheSameTokensTwiceBehindTheFirst) {
  const std::vector<int> avoid = {0, 1, 2};
  const std::vector<int> ids = repeated_random_ids(40, 25, 3, 1, avoid);
  ASSERT_EQ(ids.size(), 51u);
  EXPECT_EQ(ids[0], 1);
  for (std::size_t i = 1; i <= 25; ++i) {
    EXPECT_EQ(ids[i], ids[i + 25]);
    EXPECT_GE(ids[i], 3);
    EXPECT_LT(ids[i], 40);
  }
  EXPECT_GT(std::set<int>(ids.begin(), ids.end()).size(), 8u);
  EXPECT_NE(repeated_random_ids(40, 25, 4, 1, avoid), ids);
}

// Heads that look at exactly one place have score 1 there and 0 elsewhere.
Matrix looks_back(Index n, Index by) {
  Matrix m = Matrix::Zero(n, n);
  for (Index i = 0; i < n; ++i) m(i, i >= by ? i - by : 0) = 1;
  return m;
}

TEST(PositionalScores, AreOneForTheHeadThatLooksAtThatPlace) {
  const int period = 5, start = 1;
  const Index n = start + 2 * period;
  const Matrix previous = looks_back(n, 1), duplicate = looks_back(n, period),
               induction = looks_back(n, period - 1);
  EXPECT_DOUBLE_EQ(positional_scores(HeadWeights(view(previous)), period, start).previous, 1);
  EXPECT_DOUBLE_EQ(positional_scores(HeadWeights(view(duplicate)), period, start).duplicate, 1);
  const PositionalScores scores = positional_scores(HeadWeights(view(induction)), period, start);
  EXPECT_DOUBLE_EQ(scores.induction, 1);
  EXPECT_DOUBLE_EQ(scores.duplicate, 0);
}

TEST(TokenIdentities, OfARecordingFollowTheTokenStrings) {
  const Trace trace = hand_made_trace({}, {"I", "saw", "a", "saw"});
  const std::vector<int> ids = token_identities(trace, Stack::encoder);
  EXPECT_EQ(ids[1], ids[3]);
  EXPECT_NE(ids[0], ids[2]);
}

}  // namespace
}  // namespace attn

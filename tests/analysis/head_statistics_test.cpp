#include "core/analysis/head_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/forward/pass.h"
#include "hand_made_trace.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

std::vector<float> uniform_row(std::size_t n) {
  return std::vector<float>(n, 1.0f / static_cast<float>(n));
}

TEST(RowStatistics, AUniformRowHasTheLogarithmOfItsLengthAsEntropy) {
  const RowStatistics row = row_statistics(uniform_row(8), 3, false);
  EXPECT_NEAR(row.entropy, std::log(8.0), 1e-6);
  EXPECT_NEAR(row.normalised_entropy, 1, 1e-6);
  EXPECT_NEAR(row.confidence, 0.125, 1e-7);
  EXPECT_NEAR(row.distance, (3 + 2 + 1 + 0 + 1 + 2 + 3 + 4) / 8.0, 1e-6);
}

TEST(RowStatistics, ARowThatPointsAtOneKeyHasNoEntropy) {
  const std::vector<float> weights = {0, 0, 1, 0};
  const RowStatistics row = row_statistics(weights, 3, false);
  EXPECT_NEAR(row.entropy, 0, 1e-12);
  EXPECT_EQ(row.confidence, 1);
  EXPECT_EQ(row.previous, 1);
  EXPECT_EQ(row.self, 0);
  EXPECT_EQ(row.first, 0);
  EXPECT_EQ(row.distance, 1);
  EXPECT_TRUE(std::isnan(row.next)) << "behind the last token there is none";
}

TEST(RowStatistics, AWhollyMaskedRowHasNone) {
  const std::vector<float> weights = {0, 0, 0};
  EXPECT_TRUE(std::isnan(row_statistics(weights, 0, false).entropy));
}

TEST(RowStatistics, CrossAttentionHasNoSelfAndNoDistance) {
  const RowStatistics row = row_statistics(uniform_row(4), 1, true);
  EXPECT_TRUE(std::isnan(row.self) && std::isnan(row.previous) && std::isnan(row.distance));
  EXPECT_NEAR(row.first, 0.25, 1e-7);
}

TEST(RowStatistics, SeparatorsShareIsTheSumOverThem) {
  const std::vector<std::string> tokens = {"[CLS]", "a", "[SEP]", "b", "[SEP]"};
  const std::vector<float> weights = {.1f, .1f, .5f, .1f, .2f};
  EXPECT_NEAR(row_statistics(weights, 0, false, separator_keys(tokens)).separators, 0.7, 1e-6);
}

TEST(AllHeadStatistics, AverageOverRowsAndLeaveMaskedOnesOut) {
  const Matrix head = matrix_of({{1, 0, 0}, {.5f, .5f, 0}, {0, 0, 0}});
  const Trace trace = hand_made_trace({{head}}, {"a", "b", "c"});
  const std::vector<HeadStatistics> heads = all_head_statistics(trace);
  ASSERT_EQ(heads.size(), 1u);
  EXPECT_NEAR(heads[0].entropy, std::log(2.0) / 2, 1e-6);
  EXPECT_NEAR(heads[0].first, 0.75, 1e-6);
  EXPECT_NEAR(heads[0].sink, 0.75, 1e-6);
  EXPECT_EQ(heads[0].sink_key, 0);
  EXPECT_NEAR(heads[0].previous, 0.5, 1e-6) << "the first row has no previous token";
  EXPECT_NEAR(heads[0].previous_token, 0.25, 1e-6);
}

// Against the formulas written out slowly in double.
TEST(AllHeadStatistics, AgreeWithTheFormulasWrittenOut) {
  const Index n = 37;
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(0, 1);
  std::vector<std::vector<Matrix>> layers(2, std::vector<Matrix>(3));
  for (auto& layer : layers)
    for (Matrix& head : layer) {
      head = Matrix::NullaryExpr(n, n, [&] { return std::pow(uniform(random), 6.0f); });
      head = head.triangularView<Eigen::Lower>().toDenseMatrix();
      for (Index i = 0; i < n; ++i) head.row(i) /= head.row(i).sum();
    }
  const Trace trace = hand_made_trace(layers, std::vector<std::string>(n, "x"));
  for (const HeadStatistics& head : all_head_statistics(trace)) {
    const Matrix& a =
        layers[static_cast<std::size_t>(head.head.layer)][static_cast<std::size_t>(head.head.head)];
    double entropy = 0, distance = 0, confidence = 0, self = 0;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) {
        const double p = a(i, j);
        if (p > 0) entropy -= p * std::log(p) / n;
        distance += p * std::abs(i - j) / n;
      }
      confidence += a.row(i).maxCoeff() / n;
      self += a(i, i) / n;
    }
    EXPECT_NEAR(head.entropy, entropy, 1e-5);
    EXPECT_NEAR(head.distance, distance, 1e-4);
    EXPECT_NEAR(head.confidence, confidence, 1e-5);
    EXPECT_NEAR(head.self, self, 1e-5);
  }
}

TEST(AllHeadStatistics, AreTheSameWhereNoDenseWeightsAreKept) {
  RandomModel wish;
  wish.shape = RandomModel::Shape::decoder;
  wish.n_positions = 200;
  Inputs inputs;
  for (int i = 0; i < 150; ++i) inputs.ids.push_back(i * i % 20);
  PassOptions spare;
  spare.weights_budget_bytes = 0;
  const auto kept = run_pass(wish.build(), inputs), made = run_pass(wish.build(), inputs, {}, spare);
  ASSERT_FALSE(made->weights({Stack::decoder, 0, 0}));
  const std::vector<HeadStatistics> a = all_head_statistics(*kept), b = all_head_statistics(*made);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t h = 0; h < a.size(); ++h)
    for (const Measure& measure : measures())
      EXPECT_EQ(a[h].*measure.value, b[h].*measure.value) << measure.key;
}

TEST(SinkShareOfHeads, CountsHeadsThatRestOnTheFirstToken) {
  const Matrix sink = matrix_of({{1, 0}, {.9f, .1f}}), other = matrix_of({{0, 1}, {0, 1}});
  const std::vector<HeadStatistics> heads = all_head_statistics(hand_made_trace({{sink, other}}, {"a", "b"}));
  EXPECT_DOUBLE_EQ(sink_share_of_heads(heads), 0.5);
}

TEST(HeadAverages, CountEachTextOnce) {
  const Matrix first = matrix_of({{1, 0}, {1, 0}}), second = matrix_of({{.5f, .5f}, {.5f, .5f}});
  HeadAverages averages;
  averages.add(all_head_statistics(hand_made_trace({{first}}, {"a", "b"})));
  averages.add(all_head_statistics(hand_made_trace({{second}}, {"a", "b"})));
  EXPECT_EQ(averages.n_texts(), 2);
  const Interval share = averages.interval({Stack::encoder, 0, 0}, *find_measure("first"));
  EXPECT_NEAR(share.mean, 0.75, 1e-6);
  EXPECT_EQ(share.n, 2);
}

TEST(Measures, HaveUniqueKeysThatCanBeFound) {
  for (const Measure& measure : measures()) EXPECT_EQ(find_measure(measure.key), &measure);
  EXPECT_EQ(find_measure("beauty"), nullptr);
}

TEST(PatternOf, ADetectorsMeasureIsTheShareOfTheHeadOnItsPattern) {
  const Matrix a = matrix_of({{1, 0, 0, 0}, {.5f, .5f, 0, 0}, {.25f, .5f, .25f, 0}, {.1f, .6f, .2f, .1f}});
  const Trace trace = hand_made_trace({{a}}, {"x", "y", "x", "y"});
  const HeadStatistics head = all_head_statistics(trace).front();
  for (const char* key : {"previous_token", "duplicate_token", "induction"}) {
    const Measure& measure = *find_measure(key);
    const Matrix pattern = pattern_of(measure, trace, head);
    ASSERT_EQ(pattern.size(), 16) << key;
    EXPECT_NEAR(a.cwiseProduct(pattern).sum() / a.sum(), head.*measure.value, 1e-6) << key;
  }
}

TEST(PatternOf, SelfIsTheDiagonalASinkItsColumnAndEntropyHasNone) {
  const Matrix a = matrix_of({{.2f, .8f}, {.1f, .9f}});
  const Trace trace = hand_made_trace({{a}}, {"x", "y"});
  const HeadStatistics head = all_head_statistics(trace).front();
  EXPECT_EQ(pattern_of(*find_measure("self"), trace, head), matrix_of({{1, 0}, {0, 1}}));
  EXPECT_EQ(pattern_of(*find_measure("next"), trace, head), matrix_of({{0, 1}, {0, 0}}));
  EXPECT_EQ(pattern_of(*find_measure("sink"), trace, head), matrix_of({{0, 1}, {0, 1}}));
  EXPECT_EQ(pattern_of(*find_measure("entropy"), trace, head).size(), 0);
}

}  // namespace
}  // namespace attn

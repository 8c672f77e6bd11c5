#include "app/views/shown_matrix.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stage.h"

namespace attn::app {
namespace {

constexpr HeadId kPointing{Stack::encoder, 1, 0};

TEST(ShownMatrix, RowsStillSumToOneWhenTokensAreLeftOut) {
  const Frame frame = hand_made_frame(animal_sentence());
  const auto shown = make_shown_matrix(*frame.a, kPointing, {.hide_first = true});
  ASSERT_TRUE(shown);
  EXPECT_TRUE(shown->renormalised);
  EXPECT_EQ(shown->n_columns(), 11);
  EXPECT_EQ(shown->columns.front(), "animal");
  EXPECT_EQ(shown->row_of[0], -1);
  for (Index r = 0; r < shown->values.rows(); ++r) EXPECT_NEAR(shown->values.row(r).sum(), 1.0f, 1e-5f);
}

TEST(ShownMatrix, ACausalModelsLaterKeysAreMaskedAndItsZerosAreNot) {
  HandMade made = animal_sentence();
  made.causal = true;
  const Frame frame = hand_made_frame(made);
  const auto shown = make_shown_matrix(*frame.a, kPointing, {});
  ASSERT_TRUE(shown);
  for (int q = 0; q < shown->n_rows(); ++q)
    for (int k = 0; k < shown->n_columns(); ++k) EXPECT_EQ(std::isnan(shown->values(q, k)), k > q);
}

TEST(ShownMatrix, OnlyRowsOfWordsThatThePointingHeadWasAskedAboutAreSupervised) {
  const Frame frame = hand_made_frame(animal_sentence());
  const auto pointing = make_shown_matrix(*frame.a, kPointing, {});
  const auto other = make_shown_matrix(*frame.a, {Stack::encoder, 0, 0}, {});
  ASSERT_TRUE(pointing && other);
  for (std::size_t row = 0; row < 12; ++row) {
    EXPECT_EQ(pointing->supervised[row], pointing->rows[row] == "it");
    EXPECT_TRUE(other->supervised[row]);
  }
}

TEST(ShownMatrix, PiecesOfOneWordBecomeOneRow) {
  Frame frame = hand_made_frame({{"un", "##like", "##ly", "cats"}, 2, 4});
  auto side = std::make_shared<Side>(*frame.a);
  auto trace = std::make_shared<Trace>(*side->trace);
  trace->words = {0, 0, 0, 1};
  side->trace = trace;
  const auto shown = make_shown_matrix(*side, kPointing, {.words_merged = true});
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->rows, (std::vector<std::string>{"unlikely", "cats"}));
  EXPECT_EQ(shown->row_of, (std::vector<int>{0, 0, 0, 1}));
  EXPECT_EQ(shown->query_of, (std::vector<int>{0, 3}));
  for (Index r = 0; r < 2; ++r) EXPECT_NEAR(shown->values.row(r).sum(), 1.0f, 1e-5f);
}

TEST(ShownMatrix, AHeadWhoseWeightsAreNotThereYetIsNothing) {
  const Frame frame = hand_made_frame(animal_sentence());
  EXPECT_FALSE(make_shown_matrix(*frame.a, {Stack::encoder, 9, 0}, {}));
}

TEST(ShownMatrix, OtherValuesAreShownAsTheyAreAndNeverRenormalised) {
  const Frame frame = hand_made_frame(animal_sentence());
  const Index n = static_cast<Index>(frame.a->trace->tokens.size());
  const Matrix lengths = Matrix::Constant(n, n, 3.0f);
  const auto shown = make_shown_matrix(*frame.a, kPointing, {.hide_first = true}, &lengths);
  ASSERT_TRUE(shown);
  EXPECT_FALSE(shown->renormalised);
  EXPECT_EQ(shown->n_columns(), n - 1);
  EXPECT_EQ(shown->values.maxCoeff(), 3.0f);
  EXPECT_EQ(largest_of(*shown), 3.0f);
}

TEST(ShownMatrix, OneRowAloneKeepsItsToken) {
  const Frame frame = hand_made_frame(animal_sentence());
  const auto shown = make_shown_matrix(*frame.a, kPointing, {.only_query = 7});
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->rows, (std::vector<std::string>{"it"}));
  EXPECT_EQ(shown->query_of, (std::vector<int>{7}));
  EXPECT_EQ(shown->row_of[7], 0);
  EXPECT_EQ(shown->row_of[6], -1);
}

TEST(ShownMatrix, TheDifferenceOfAHeadFromItselfIsNothing) {
  const Frame frame = hand_made_frame(animal_sentence());
  const auto shown = make_shown_matrix(*frame.a, kPointing, {});
  const Difference difference = difference_of(*shown, *shown);
  EXPECT_EQ(difference.largest, 0);
  EXPECT_NEAR(difference.distance, 0, 1e-9);
}

}  // namespace
}  // namespace attn::app

#include "core/analysis/weighing.h"

#include <gtest/gtest.h>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "hand_made_trace.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

std::shared_ptr<const Trace> grouped_pass() {
  RandomModel wish;
  wish.n_kv_heads = 2;
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1, 5, 9};
  return run_pass(wish.build(), inputs);
}

// Slowly: the head opened up gives its values, and its part of the output for one value at a time.
TEST(ValueWeighted, IsTheWeightTimesTheLengthOfTheHeadsOwnValue) {
  const auto trace = grouped_pass();
  for (int h = 0; h < 4; ++h) {
    const HeadId id{Stack::encoder, 1, h};
    const HeadExplanation head = explain_head(*trace, id);
    const Matrix fast = value_weighted(*trace, id);
    for (Index i = 0; i < fast.rows(); ++i)
      for (Index j = 0; j < fast.cols(); ++j)
        EXPECT_NEAR(fast(i, j), head.weights(i, j) * head.values.row(j).norm(), 1e-5);
  }
}

TEST(NormWeighted, OfAHeadThatPointsAtOneKeyIsTheLengthOfItsPart) {
  RandomModel wish;
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1, 5, 9};
  Interventions hard;
  hard.softmax = SoftmaxSetting::hard;
  const auto trace = run_pass(wish.build(), inputs, hard);
  const HeadId id{Stack::encoder, 0, 2};
  const HeadExplanation head = explain_head(*trace, id);
  const Matrix norms = norm_weighted(*trace, id);
  int n_pointing = 0;
  for (Index i = 0; i < norms.rows(); ++i) {
    Index key = 0;
    if (head.weights.row(i).maxCoeff(&key) < 1) continue;
    ++n_pointing;
    EXPECT_NEAR(norms(i, key), head.part.row(i).norm(), 1e-4);
    EXPECT_NEAR(norms.row(i).sum(), norms(i, key), 1e-6);
  }
  EXPECT_GT(n_pointing, 0);
}

TEST(FusedNorms, OfOneHeadAreItsNorms) {
  RandomModel wish;
  wish.n_heads = wish.n_kv_heads = 1;
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1};
  const auto trace = run_pass(wish.build(), inputs);
  EXPECT_LT((fused_norms(*trace, Stack::encoder, 0) - norm_weighted(*trace, {Stack::encoder, 0, 0}))
                .cwiseAbs()
                .maxCoeff(),
            1e-5);
}

TEST(FusedNorms, AreAtMostTheSumOfTheHeadsNorms) {
  const auto trace = grouped_pass();
  Matrix sum = Matrix::Zero(6, 6);
  for (int h = 0; h < 4; ++h) sum += norm_weighted(*trace, {Stack::encoder, 1, h});
  const Matrix fused = fused_norms(*trace, Stack::encoder, 1);
  EXPECT_LT((fused - sum).maxCoeff(), 1e-5);
  EXPECT_GT((sum - fused).maxCoeff(), 1e-3) << "vectors of different heads cancel";
}

TEST(Weighing, NeedsMoreThanARecording) {
  const Trace trace = hand_made_trace({{matrix_of({{1}})}}, {"a"});
  EXPECT_THROW(norm_weighted(trace, {Stack::encoder, 0, 0}), Error);
  EXPECT_THROW(value_weighted(trace, {Stack::encoder, 0, 0}), Error);
}

}  // namespace
}  // namespace attn

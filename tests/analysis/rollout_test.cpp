#include "core/analysis/rollout.h"

#include <gtest/gtest.h>

#include "core/math/error.h"
#include "hand_made_trace.h"

namespace attn {
namespace {

TEST(Rollout, OfOneLayerIsHalfTheMeanOfItsHeadsAndHalfTheTokenItself) {
  const Matrix a = matrix_of({{1, 0}, {1, 0}}), b = matrix_of({{0, 1}, {1, 0}});
  const std::vector<Matrix> layers = rollout(hand_made_trace({{a, b}}, {"x", "y"}), Stack::encoder);
  EXPECT_EQ(layers[0], matrix_of({{.75f, .25f}, {.5f, .5f}}));
}

TEST(Rollout, MultipliesLayersAndKeepsRowSums) {
  const Matrix back = matrix_of({{1, 0, 0}, {1, 0, 0}, {0, 1, 0}});
  const std::vector<Matrix> layers =
      rollout(hand_made_trace({{back}, {back}}, {"x", "y", "z"}), Stack::encoder);
  // z after two layers: half z, half y of layer 1, each of which is half itself and half what it looked at.
  EXPECT_EQ(Matrix(layers[1].row(2)), matrix_of({{.25f, .5f, .25f}}));
  for (Index i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(layers[1].row(i).sum(), 1);
}

TEST(Rollout, OfAHeadLooksThroughTheLayersBelow) {
  const Matrix back = matrix_of({{1, 0}, {1, 0}}), self = matrix_of({{1, 0}, {0, 1}});
  const Trace trace = hand_made_trace({{back}, {self}}, {"x", "y"});
  EXPECT_EQ(Matrix(rollout_of_head(trace, {Stack::encoder, 1, 0}).row(1)), matrix_of({{.5f, .5f}}));
  EXPECT_EQ(Matrix(rollout_of_head(trace, {Stack::encoder, 0, 0}).row(1)), matrix_of({{1, 0}}));
}

TEST(Rollout, UpToALayerIsThatLayerOfAll) {
  const Matrix back = matrix_of({{1, 0, 0}, {1, 0, 0}, {0, 1, 0}});
  const Trace trace = hand_made_trace({{back}, {back}, {back}}, {"x", "y", "z"});
  const std::vector<Matrix> layers = rollout(trace, Stack::encoder);
  for (int l = 0; l < 3; ++l)
    EXPECT_EQ(rollout_up_to(trace, Stack::encoder, l), layers[static_cast<std::size_t>(l)]);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(rollout_up_to(trace, Stack::encoder, 2, &cancel), Cancelled);
}

TEST(AttentionFlow, ThroughOneLayerIsTheCapacity) {
  const std::vector<Matrix> layers = {matrix_of({{.75f, .25f}, {.5f, .5f}})};
  EXPECT_FLOAT_EQ(attention_flow(layers, 0)(1), .25f);
}

TEST(AttentionFlow, ThroughTwoLayersIsBoundByTheNarrowestCut) {
  // From token 0 down: .5 to each; both reach input 0 by .25 and .75: min(.5, .25) + min(.5, .75) = .75.
  // Input 1: min(.5, .75) + min(.5, .25) = .75. More than rollout's .5, as flows do not share.
  const std::vector<Matrix> layers = {matrix_of({{.25f, .75f}, {.75f, .25f}}),
                                      matrix_of({{.5f, .5f}, {0, 1}})};
  const Row flow = attention_flow(layers, 0);
  EXPECT_FLOAT_EQ(flow(0), .75f);
  EXPECT_FLOAT_EQ(flow(1), .75f);
}

TEST(AttentionFlow, FindsWaysThatMustGiveWayToEachOther) {
  // Middle tokens 0 and 1 both reach 0; the query reaches them by .3 and .4 only: .7.
  const std::vector<Matrix> layers = {matrix_of({{1, 0, 0}, {1, 0, 0}, {0, 0, 1}}),
                                      matrix_of({{.3f, .4f, .3f}, {0, 1, 0}, {0, 0, 1}})};
  EXPECT_FLOAT_EQ(attention_flow(layers, 0)(0), .7f);
  EXPECT_FLOAT_EQ(attention_flow(layers, 1)(0), 1);
  EXPECT_FLOAT_EQ(attention_flow(layers, 1)(2), 0);
}

}  // namespace
}  // namespace attn

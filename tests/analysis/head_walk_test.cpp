#include "core/analysis/head_walk.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/math/error.h"
#include "hand_made_trace.h"
#include "models_of_all_kinds.h"

namespace attn {
namespace {

// body(pass, trace, head, query) for every kind of model, head and a few queries.
template <class F>
void for_heads(F body) {
  for (const KindOfPass& pass : passes_of_all_kinds()) {
    SCOPED_TRACE(pass.name);
    for (const Stack stack : pass.stacks)
      for (int layer = 0; layer < 2; ++layer)
        for (int head = 0; head < 4; ++head) body(*pass.trace, HeadId{stack, layer, head}, head % 3);
  }
}

const StackTrace& stack_of(const Trace& trace, Stack stack) {
  return stack == Stack::encoder ? trace.encoder : trace.decoder;
}

TEST(HeadWalk, EndsAtTheVeryRowThatEntersTheNextLayer) {
  for_heads([](const Trace& trace, const HeadId& id, int query) {
    const HeadWalk walk = walk_head(trace, id, query);
    const StackTrace& stack = stack_of(trace, id.stack);
    const std::size_t next = static_cast<std::size_t>(id.layer) + 1;
    const Matrix& recorded = next < stack.layers.size()     ? stack.layers[next]->input
                             : stack.before_norm.size() > 0 ? stack.before_norm
                                                            : stack.output;
    EXPECT_EQ(walk.next, Row(recorded.row(query))) << to_text(id, true);
  });
}

TEST(HeadWalk, BeginsAtTheTokensOwnSumAndWhatThePassReadsOfIt) {
  for_heads([](const Trace& trace, const HeadId& id, int query) {
    const HeadWalk walk = walk_head(trace, id, query);
    const StackTrace& stack = stack_of(trace, id.stack);
    EXPECT_EQ(walk.embedded, Row(stack.layers[0]->input.row(query)));
    Row sum = walk.word;
    if (walk.at_position.size() > 0) sum += walk.at_position;
    if (walk.type.size() > 0) sum += walk.type;
    for (const OverwrittenNumber& one : trace.interventions.numbers)
      if (one.place == NumberPlace::embedding_sum && one.token == query) sum[one.entry] = one.value;
    EXPECT_LT((sum - walk.summed).cwiseAbs().maxCoeff(), 1e-6f);
  });
}

TEST(HeadWalk, ItsMatricesMakeItsQueryKeyAndValue) {
  for_heads([](const Trace& trace, const HeadId& id, int query) {
    const HeadWalk walk = walk_head(trace, id, query, 1);
    const Row q = walk.read * walk.query_weight.transpose() + walk.query_bias;
    const Row k = walk.key_read * walk.key_weight.transpose() + walk.key_bias;
    const Row v = walk.key_read * walk.value_weight.transpose() + walk.value_bias;
    const Row& own_q = walk.query_plain.size() > 0 ? walk.query_plain : Row(walk.at.queries.row(0));
    const Row& own_k = walk.key_plain.size() > 0 ? walk.key_plain : Row(walk.at.keys.row(1));
    EXPECT_LT((q - own_q).cwiseAbs().maxCoeff(), 2e-5f) << to_text(id, true);
    EXPECT_LT((k - own_k).cwiseAbs().maxCoeff(), 2e-5f) << to_text(id, true);
    EXPECT_LT((v - walk.at.values.row(1)).cwiseAbs().maxCoeff(), 2e-5f) << to_text(id, true);
  });
}

TEST(HeadWalk, ProductsByDimensionAddUpToTheContentOfTheScores) {
  for_heads([](const Trace& trace, const HeadId& id, int query) {
    const HeadWalk walk = walk_head(trace, id, query);
    for (int k = 0; k < walk.n_keys(); ++k)
      EXPECT_NEAR(static_cast<double>(walk.dots(k)) * walk.scale, static_cast<double>(walk.at.content(0, k)),
                  1e-4)
          << to_text(id, true);
  });
}

TEST(HeadWalk, IsThatRowOfTheWholeHead) {
  for_heads([](const Trace& trace, const HeadId& id, int query) {
    const HeadWalk walk = walk_head(trace, id, query);
    const HeadExplanation whole = explain_head(trace, id);
    EXPECT_EQ(Row(walk.at.weights.row(0)), Row(whole.weights.row(query)));
    EXPECT_EQ(Row(walk.at.scores.row(0)), Row(whole.scores.row(query)));
    EXPECT_EQ(Row(walk.at.part.row(0)), Row(whole.part.row(query)));
    EXPECT_EQ(Row(walk.at.visible.row(0)), Row(whole.visible.row(query)));
  });
}

TEST(HeadWalk, WithItsOwnScaleAndTemperatureTheSoftmaxIsItsOwn) {
  for_heads([](const Trace& trace, const HeadId& id, int query) {
    const HeadWalk walk = walk_head(trace, id, query);
    if (walk.hard || walk.uniform || !walk.cells.empty()) return;
    const Row same = weights_if(walk, walk.scale, walk.temperature);
    EXPECT_LT((same - walk.at.weights.row(0)).cwiseAbs().maxCoeff(), 1e-5f) << to_text(id, true);
    EXPECT_NEAR(weights_if(walk, walk.scale, 1e6).maxCoeff(), 1.0f / walk.at.visible.sum(), 1e-4f);
  });
}

TEST(HeadWalk, LooksAtTheStrongestKeyWhereNoneIsChosen) {
  const KindOfPass pass = passes_of_all_kinds()[0];
  const HeadWalk walk = walk_head(*pass.trace, {Stack::encoder, 1, 0}, 2);
  EXPECT_EQ(walk.at.weights(0, walk.key), walk.at.weights.row(0).maxCoeff());
  EXPECT_EQ(walk_head(*pass.trace, {Stack::encoder, 1, 0}, 2, 5).key, 5);
}

TEST(HeadWalk, RefusesARecordingAndATokenThatIsNotThere) {
  const Trace recording = hand_made_trace({{matrix_of({{1}})}}, {"a"});
  EXPECT_THROW(walk_head(recording, {Stack::encoder, 0, 0}, 0), Error);
  const KindOfPass pass = passes_of_all_kinds()[0];
  EXPECT_THROW(walk_head(*pass.trace, {Stack::encoder, 0, 0}, 7), Error);
}

}  // namespace
}  // namespace attn

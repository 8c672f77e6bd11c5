#include "core/analysis/lens.h"

#include <gtest/gtest.h>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "core/model/load_model.h"
#include "hand_made_trace.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

std::shared_ptr<const Trace> pass_of(const RandomModel& wish) {
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1, 5, 9};
  if (wish.shape == RandomModel::Shape::both) inputs.target_ids = {2, 7, 1, 8};
  return run_pass(wish.build(), inputs);
}

RandomModel gpt_like() {
  RandomModel wish;
  wish.shape = RandomModel::Shape::decoder;
  wish.norm_place = NormPlace::before;
  wish.final_norm = true;
  return wish;
}

TEST(LogitLens, EndsWithWhatTheModelSays) {
  const auto trace = pass_of(gpt_like());
  const Matrix lens = logit_lens(*trace, 2);
  EXPECT_EQ(lens.rows(), 3);
  const std::vector<int> rows = {2};
  EXPECT_LT((lens.row(2) - compute_logits(*trace, rows).row(0)).cwiseAbs().maxCoeff(), 1e-5);
  EXPECT_GT((lens.row(0) - lens.row(2)).cwiseAbs().maxCoeff(), 1e-2);
}

TEST(LogitLens, AfterAnEmptyLayerSaysTheSameAsBefore) {
  RandomModel wish = gpt_like();
  Inputs inputs;
  inputs.ids = {3, 1, 4};
  const auto model = wish.build();
  const auto trace = run_pass(model, inputs, parse_interventions("attention 1=off; ffn 1=off", model->spec));
  const Matrix lens = logit_lens(*trace, 2);
  EXPECT_LT((lens.row(1) - lens.row(2)).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(LogitLens, NeedsAModelThatPredictsWords) {
  EXPECT_THROW(logit_lens(hand_made_trace({{matrix_of({{1}})}}, {"a"}), 0), Error);
  EXPECT_THROW(logit_lens(*pass_of(gpt_like()), 17), Error);
}

void expect_complete(const RandomModel& wish) {
  const auto trace = pass_of(wish);
  const int token = 3, target = 6, distractor = 11;
  const DirectContributions parts = direct_contributions(*trace, token, target, distractor);
  const std::vector<int> rows = {token};
  const Matrix logits = compute_logits(*trace, rows);
  EXPECT_NEAR(parts.total, logits(0, target) - logits(0, distractor), 2e-4);
}

TEST(DirectContributions, AddUpToTheDifferenceOfTheLogits) {
  expect_complete(gpt_like());
  RandomModel llama = gpt_like();
  llama.norm = NormKind::rms;
  llama.n_kv_heads = 2;
  llama.gated = true;
  expect_complete(llama);
  RandomModel parallel = gpt_like();
  parallel.parallel_residual = true;
  expect_complete(parallel);
}

TEST(DirectContributions, CountCrossAttentionToo) {
  RandomModel wish = gpt_like();
  wish.shape = RandomModel::Shape::both;
  expect_complete(wish);
  EXPECT_EQ(direct_contributions(*pass_of(wish), 1, 0, 1).heads.size(), 2u * 2u * 4u);
}

TEST(DirectContributions, OfTheModelsOwnWeightsAddUpToo) {
  for (const char* name : {"/golden/gpt2", "/golden/llama"}) {
    SCOPED_TRACE(name);
    Inputs inputs;
    inputs.ids = {3, 7, 5, 9, 2};
    const auto trace = run_pass(load_model(std::string(ATTN_TEST_DATA) + name), inputs);
    const std::vector<int> rows = {4};
    const Matrix logits = compute_logits(*trace, rows);
    EXPECT_NEAR(direct_contributions(*trace, 4, 8, 1).total, logits(0, 8) - logits(0, 1), 1e-3);
  }
}

TEST(DirectContributions, AddUpThroughNormsBehindTheBranchesToo) {
  expect_complete({});
  RandomModel both;
  both.norm_place = NormPlace::both;
  both.final_norm = true;
  expect_complete(both);
  RandomModel translator;
  translator.shape = RandomModel::Shape::both;
  expect_complete(translator);
}

TEST(DirectContributions, AddUpThroughTheOutputHeadOfBert) {
  const auto model = load_model(std::string(ATTN_SOURCE_DIR) + "/assets/models/pronouns-en");
  Inputs inputs;
  inputs.ids = {12, 40, 7, 99, 23, 5, 64, 8};
  for (const char* wish :
       {"", "head 1.2=zero", "stream 0 4:3=2; z 2.1 4:0=1", "residual 1=off", "norm 2=off"}) {
    const auto trace = run_pass(model, inputs, parse_interventions(wish, model->spec));
    const std::vector<int> rows = {4};
    const Matrix logits = compute_logits(*trace, rows);
    const DirectContributions parts = direct_contributions(*trace, 4, 50, 80);
    EXPECT_NEAR(parts.total, logits(0, 50) - logits(0, 80), 1e-3) << wish;
    EXPECT_EQ(parts.heads.size(), 12u);
  }
}

TEST(DirectContributions, AHeadThatIsOffAddsNothing) {
  const auto model = RandomModel().build();
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1, 5, 9};
  const auto trace = run_pass(model, inputs, parse_interventions("head 1.2=zero", model->spec));
  EXPECT_EQ(direct_contributions(*trace, 3, 6, 11).heads[6].value, 0);
  EXPECT_NE(direct_contributions(*trace, 3, 6, 11).heads[5].value, 0);
}

TEST(DirectContributions, AreRefusedForWordsThatAreNotThere) {
  EXPECT_THROW(direct_contributions(*pass_of(gpt_like()), 0, 1, 200), Error);
}

}  // namespace
}  // namespace attn

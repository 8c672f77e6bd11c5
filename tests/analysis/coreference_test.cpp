#include "core/analysis/coreference.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/model/model.h"
#include "hand_made_trace.h"

namespace attn {
namespace {

// the(0) dog(1) ##gy(2) cat(3) it(4)
const std::vector<std::string> kTokens = {"the", "dog", "##gy", "cat", "it"};
const Mention kDog{"doggy", 4, 9, {1, 2}}, kCat{"cat", 10, 13, {3}};
const std::vector<int> kIt = {4};

Matrix head_with(float to_dog1, float to_dog2, float to_cat, float dog_to_it = 0, float cat_to_it = 0) {
  Matrix m = Matrix::Zero(5, 5);
  m.row(4) << 1 - to_dog1 - to_dog2 - to_cat, to_dog1, to_dog2, to_cat, 0;
  m(1, 4) = dog_to_it;
  m(3, 4) = cat_to_it;
  return m;
}

TEST(RankHeads, PutsTheLargestMarginOfEitherSignFirst) {
  const Trace trace = hand_made_trace(
      {{head_with(.1f, .1f, .3f), head_with(.1f, 0, .8f)}, {head_with(.5f, .4f, 0)}}, kTokens);
  const std::vector<Mention> candidates = {kDog, kCat};
  const std::vector<HeadCoreference> heads = rank_heads(trace, Stack::encoder, kIt, candidates);
  ASSERT_EQ(heads.size(), 3u);
  EXPECT_EQ(heads[0].head, (HeadId{Stack::encoder, 1, 0}));
  EXPECT_EQ(heads[1].head, (HeadId{Stack::encoder, 0, 1}));
  EXPECT_EQ(heads[2].head, (HeadId{Stack::encoder, 0, 0}));
}

TEST(RankHeads, SumsOverTheTokensOfACandidateAndAveragesOverItsRows) {
  const Trace trace =
      hand_made_trace({{head_with(.5f, .25f, .125f, .5f, .25f), head_with(0, 0, 1)}}, kTokens);
  const std::vector<Mention> candidates = {kDog, kCat};
  const std::vector<HeadCoreference> heads = rank_heads(trace, Stack::encoder, kIt, candidates);
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[0].head, (HeadId{Stack::encoder, 0, 1}));
  EXPECT_DOUBLE_EQ(heads[0].margin, -1);
  EXPECT_EQ(heads[1].to_candidates, (std::vector<double>{0.75, 0.125}));
  EXPECT_EQ(heads[1].from_candidates, (std::vector<double>{0.25, 0.25}));
  EXPECT_DOUBLE_EQ(heads[1].margin, 0.625);
}

TEST(SignedMargin, IsTheFirstMinusTheBestOfTheOthers) {
  const std::vector<double> three = {.5, .25, .75}, one = {.5};
  EXPECT_DOUBLE_EQ(signed_margin(three), -0.25);
  EXPECT_DOUBLE_EQ(signed_margin(one), 0.5);
}

TEST(CoreferenceAnswer, ASmallLeadIsUndecided) {
  EXPECT_EQ((CoreferenceAnswer{"pointer", {.04, .01}, {}}.decided()), std::nullopt);
  EXPECT_EQ((CoreferenceAnswer{"pointer", {.04, .01}, {}}.best()), 0);
  EXPECT_EQ((CoreferenceAnswer{"pointer", {.2, .7, .5}, {}}.decided()), 1);
  EXPECT_NEAR((CoreferenceAnswer{"pointer", {.2, .7, .5}, {}}.lead()), .2, 1e-12);
  EXPECT_EQ((CoreferenceAnswer{"substitution", {-20, -20.05}, {}}.decided()), std::nullopt);
  EXPECT_EQ((CoreferenceAnswer{"substitution", {-21, -20}, {}}.decided()), 1);
  EXPECT_EQ((CoreferenceAnswer{"pointer", {.03}, {}}.decided()), std::nullopt) << "hardly looked at";
  EXPECT_EQ((CoreferenceAnswer{"pointer", {}, "off"}.decided()), std::nullopt);
}

TEST(AttentionScoreAnswer, OnlyTheStrongestCandidateOfAHeadKeepsItsWeight) {
  // Klein & Nabi 2019: heads (0.5, 0.25), (0.25, 0.5), (0.75, 0): kept 0.5 + 0.75 against 0.5.
  std::vector<HeadCoreference> heads(3);
  heads[0].to_candidates = {.5, .25};
  heads[1].to_candidates = {.25, .5};
  heads[2].to_candidates = {.75, 0};
  for (HeadCoreference& head : heads) head.from_candidates = {0, 1};
  const CoreferenceAnswer answer = attention_score_answer(heads, MasDirection::from_pronoun);
  ASSERT_EQ(answer.scores.size(), 2u);
  EXPECT_DOUBLE_EQ(answer.scores[0], 1.25 / 1.75);
  EXPECT_DOUBLE_EQ(answer.scores[1], 0.5 / 1.75);
  EXPECT_EQ(answer.best(), 0);
  EXPECT_EQ(answer.method, "mas");
  EXPECT_EQ(attention_score_answer(heads, MasDirection::from_candidate).best(), 1);
}

std::shared_ptr<const Model> pointer_model() {
  auto model = std::make_shared<Model>();
  model->spec.encoder.emplace();
  model->spec.pointer = PointerSpec{0, 1, {"it"}};
  return model;
}

TEST(PointerAnswer, IsTheWeightOfThePointingHead) {
  Trace trace = hand_made_trace({{head_with(0, 0, 1), head_with(.5f, .25f, .125f)}}, kTokens);
  trace.model = pointer_model();
  const std::vector<Mention> candidates = {kDog, kCat};
  const CoreferenceAnswer answer = pointer_answer(trace, kIt, candidates);
  EXPECT_EQ(answer.scores, (std::vector<double>{0.75, 0.125}));
  EXPECT_EQ(answer.best(), 0);
}

TEST(PointerAnswer, IsSilentWhenThePointingHeadIsOff) {
  Trace trace = hand_made_trace({{head_with(0, 0, 1), head_with(.5f, .25f, .125f)}}, kTokens);
  trace.model = pointer_model();
  trace.interventions.heads_off[{Stack::encoder, 0, 1}] = HeadOff::zero;
  const std::vector<Mention> candidates = {kDog, kCat};
  const CoreferenceAnswer answer = pointer_answer(trace, kIt, candidates);
  EXPECT_FALSE(answer.best());
  EXPECT_NE(answer.why_not.find("L0·H1"), std::string::npos);
}

TEST(PointerAnswer, IsSilentForAModelWithoutAPointer) {
  const Trace trace = hand_made_trace({{head_with(0, 0, 1)}}, kTokens);
  const std::vector<Mention> candidates = {kDog, kCat};
  EXPECT_FALSE(pointer_answer(trace, kIt, candidates).best());
  EXPECT_FALSE(pointer_answer(trace, kIt, candidates).why_not.empty());
}

TEST(CoreferenceJson, HasTheFieldsThatTheCommandPromises) {
  CoreferenceReport report;
  report.model = "pronouns-en";
  report.text = "the doggy cat it";
  report.tokens = kTokens;
  report.pronoun = {"it#1", 14, 16, {4}};
  report.candidates = {kDog, kCat};
  report.answer = {"pointer", {0.75, 0.125}, ""};
  report.heads = {{{Stack::encoder, 0, 1}, {0.75, 0.125}, {0.25, 0.5}, 0.625}};
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["pronoun"]["token"], "it");
  EXPECT_EQ(json["pronoun"]["index"], 4);
  EXPECT_EQ(json["candidates"][0]["indices"], (std::vector<int>{1, 2}));
  EXPECT_EQ(json["candidates"][1]["score"], 0.125);
  EXPECT_EQ(json["answer"], "doggy");
  EXPECT_EQ(json["method"], "pointer");
  EXPECT_EQ(json["heads"][0]["head"], "L0·H1");
  EXPECT_EQ(json["heads"][0]["head_index"], 1);
  EXPECT_EQ(json["heads"][0]["from_candidates"][1], 0.5);
  EXPECT_EQ(json["heads"][0]["margin"], 0.625);
}

TEST(CoreferenceJson, SaysNullWhereTheMethodCannotAnswer) {
  CoreferenceReport report;
  report.candidates = {kDog};
  report.answer = {"pointer", {}, "off"};
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_TRUE(json["answer"].is_null());
  EXPECT_TRUE(json["candidates"][0]["score"].is_null());
}

}  // namespace
}  // namespace attn

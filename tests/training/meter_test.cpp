#include "core/training/meter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/math/error.h"
#include "core/training/batch_sampler.h"
#include "core/training/evaluate.h"
#include "core/training/recipe.h"
#include "core/training/trainer.h"

namespace attn {
namespace {

Recipe small_recipe() {
  Recipe recipe;
  recipe.name = "small";
  recipe.grammar = "small.grammar";
  recipe.n_layers = 2;
  recipe.n_heads = 2;
  recipe.d_model = 16;
  recipe.d_ff = 32;
  recipe.batch = 16;
  recipe.optimiser.n_steps = 40;
  return recipe;
}

std::filesystem::path assets() {
  return std::filesystem::path(ATTN_SOURCE_DIR) / "assets";
}

std::shared_ptr<const Grammar> english() {
  return std::make_shared<const Grammar>(Grammar::load(assets() / "recipes" / "english.grammar"));
}

TEST(Meter, CountsWhatTheTableOfTheModelCardCounts) {
  const auto grammar = english();
  const Trainer trainer(small_recipe(), grammar, 1);
  const auto model = trainer.snapshot();
  const auto pairs = held_out_pairs(*grammar, {Draw::held_out, Draw::seen}, 60);
  const PronounScore score = score_head(*model, pairs, model->spec.pointer->layer, model->spec.pointer->head);
  const MeterReading reading = read_meter(*model, pairs);
  EXPECT_EQ(reading.n_pairs, 60);
  EXPECT_NEAR(reading.right, score.pairs_right * 60, 1e-9);
  EXPECT_NEAR(reading.sentences, score.sentences_right, 1e-9);
  EXPECT_NEAR(reading.weight, score.weight, 1e-5);
}

TEST(Meter, GivesTheSameAnswersOnManyThreadsAsOnOne) {
  const auto grammar = english();
  const auto model = Trainer(small_recipe(), grammar, 2).snapshot();
  const auto pairs = held_out_pairs(*grammar, {}, 70);
  Pool pool(3);
  EXPECT_EQ(read_meter(*model, pairs), read_meter(*model, pairs, {}, &pool));
}

TEST(Meter, UnderACausalMaskNoPairCanBeRight) {
  const auto grammar = english();
  const auto model = Trainer(small_recipe(), grammar, 3).snapshot();
  const std::vector<TwinPair> all = held_out_pairs(*grammar, {}, 60);
  std::vector<TwinPair> pairs;  // where the reason comes after the pronoun
  for (const TwinPair& pair : all)
    if (pair.first.reason_row > pair.first.questions.front().row &&
        pair.first.questions.front().row == pair.second.questions.front().row)
      pairs.push_back(pair);
  ASSERT_GT(pairs.size(), 10u);
  Interventions causal;
  causal.masks[Stack::encoder].kind = MaskKind::causal;
  EXPECT_EQ(read_meter(*model, pairs, causal).right, 0);
}

TEST(Meter, APointingHeadThatIsOffAnswersNothing) {
  const auto grammar = english();
  const auto model = Trainer(small_recipe(), grammar, 1).snapshot();
  const auto pairs = held_out_pairs(*grammar, {}, 20);
  Interventions off;
  off.heads_off[{Stack::encoder, model->spec.pointer->layer, model->spec.pointer->head}] = HeadOff::zero;
  const MeterReading reading = read_meter(*model, pairs, off);
  EXPECT_TRUE(reading.silent);
  EXPECT_EQ(reading.right, 0);
}

TEST(Meter, AFixedGuessNeverGetsBothTwins) {
  const auto grammar = english();
  const auto pairs = held_out_pairs(*grammar, {Draw::held_out, Draw::seen}, 200);
  EXPECT_EQ(guess_answers(pairs, Guess::first_noun).right, 0);
  EXPECT_NEAR(guess_answers(pairs, Guess::first_noun).sentences, 0.5, 1e-9);
}

TEST(Meter, RefusesModelsThatAreNotAskedAboutPronouns) {
  Recipe recipe = small_recipe();
  recipe.objective = Objective::stories;
  recipe.positions = PositionKind::rotary;
  recipe.norm_place = NormPlace::before;
  recipe.causal = true;
  const auto grammar = english();
  const auto model = Trainer(recipe, grammar, 1).snapshot();
  EXPECT_THROW(read_meter(*model, held_out_pairs(*grammar, {}, 2)), Error);
}

TEST(Question, AskedAtTheEndStandsOnceMoreAfterTheSentence) {
  Sentence sentence;
  sentence.ids = {5, 6, 9, 7};
  sentence.questions = {{2, {0}, {1}, 5}};
  ask_at_end(sentence);
  EXPECT_EQ(sentence.ids, (std::vector<int>{5, 6, 9, 7, 9}));
  EXPECT_EQ(sentence.questions.front().row, 4);
  EXPECT_EQ(sentence.questions.front().answers, std::vector<int>{0});
}

TEST(Training, WithoutItsPartsGoesOn) {
  const auto grammar = english();
  struct Case {
    const char* name;
    void (*change)(Recipe&);
    bool soon;  // learns within the few steps of this test
  };
  for (const Case& one : {Case{"no feed-forward", [](Recipe& r) { r.d_ff = 0; }, true},
                          Case{"additive", [](Recipe& r) { r.scoring = Scoring::additive; }, true},
                          Case{"at the end", [](Recipe& r) { r.causal = r.question_at_end = true; }, true},
                          Case{"no norm", [](Recipe& r) { r.norms = false; }, false},
                          Case{"no residual", [](Recipe& r) { r.residual = false; }, false}}) {
    Recipe recipe = small_recipe();
    one.change(recipe);
    Trainer trainer(recipe, grammar, 1);
    trainer.step();
    const double first = trainer.progress().loss;
    while (!trainer.finished()) trainer.step();
    EXPECT_TRUE(std::isfinite(trainer.progress().loss)) << one.name;
    if (one.soon) {
      EXPECT_LT(trainer.progress().loss, first) << one.name;
    }
  }
}

TEST(Recipe, SaysWhatItLeavesOut) {
  const Recipe recipe = parse_recipe(
      "name = x\ngrammar = y\nnorm = none\nresidual = off\nfeed forward = 0\nquestion = at the end\n",
      "x.recipe");
  EXPECT_FALSE(recipe.norms);
  EXPECT_FALSE(recipe.residual);
  EXPECT_EQ(recipe.d_ff, 0);
  EXPECT_TRUE(recipe.question_at_end);
  EXPECT_THROW(parse_recipe("name = x\ngrammar = y\nnorm = nowhere\n", "x.recipe"), Error);
}

}  // namespace
}  // namespace attn

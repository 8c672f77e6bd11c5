#include <gtest/gtest.h>

#include "app/look/words.h"
#include "app/views/steps/board.h"
#include "tests/analysis/models_of_all_kinds.h"

namespace attn::app {
namespace {

HeadWalk walk_of(const std::string& kind) {
  for (const KindOfPass& pass : passes_of_all_kinds())
    if (pass.name == kind) return walk_head(*pass.trace, {pass.stacks.back(), 1, 1}, 2);
  throw std::logic_error(kind);
}

std::string whole(const HeadWalk& walk, Step step) {
  std::string text;
  for (const FormulaPiece& piece : formula_of(walk, step)) text += piece.text;
  return text;
}

std::string lit(const HeadWalk& walk, Step step) {
  std::string text;
  for (const FormulaPiece& piece : formula_of(walk, step))
    if (piece.lit) text += piece.text;
  return text;
}

TEST(StepsFormula, SaysWhatThisModelDoes) {
  EXPECT_EQ(whole(walk_of("post-norm encoder"), Step::scale), "o = Σ softmax( mask( q · k / √4 ) ) · v");
  EXPECT_EQ(whole(walk_of("alibi"), Step::scale), "o = Σ softmax( mask( q · k / √4 − m·|i−j| ) ) · v");
  EXPECT_EQ(whole(walk_of("norm on both sides"), Step::scale),
            "o = Σ softmax( mask( cap( q · k / √4 ) ) ) · v");
  EXPECT_EQ(whole(walk_of("additive"), Step::products), "o = Σ softmax( mask( vₐ · tanh(q + k) / √4 ) ) · v");
  EXPECT_EQ(whole(walk_of("temperature"), Step::scale), "o = Σ softmax( mask( q · k / 2.00 ) ) · v");
  EXPECT_EQ(whole(walk_of("hard, mean and uniform"), Step::softmax),
            "o = Σ hardmax( mask( q · k / √4 ) ) · v");
  EXPECT_NE(whole(walk_of("rotary, grouped, gated"), Step::projections).find("R(i) W_Q x"),
            std::string::npos);
  EXPECT_EQ(whole(walk_of("encoder-decoder"), Step::projections),
            "q = W_Q x + b_Q      k = W_K e + b_K      v = W_V e + b_V");
}

TEST(StepsFormula, LightsThePresentTermAlone) {
  const HeadWalk walk = walk_of("post-norm encoder");
  EXPECT_EQ(lit(walk, Step::products), "q · k");
  EXPECT_EQ(lit(walk, Step::scale), " / √4");
  EXPECT_EQ(lit(walk, Step::mask), "mask(  )");
  EXPECT_EQ(lit(walk, Step::softmax), "softmax(  )");
  EXPECT_EQ(lit(walk, Step::output), "W_O [o0, o1, o2, o3] + b_O");
}

TEST(StepsFormula, NamesTheMatricesAndBiasesThatTheNetworkHasAndNoOther) {
  HeadWalk walk = walk_of("post-norm encoder");
  walk.up_bias = walk.down_bias = false;
  EXPECT_EQ(whole(walk, Step::feed_forward), "x' = norm( y + W₂ act(W₁ y) )");
  EXPECT_EQ(code_of(walk, Step::feed_forward),
            (std::vector<std::string>{"h = act(W_1 @ y)", "x = norm(y + W_2 @ h)"}));
  walk.feed_forward.gated = true;
  EXPECT_EQ(whole(walk, Step::feed_forward), "x' = norm( y + W_d ( act(W_g y) × W_u y ) )");
  walk.up_bias = walk.down_bias = true;
  EXPECT_EQ(whole(walk, Step::feed_forward), "x' = norm( y + W_d ( act(W_g y) × (W_u y + b_u) ) + b_d )");
  EXPECT_EQ(code_of(walk, Step::feed_forward),
            (std::vector<std::string>{"h = act(W_g @ y) * (W_u @ y + b_u)", "x = norm(y + W_d @ h + b_d)"}));
}

TEST(StepsFormula, SaysOfTheFirstLayerThatNothingWasMixedInBefore) {
  HeadWalk walk = walk_of("post-norm encoder");
  EXPECT_EQ(explanation_key(walk, Step::start), "start");
  walk.head.layer = 0;
  EXPECT_EQ(explanation_key(walk, Step::start), "start_first");
}

TEST(StepsFormula, EveryStepOfEveryKindHasAFormulaCodeAndWords) {
  const Words english(Language::english), chinese(Language::chinese);
  for (const KindOfPass& pass : passes_of_all_kinds())
    for (const Stack stack : pass.stacks) {
      const HeadWalk walk = walk_head(*pass.trace, {stack, 0, 0}, 1);
      for (int i = 0; i < kSteps; ++i) {
        const auto step = static_cast<Step>(i);
        EXPECT_FALSE(formula_of(walk, step).empty());
        EXPECT_FALSE(code_of(walk, step).empty());
        const std::string key = "steps.explain." + explanation_key(walk, step);
        EXPECT_TRUE(english.has(key)) << key;
        EXPECT_TRUE(chinese.has(key)) << key;
      }
    }
}

TEST(Strip, FindsTheEntryUnderAPlace) {
  const Rect rect{10, 0, 50, 10};
  EXPECT_EQ(strip_entry(rect, 4, 10), 0);
  EXPECT_EQ(strip_entry(rect, 4, 29), 1);
  EXPECT_EQ(strip_entry(rect, 4, 49.9f), 3);
  EXPECT_EQ(strip_entry(rect, 4, 50), -1);
  EXPECT_EQ(strip_entry(rect, 4, 9), -1);
}

TEST(Strip, ReadsTheNumbersThatPeopleType) {
  EXPECT_EQ(parse_number("−0.5"), -0.5f);
  EXPECT_EQ(parse_number("-.5"), -0.5f);
  EXPECT_EQ(parse_number(" 2,25 "), 2.25f);
  EXPECT_EQ(parse_number("1e3"), 1000.0f);
  for (const char* wrong : {"", "-", ".", "a", "1.2.3", "nan", "inf", "1e7", "3 apples"})
    EXPECT_EQ(parse_number(wrong), std::nullopt) << wrong;
}

TEST(Strip, NumbersHaveATrueMinusAndZeroHasNone) {
  EXPECT_EQ(number_text(-1.25, 1), "−1.2");
  EXPECT_EQ(number_text(-0.001, 2), "0.00");
  EXPECT_EQ(number_text(3.456, 2), "3.46");
}

}  // namespace
}  // namespace attn::app

#include "core/study/affordable.h"

#include <gtest/gtest.h>

#include "core/math/worded_error.h"

namespace attn {
namespace {

// Two layers of four heads, without a limit of its own.
StackSpec small_stack() {
  StackSpec stack;
  stack.d_model = 32;
  LayerSpec layer;
  layer.self.n_heads = layer.self.n_kv_heads = 4;
  layer.self.d_head = 8;
  layer.feed_forward.d_ff = 64;
  stack.layers.assign(2, layer);
  return stack;
}

TEST(Affordable, TwiceTheTokensCostAboutFourTimesTheAttention) {
  const PassCost once = cost_of_pass(small_stack(), 1e5), twice = cost_of_pass(small_stack(), 2e5);
  EXPECT_NEAR(twice.bytes / once.bytes, 4, 0.1);
  EXPECT_NEAR(twice.operations / once.operations, 4, 0.1);
}

TEST(Affordable, WhatIsAllowedFitsIntoHalfOfWhatIsFree) {
  for (const std::uint64_t free : {1ull << 28, 1ull << 32, 1ull << 34}) {
    const int most = affordable_tokens(small_stack(), free);
    EXPECT_LE(cost_of_pass(small_stack(), most).bytes, static_cast<double>(free) / 2);
    EXPECT_GT(cost_of_pass(small_stack(), 1.2 * most).bytes, static_cast<double>(free) / 2);
  }
}

TEST(Affordable, AMillionTokensAreRefusedWithALengthThatWillDo) {
  ModelSpec spec;
  spec.encoder = small_stack();
  EXPECT_NO_THROW(check_affordable(spec, Stack::encoder, 4000));
  try {
    check_affordable(spec, Stack::encoder, 1'000'000);
    FAIL() << "nothing was refused";
  } catch (const WordedError& problem) {
    EXPECT_EQ(problem.wording().key, "text.too_much");
    EXPECT_NE(problem.wording().english.find("1000000 tokens"), std::string::npos);
  }
}

}  // namespace
}  // namespace attn

#include "core/study/study.h"

#include <gtest/gtest.h>

namespace attn {
namespace {

TEST(Twin, ExchangesTheWholeWordAndNotALongerOne) {
  EXPECT_EQ(twin_text("a tiredness, so tired.", {"tired", 0, "wide"}), "a tiredness, so wide.");
}

TEST(Twin, ExchangesTheOccurrenceThatWasMeant) {
  EXPECT_EQ(twin_text("old and old", {"old", 1, "new"}), "old and new");
}

TEST(Twin, FindsAWordInsideChineseTextWithoutSpaces) {
  EXPECT_EQ(twin_text("因为它太累了", {"累", 0, "宽"}), "因为它太宽了");
}

TEST(Twin, IsGoneWhenItsWordIsGone) {
  EXPECT_EQ(twin_text("the street", {"tired", 0, "wide"}), std::nullopt);
}

TEST(Twin, FlippingTwiceComesBack) {
  Study study;
  study.a.text = "it was tired";
  study.twin = Twin{"tired", 0, "wide"};
  EXPECT_EQ(study.shown().text, "it was tired");
  EXPECT_EQ(study.other()->text, "it was wide");
  study.flipped = true;
  EXPECT_EQ(study.shown().text, "it was wide");
  EXPECT_EQ(study.other()->text, "it was tired");
}

TEST(Suspended, WhatWasDoneToSingleTokensActsOnlyOnTheTextItWasDoneOn) {
  Subject subject;
  subject.text = "it was tired";
  subject.interventions.temperature = 2;
  subject.interventions.masks[Stack::encoder].blocked = {{0, 2}};
  subject.bound_text = subject.text;
  EXPECT_EQ(in_force(subject), subject.interventions);
  subject.text = "because it was tired";
  EXPECT_TRUE(is_suspended(subject));
  EXPECT_EQ(in_force(subject).temperature, 2);
  EXPECT_TRUE(in_force(subject).masks.empty());
  subject.text = "it was tired";
  EXPECT_EQ(in_force(subject), subject.interventions);
}

TEST(Suspended, WhatNamesNoTokenActsOnEveryText) {
  Subject subject;
  subject.text = "b";
  subject.bound_text = "a";
  subject.interventions.masks[Stack::encoder].kind = MaskKind::causal;
  EXPECT_EQ(in_force(subject), subject.interventions);
}

TEST(FollowToken, StaysOnItsWordWhenWordsAreInsertedBeforeIt) {
  EXPECT_EQ(follow_token({"it", "was", "tired"}, {"because", "it", "was", "tired"}, 0), 1);
}

TEST(FollowToken, StaysWhenWordsAreAddedAfterIt) {
  EXPECT_EQ(follow_token({"it", "was"}, {"it", "was", "so", "tired"}, 0), 0);
}

TEST(FollowToken, IsLostWithTheWordItselfAndKeptWhenTheWordIsRetyped) {
  EXPECT_EQ(follow_token({"a", "it", "b"}, {"a", "b"}, 1), -1);
  EXPECT_EQ(follow_token({"a", "it", "b"}, {"a", "they", "b"}, 1), 1);
}

}  // namespace
}  // namespace attn

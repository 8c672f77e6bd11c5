#include "app/views/attention_map/together.h"

#include <gtest/gtest.h>

#include "stage.h"

namespace attn::app {
namespace {

TEST(LinkedCell, CrossAttentionLooksFromTheTargetsTokensAtTheSources) {
  const StackCell cross{Stack::cross, 3, 5};
  EXPECT_EQ(linked_cell(cross, Stack::encoder), (StackCell{Stack::encoder, 5, -1}));
  EXPECT_EQ(linked_cell(cross, Stack::decoder), (StackCell{Stack::decoder, 3, -1}));
}

TEST(LinkedCell, ATokenOfOneSequenceIsTheRowOfItsStackAndOneSideOfTheCrossMap) {
  EXPECT_EQ(linked_cell({Stack::encoder, 2, 4}, Stack::cross), (StackCell{Stack::cross, -1, 2}));
  EXPECT_EQ(linked_cell({Stack::decoder, 2, 1}, Stack::cross), (StackCell{Stack::cross, 2, -1}));
  EXPECT_EQ(linked_cell({Stack::encoder, 2, 4}, Stack::decoder), (StackCell{Stack::decoder, -1, -1}));
  EXPECT_EQ(linked_cell({Stack::encoder, -1, 4}, Stack::cross), (StackCell{Stack::cross, -1, 4}));
}

TEST(LinkedCell, IsItselfInItsOwnStack) {
  const StackCell cell{Stack::decoder, 4, 1};
  EXPECT_EQ(linked_cell(cell, Stack::decoder), cell);
}

class Together : public StagedTest {
 protected:
  void SetUp() override {
    HandMade made{{"the", "cat", "sat"}};
    made.target = {"<s>", "le", "chat", "assis"};
    open(made);
  }
  const Selection& selection() const { return stage_->state.study().selection; }
};

TEST_F(Together, AClickOnAMapChoosesItsStackAndItsCell) {
  EXPECT_EQ(run("wait frames 3\nclick stacks.cross.2.1"), "");
  EXPECT_EQ(selection().head, (HeadId{Stack::cross, 1, 0}));
  EXPECT_EQ(selection().query, 2);
  EXPECT_EQ(selection().key, 1);
  EXPECT_EQ(run("wait frames 3\nclick stacks.decoder"), "");
  EXPECT_EQ(selection().head.stack, Stack::decoder);
  EXPECT_EQ(selection().query, -1);
}

TEST_F(Together, OneMapIsDrawnWhereThePersonWantsOne) {
  EXPECT_EQ(run("wait frames 3\nclick map.together\nwait frames 3\nclick map.cell.1.2"), "");
  EXPECT_FALSE(stage_->state.view.stacks_together);
  EXPECT_EQ(selection().key, 2);
}

TEST_F(Together, ValuesOtherThanWeightsAreShownAloneAndTheButtonSaysWhy) {
  stage_->state.view.map.values = MapValues::norms;
  EXPECT_EQ(run("wait frames 3\nexpect map.together disabled"), "");
}

}  // namespace
}  // namespace attn::app

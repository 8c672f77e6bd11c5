#include "app/state/app_state.h"

#include <gtest/gtest.h>

namespace attn::app {
namespace {

Study with_text(const std::string& text) {
  Study study;
  study.a.text = text;
  return study;
}

TEST(History, UndoGivesBackTheStudyBeforeAndRedoTheOneAfter) {
  History history(with_text("a"));
  history.change(with_text("b"), "");
  history.undo();
  EXPECT_EQ(history.present().a.text, "a");
  history.redo();
  EXPECT_EQ(history.present().a.text, "b");
}

TEST(History, TypingInOneFieldIsOneStep) {
  History history(with_text(""));
  for (const char* text : {"t", "ti", "tir"}) history.change(with_text(text), "typing");
  history.undo();
  EXPECT_EQ(history.present().a.text, "");
  EXPECT_FALSE(history.can_undo());
}

TEST(History, ANewChangeAfterUndoForgetsWhatWasUndone) {
  History history(with_text("a"));
  history.change(with_text("b"), "");
  history.undo();
  history.change(with_text("c"), "");
  EXPECT_FALSE(history.can_redo());
}

TEST(AppState, BindsWhatIsDoneToSingleTokensToTheSentenceShown) {
  AppState state(with_text("it was tired"));
  Intents block;
  block.edit([](Study& s) { s.a.interventions.masks[Stack::encoder].blocked = {{0, 1}}; });
  state.apply(block);
  EXPECT_EQ(state.study().a.bound_text, "it was tired");
  Intents type;
  type.edit([](Study& s) { s.a.text = "so it was tired"; });
  state.apply(type);
  EXPECT_TRUE(is_suspended(state.study().shown()));
  Intents reset;
  reset.edit([](Study& s) { s.a.interventions = {}; });
  state.apply(reset);
  EXPECT_TRUE(state.study().a.bound_text.empty());
}

TEST(AppState, AppliesEditsInOrderAndHandsBackTheProgramsCommands) {
  AppState state(with_text("a"));
  Intents intents;
  intents.edit([](Study& s) { s.a.text += "b"; });
  intents.edit([](Study& s) { s.a.text += "c"; });
  intents.look([](ViewState& v) { v.covered = true; });
  intents.ask(Command::save, "x.json");
  const auto left = state.apply(intents);
  EXPECT_EQ(state.study().a.text, "abc");
  EXPECT_TRUE(state.view.covered);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].second, "x.json");
}

}  // namespace
}  // namespace attn::app

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

TEST(History, AChangeAfterSavingIsUnsavedUntilItIsTakenBack) {
  History history(with_text("a"));
  EXPECT_FALSE(history.unsaved());
  history.change(with_text("b"), "");
  EXPECT_FALSE(history.unsaved());  // it was never given a name
  history.saved("b.json");
  EXPECT_FALSE(history.unsaved());
  history.change(with_text("c"), "");
  EXPECT_TRUE(history.unsaved());
  history.undo();
  EXPECT_FALSE(history.unsaved());
  history.undo();
  EXPECT_TRUE(history.unsaved());
  EXPECT_EQ(history.file(), "b.json");
}

TEST(History, UndoLeadsBackToTheFileOfTheDocumentBefore) {
  History history(with_text("a"));
  history.saved("a.json");
  history.begin(with_text("b"), "b.json");
  EXPECT_EQ(history.file(), "b.json");
  EXPECT_FALSE(history.unsaved());
  history.undo();
  EXPECT_EQ(history.present().a.text, "a");
  EXPECT_EQ(history.file(), "a.json");
  history.redo();
  EXPECT_EQ(history.file(), "b.json");
}

TEST(History, WhatTheProgramAddsNeedsNoSaving) {
  History history(with_text("a"));
  history.begin(with_text("b"), "b.json");
  Study chosen = with_text("b");
  chosen.selection.query = 3;
  history.amend(chosen);
  EXPECT_FALSE(history.unsaved());
  history.change(with_text("c"), "");
  history.amend(with_text("d"));
  EXPECT_TRUE(history.unsaved());
}

TEST(History, TypingAfterSavingIsAStepOfItsOwn) {
  History history(with_text(""));
  history.change(with_text("a"), "typing");
  history.saved("a.json");
  history.change(with_text("ab"), "typing");
  history.undo();
  EXPECT_EQ(history.present().a.text, "a");
  EXPECT_FALSE(history.unsaved());
}

}  // namespace
}  // namespace attn::app

#include "app/window/opening.h"

#include <gtest/gtest.h>

namespace attn::app {
namespace {

Study study_of(const std::string& model, const std::string& text) {
  Study study;
  study.a.model = model;
  study.a.text = text;
  return study;
}

// What the workers answered to `asked` while `drawn` was on the screen.
Frame answer_to(const Study& asked, const Study& drawn, Wording problem) {
  Frame frame;
  frame.study = asked;
  frame.problem = std::move(problem);
  auto side = std::make_shared<Side>();
  side->subject = drawn.a;
  auto trace = std::make_shared<Trace>();
  trace->complete = true;
  side->trace = std::move(trace);
  frame.a = std::move(side);
  return frame;
}

TEST(Opening, AModelThatCannotBeReadGivesWayToTheOneThatIsDrawn) {
  const Study drawn = study_of("pronouns-en", "It ran."), asked = study_of("/models/cut", "It ran.");
  const Settled settled = settle_opening(answer_to(asked, drawn, unworded("It is cut short.")), asked, drawn);
  ASSERT_EQ(settled.what, Settled::What::failed);
  EXPECT_EQ(settled.back, drawn);
  EXPECT_EQ(settled.problem.english, "It is cut short. Shown: pronouns-en.");
}

TEST(Opening, WhatWasTypedWhileAModelWasReadIsKept) {
  const Study drawn = study_of("pronouns-en", "It ran."), asked = study_of("/models/cut", "It ran away.");
  const Settled settled = settle_opening(answer_to(asked, drawn, unworded("It is cut short.")), asked, drawn);
  ASSERT_EQ(settled.what, Settled::What::failed);
  EXPECT_EQ(settled.back.a.model, "pronouns-en");
  EXPECT_EQ(settled.back.a.text, "It ran away.");
}

TEST(Opening, ASoundThatAModelOfWordsCannotReadGivesTheSentenceBack) {
  const Study drawn = study_of("pronouns-en", "It ran.");
  Study asked = study_of("pronouns-en", "");
  asked.a.input_file = "/sound.wav";
  const Frame frame = answer_to(asked, drawn, worded("media.words_not_sound", "It reads words."));
  const Settled settled = settle_opening(frame, asked, drawn);
  ASSERT_EQ(settled.what, Settled::What::failed);
  EXPECT_EQ(settled.back, drawn);
  EXPECT_EQ(settled.problem, frame.problem);
}

TEST(Opening, AModelOfPicturesWaitsForOneWithNothingDrawn) {
  const Study drawn = study_of("pronouns-en", "It ran."), asked = study_of("/models/vit", "It ran.");
  Frame frame = answer_to(asked, drawn, worded("media.needs_picture", "It reads pictures."));
  frame.a = nullptr;
  EXPECT_EQ(settle_opening(frame, asked, drawn).what, Settled::What::waits_for_input);
}

TEST(Opening, AnAnswerToAnotherStudySettlesNothing) {
  const Study drawn = study_of("pronouns-en", "It ran."), asked = study_of("/models/bert", "It ran.");
  EXPECT_EQ(settle_opening(answer_to(drawn, drawn, {}), asked, drawn).what, Settled::What::not_yet);
  EXPECT_EQ(settle_opening(answer_to(asked, drawn, {}), asked, drawn).what, Settled::What::there);
}

TEST(Opening, ATextThatCannotBeReadStaysWhereItWasTyped) {
  const Study drawn = study_of("pronouns-en", "It ran."), asked = study_of("pronouns-en", "It ran. It ran.");
  const Frame frame = answer_to(asked, drawn, worded("text.too_much", "It is too long."));
  EXPECT_EQ(settle_opening(frame, asked, drawn).what, Settled::What::stays);
}

}  // namespace
}  // namespace attn::app

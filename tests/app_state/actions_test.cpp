#include "app/state/actions.h"

#include <gtest/gtest.h>

#include <set>

#include "app/look/words.h"

namespace attn::app {
namespace {

TEST(Actions, EachHasItsOwnNameAndNoTwoShareAKey) {
  std::set<std::string_view> names, chords;
  for (const Action& action : all_actions()) {
    EXPECT_TRUE(names.insert(action.name).second) << action.name;
    if (action.chord.empty()) continue;
    EXPECT_TRUE(chords.insert(action.chord).second) << action.chord;
  }
}

TEST(Actions, EachHasWordsInBothLanguages) {
  for (const Language language : {Language::english, Language::chinese}) {
    const Words words(language);
    for (const Action& action : all_actions()) {
      EXPECT_TRUE(words.has("action." + std::string(action.name))) << action.name;
    }
  }
}

TEST(Actions, TokensStayInsideTheText) {
  EXPECT_EQ(moved_token(5, -1, 1), 0);
  EXPECT_EQ(moved_token(5, -1, -1), 4);
  EXPECT_EQ(moved_token(5, 4, 1), 4);
  EXPECT_EQ(moved_token(0, -1, 1), -1);
}

// What a clicker sends: PageDown and PageUp.
TEST(Actions, AClickersKeysWalkTheStepsAndStopAtTheEndsAndElsewhereDoNothing) {
  ASSERT_EQ(find_action("next_step")->chord, "PageDown");
  ASSERT_EQ(find_action("previous_step")->chord, "PageUp");
  const Study study;
  const Frame frame;
  const Desk desk;
  ViewState view;
  const auto press = [&](std::string_view action) {
    Intents intents;
    find_action(action)->act({study, view, frame, desk}, intents);
    for (const auto& look : intents.looks()) look(view);
  };
  press("next_step");
  EXPECT_EQ(view.steps.step, Step::start) << "the heads are shown, not the steps";
  view.tab = Tab::steps;
  press("previous_step");
  EXPECT_EQ(view.steps.step, Step::start);
  press("next_step");
  EXPECT_EQ(view.steps.step, Step::projections);
  for (int i = 0; i < 20; ++i) press("next_step");
  EXPECT_EQ(view.steps.step, Step::feed_forward);
  press("previous_step");
  EXPECT_EQ(view.steps.step, Step::residual);
}

}  // namespace
}  // namespace attn::app

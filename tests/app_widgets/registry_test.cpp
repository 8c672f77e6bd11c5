#include "app/widgets/registry.h"

#include <gtest/gtest.h>

#include "app/widgets/focus.h"

namespace attn::app {
namespace {

const Rect kPlace{0, 0, 10, 10};

TEST(Registry, FindsTheNamesThatWereMeant) {
  Registry registry;
  for (const char* name : {"controls.mask.causal", "controls.mask.none", "sentence", "grid.0.1"})
    registry.add(name, "button", "", kPlace, kPlace, 0);
  EXPECT_EQ(registry.names_near("controls.mask.causl", 1), std::vector<std::string>{"controls.mask.causal"});
  EXPECT_EQ(registry.names_near("sentense", 1), std::vector<std::string>{"sentence"});
}

TEST(Registry, DoesNotFindTextsThatAreOutOfSight) {
  Registry registry;
  registry.add("", "text", "hidden words", kPlace, Rect{}, 0);
  EXPECT_EQ(registry.find_text("words"), nullptr);
  registry.add("", "text", "shown words", kPlace, kPlace, 0);
  ASSERT_NE(registry.find_text("words"), nullptr);
  EXPECT_EQ(registry.find_text("words")->text, "shown words");
}

TEST(Registry, ForgetsTheLastFrame) {
  Registry registry;
  registry.add("a", "toggle", "text", kPlace, kPlace, 0).state = "on";
  registry.clear();
  EXPECT_EQ(registry.find("a"), nullptr);
  EXPECT_EQ(registry.add("b", "toggle", "", kPlace, kPlace, 0).state, "");
}

TEST(Registry, KnowsWhatLiesOnTop) {
  Registry registry;
  registry.add("popup", "surface", "", {0, 0, 5, 5}, {0, 0, 5, 5}, 1);
  EXPECT_EQ(registry.layer_at(2, 2), 1);
  EXPECT_EQ(registry.layer_at(7, 7), 0);
}

class Focus : public testing::Test {
 protected:
  void add(const char* name, int layer = 0) {
    registry_.add(name, "button", "", kPlace, kPlace, layer).focusable = true;
  }
  void press(const char* chord) {
    Keys keys;
    keys.presses = {{parse_chord(chord), false}};
    move_focus(registry_, keys, false, memory_);
  }
  Registry registry_;
  WidgetMemory memory_;
};

TEST_F(Focus, GoesAroundWithTabAndBackWithShift) {
  add("a"), add("b"), add("c");
  std::string visited;
  for (int i = 0; i < 4; ++i) press("Tab"), visited += memory_.focused;
  EXPECT_EQ(visited, "abca");
  press("Shift+Tab");
  EXPECT_EQ(memory_.focused, "c");
}

TEST_F(Focus, StaysInsideThePopupOnTopAndReturnsWhenItCloses) {
  add("a"), add("b");
  press("Tab");
  registry_.add("popup", "surface", "", kPlace, kPlace, 1);
  add("item.1", 1), add("item.2", 1);
  press("F1");
  EXPECT_EQ(memory_.focused, "item.1");
  press("Tab"), press("Tab");
  EXPECT_EQ(memory_.focused, "item.1");
  registry_.clear();
  add("a"), add("b");
  press("F1");
  EXPECT_EQ(memory_.focused, "a");
}

TEST_F(Focus, EnterPressesOnlyWhatTheKeyboardChose) {
  add("a");
  press("Enter");
  EXPECT_FALSE(memory_.press_focused);
  press("Tab"), press("Enter");
  EXPECT_TRUE(memory_.press_focused);
  press("F1");
  EXPECT_FALSE(memory_.press_focused);
}

}  // namespace
}  // namespace attn::app

#include "app/window/input_queue.h"

#include <gtest/gtest.h>

namespace attn::app {
namespace {

using Kind = InputEvent::Kind;

class Queue : public testing::Test {
 protected:
  Queue() : context_(ImGui::CreateContext()) { describe_keys(ImGui::GetIO()); }
  ~Queue() override { ImGui::DestroyContext(context_); }
  void key(Key key, bool down) { queue_.push({.kind = Kind::key, .key = key, .down = down}); }
  void frame() { queue_.apply(ImGui::GetIO(), keys_, wide_, typed_wide_); }

  ImGuiContext* context_;
  InputQueue queue_;
  Keys keys_;
  WideText wide_;
  std::string typed_wide_;
};

TEST_F(Queue, TenTapsBetweenTwoFramesAreTenPresses) {
  for (int i = 0; i < 10; ++i) key(Key::a, true), key(Key::a, false);
  int presses = 0;
  for (int i = 0; i < 40 && !queue_.empty(); ++i) frame(), presses += static_cast<int>(keys_.presses.size());
  EXPECT_EQ(presses, 10);
}

TEST_F(Queue, AKeyKeepsTheModifierItWasPressedWith) {
  key(Key::control, true), key(Key::a, true), key(Key::a, false), key(Key::control, false), key(Key::b, true);
  std::vector<std::string> pressed;
  for (int i = 0; i < 10 && !queue_.empty(); ++i) {
    frame();
    for (const Keys::Press& press : keys_.presses) pressed.push_back(to_text(press.chord));
  }
  EXPECT_EQ(pressed, (std::vector<std::string>{"Ctrl+A", "B"}));
}

TEST_F(Queue, OnlyTheLastOfSeveralMovesCounts) {
  for (int i = 0; i < 100; ++i) queue_.push({.kind = Kind::move, .x = static_cast<float>(i)});
  queue_.push({.kind = Kind::button, .down = true});
  queue_.push({.kind = Kind::move, .x = 500});
  frame();
  EXPECT_TRUE(queue_.mouse_went_down());
  EXPECT_FALSE(queue_.empty()) << "the pointer left before the press was drawn";
  frame();
  EXPECT_TRUE(queue_.empty());
}

TEST_F(Queue, LosingTheFocusLetsEveryKeyGo) {
  key(Key::control, true);
  queue_.push({.kind = Kind::focus_lost});
  key(Key::s, true);
  for (int i = 0; i < 5 && !queue_.empty(); ++i) frame();
  EXPECT_TRUE(keys_.pressed(parse_chord("S")));
  EXPECT_FALSE(keys_.pressed(parse_chord("Ctrl+S")));
}

TEST_F(Queue, TypedCharactersKeepTheirOrderAroundOneThatImGuiWouldDrop) {
  for (const char32_t c : U"a😀b")
    if (c) queue_.push({.kind = Kind::character, .character = c});
  std::u32string typed;
  for (int i = 0; i < 5 && !queue_.empty(); ++i) {
    frame();
    typed += keys_.typed;
    if (sizeof(ImWchar) == 2 && keys_.has_typed(U'😀')) {
      EXPECT_EQ(keys_.typed.size(), 1u);
    }
  }
  EXPECT_EQ(typed, U"a😀b");
  EXPECT_EQ(wide_.decode(std::string_view(typed_wide_)), sizeof(ImWchar) == 2 ? "😀" : "");
}

}  // namespace
}  // namespace attn::app

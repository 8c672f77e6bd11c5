#include "app/widgets/keys.h"

#include <gtest/gtest.h>

namespace attn::app {
namespace {

TEST(Chord, IsReadAndWrittenTheSameWay) {
  for (const char* text :
       {"Ctrl+Shift+P", "Left", "F3", "Ctrl++", "+", "-", "Alt+1", "Shift+Tab", "Ctrl+Z", "?"}) {
    const Chord chord = parse_chord(text);
    if (std::string(text) == "?")
      EXPECT_EQ(chord.key, Key::none);
    else
      EXPECT_EQ(to_text(chord), text);
  }
  EXPECT_EQ(parse_chord("ctrl+z"), (Chord{.key = Key::z, .control = true}));
  EXPECT_EQ(parse_chord("Ctrl+=").key, Key::plus);
}

TEST(Chord, IsNoneWhenItIsNotOne) {
  for (const char* text : {"", "Ctrl+", "Hyper+A", "Ctrl+Nothing", "Ctrl+Shift"})
    EXPECT_EQ(parse_chord(text).key, Key::none) << text;
}

TEST(Keys, TellAPressFromItsRepetition) {
  Keys keys;
  keys.presses = {{parse_chord("Left"), true}};
  EXPECT_TRUE(keys.pressed(parse_chord("Left")));
  EXPECT_FALSE(keys.pressed(parse_chord("Left"), false));
  EXPECT_FALSE(keys.pressed(parse_chord("Shift+Left")));
}

}  // namespace
}  // namespace attn::app

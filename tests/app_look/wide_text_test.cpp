#include "app/look/wide_text.h"

#include <gtest/gtest.h>

#include "app/look/utf8.h"

namespace attn::app {
namespace {

TEST(WideText, ComesBackAsItWas) {
  WideText wide;
  for (const std::string text :
       {"", "plain", "动物 é", "a😀b𠮷c😀", "private \uE000 \uF8FF", "\xEF\xBB\xBF bom"})
    EXPECT_EQ(wide.decode(wide.encode(text)), text);
}

TEST(WideText, HidesEveryCodePointThatSixteenBitsCannotHold) {
  WideText wide;
  const std::string inside = wide.encode(std::string_view("a😀𠮷\uE123"));
  for (std::size_t at = 0; at < inside.size();) EXPECT_LE(next_code_point(inside, at), 0xFFFFu);
  EXPECT_EQ(wide.encode(std::string_view("ascii 动物")), "ascii 动物");
}

TEST(WideText, GivesTheSameStandInToTheSameCodePoint) {
  WideText wide;
  EXPECT_EQ(wide.encode(U'😀'), wide.encode(U'😀'));
  EXPECT_NE(wide.encode(U'😀'), wide.encode(U'😁'));
}

TEST(WideText, SaysWhenItHasNoMoreRoom) {
  WideText wide;
  for (char32_t c = 0; c < 6400; ++c) EXPECT_NE(wide.encode(0x20000 + c), 0xFFFDu);
  EXPECT_EQ(wide.encode(char32_t{0x30000}), 0xFFFDu);
}

TEST(Utf8, ReadsABrokenByteAsOneReplacementCharacter) {
  const std::string text =
      "a\xFF"
      "b\xE4\xBD";
  std::size_t at = 0;
  std::u32string read;
  while (at < text.size()) read.push_back(next_code_point(text, at));
  EXPECT_EQ(read, U"a\uFFFDb\uFFFD\uFFFD");
}

TEST(Utf8, NamesCodePoints) {
  EXPECT_EQ(code_point_name(0x1F600), "U+1F600");
  EXPECT_EQ(code_point_name(0x41), "U+0041");
}

}  // namespace
}  // namespace attn::app

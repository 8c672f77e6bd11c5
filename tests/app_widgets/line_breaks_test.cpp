#include "app/widgets/line_breaks.h"

#include <gtest/gtest.h>

#include "app/look/utf8.h"

namespace attn::app {
namespace {

// Every sign is one wide, Han two.
float width_of(std::string_view text) {
  float width = 0;
  for (std::size_t at = 0; at < text.size();) width += next_code_point(text, at) >= 0x2E80 ? 2 : 1;
  return width;
}

std::string broken(std::string_view text, float width) {
  return with_line_breaks(text, width, width_of);
}

TEST(LineBreaks, WordsAreNotCutAndBlanksDoNotBeginALine) {
  EXPECT_EQ(broken("the animal did not", 10), "the animal\ndid not");
  EXPECT_EQ(broken("the animal did not", 11), "the animal\ndid not");
}

TEST(LineBreaks, HanBreakAnywhereButNotBeforeAClosingSign) {
  EXPECT_EQ(broken("注意力是权重", 6), "注意力\n是权重");
  EXPECT_EQ(broken("注意力，权重", 6), "注意\n力，权\n重");
  EXPECT_EQ(broken("看“它”和词", 6), "看“它”\n和词");
  EXPECT_EQ(broken("我看见（它）", 8), "我看见\n（它）");
}

TEST(LineBreaks, LatinWordsInsideHanStayWhole) {
  EXPECT_EQ(broken("使用softmax归一", 11), "使用softmax\n归一");
  EXPECT_EQ(broken("使用softmax归一", 10), "使用\nsoftmax归\n一");
}

TEST(LineBreaks, LineEndsOfTheTextStayAndWhatIsTooWideStandsAlone) {
  EXPECT_EQ(broken("a b\nc d", 10), "a b\nc d");
  EXPECT_EQ(broken("a abcdefghij b", 4), "a\nabcdefghij\nb");
  EXPECT_EQ(broken("", 4), "");
}

TEST(LineBreaks, NothingIsLostButBlanks) {
  const std::string text = "每张卡片都训练一个新模型，从来没有 this part，也没有（那个）。";
  for (float width = 1; width < 80; ++width) {
    std::string without, wanted;
    for (const char c : broken(text, width))
      if (c != '\n' && c != ' ') without += c;
    for (const char c : text)
      if (c != ' ') wanted += c;
    EXPECT_EQ(without, wanted) << width;
  }
}

}  // namespace
}  // namespace attn::app

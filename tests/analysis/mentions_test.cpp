#include "core/analysis/mentions.h"

#include <gtest/gtest.h>

#include "core/math/error.h"

namespace attn {
namespace {

// An encoding whose tokens are these pieces of the text, in order.
Encoding cut(const std::string& text, const std::vector<std::string>& pieces) {
  Encoding encoding;
  std::size_t from = 0;
  for (const std::string& piece : pieces) {
    const std::size_t begin = text.find(piece, from);
    EXPECT_NE(begin, std::string::npos) << piece;
    encoding.tokens.push_back(piece);
    encoding.begin.push_back(begin);
    encoding.end.push_back(begin + piece.size());
    encoding.special.push_back(false);
    from = begin + piece.size();
  }
  return encoding;
}

std::string error_of(const std::string& text, const Encoding& encoding, const std::string& word) {
  try {
    find_mention(text, encoding, word);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(FindMention, FindsWholeWordsOnlyAndMindsNoLetterCase) {
  const std::string text = "Italy waited, but It was late";
  const Encoding encoding = cut(text, {"Italy", "waited", ",", "but", "It", "was", "late"});
  EXPECT_EQ(find_mention(text, encoding, "it").tokens, (std::vector<int>{4}));
}

TEST(FindMention, TakesAllPiecesOfAWordAndAllWordsOfAPhrase) {
  const std::string text = "the tokenization of it";
  const Encoding encoding = cut(text, {"the", "token", "ization", "of", "it"});
  EXPECT_EQ(find_mention(text, encoding, "Tokenization").tokens, (std::vector<int>{1, 2}));
  EXPECT_EQ(find_mention(text, encoding, "tokenization of it").tokens, (std::vector<int>{1, 2, 3, 4}));
}

TEST(FindMention, CountsOccurrencesWithAHash) {
  const std::string text = "it saw it and it";
  const Encoding encoding = cut(text, {"it", "saw", "it", "and", "it"});
  EXPECT_EQ(find_mention(text, encoding, "it").tokens, (std::vector<int>{0}));
  EXPECT_EQ(find_mention(text, encoding, "it#3").tokens, (std::vector<int>{4}));
  EXPECT_NE(error_of(text, encoding, "it#4").find("3 times"), std::string::npos);
}

TEST(FindMention, FoldsLettersBeyondAscii) {
  const std::string text = "Élan und ÄRGER";
  const Encoding encoding = cut(text, {"Élan", "und", "ÄRGER"});
  EXPECT_EQ(find_mention(text, encoding, "élan").tokens, (std::vector<int>{0}));
  EXPECT_EQ(find_mention(text, encoding, "ärger").tokens, (std::vector<int>{2}));
}

TEST(FindMention, InChineseEndsWhereTokensDo) {
  const std::string text = "小动物没有穿过马路，因为它太累了，它们很困";
  const Encoding words =
      cut(text, {"小动物", "没有", "穿过", "马路", "，", "因为", "它", "太", "累", "了", "，", "它们"});
  EXPECT_EQ(find_mention(text, words, "小动物").tokens, (std::vector<int>{0}));
  EXPECT_EQ(find_mention(text, words, "它").tokens, (std::vector<int>{6}));
  EXPECT_NE(error_of(text, words, "它#2"), "") << "它们 is another word";
  EXPECT_NE(error_of(text, words, "动物"), "") << "no token begins inside 小动物";
}

TEST(FindMention, SaysWhichWordIsNotInTheText) {
  const std::string text = "the dog ran";
  const std::string error = error_of(text, cut(text, {"the", "dog", "ran"}), "cat");
  EXPECT_NE(error.find("'cat'"), std::string::npos);
  EXPECT_NE(error.find("the dog ran"), std::string::npos);
  EXPECT_NE(error_of(text, cut(text, {"the"}), ""), "");
}

TEST(FindMention, SaysWhenAWordWasCutAway) {
  const std::string text = "the dog ran";
  EXPECT_NE(error_of(text, cut(text, {"the", "dog"}), "ran").find("cut"), std::string::npos);
}

TEST(Spell, JoinsThePiecesOfRecordedTokens) {
  const SpelledText spelled = spell({"[CLS]", "the", "token", "##ization", "[SEP]"});
  EXPECT_EQ(spelled.text, "the tokenization");
  EXPECT_EQ(find_mention(spelled.text, spelled.encoding, "tokenization").tokens, (std::vector<int>{2, 3}));
}

TEST(Spell, ReadsWordsThatBeginWithASpace) {
  const SpelledText spelled = spell({"Art", "ificial", "ĠIntelligence", "Ġis"});
  EXPECT_EQ(find_mention(spelled.text, spelled.encoding, "artificial").tokens, (std::vector<int>{0, 1}));
}

}  // namespace
}  // namespace attn

#include "core/analysis/words.h"

#include <gtest/gtest.h>

#include "hand_made_trace.h"

namespace attn {
namespace {

TEST(InferWords, ReadsTheMarksOfWordPieceAndOfBytePairs) {
  EXPECT_EQ(infer_words({"[CLS]", "a", "to", "##ken", "[SEP]"}), (std::vector<int>{-1, 0, 1, 1, -1}));
  EXPECT_EQ(infer_words({"Art", "ificial", "ĠIs"}), (std::vector<int>{0, 0, 1}));
  EXPECT_EQ(infer_words({"▁She", "▁se", "es", "</s>"}), (std::vector<int>{0, 1, 1, -1}));
  EXPECT_EQ(infer_words({"小动物", "没有"}), (std::vector<int>{0, 1}))
      << "without marks every token is a word";
}

TEST(GroupWords, PutsSpecialTokensEachInAGroupOfItsOwn) {
  const WordGroups words = group_words({"[CLS]", "to", "##ken", "[SEP]", "[SEP]"});
  EXPECT_EQ(words.groups, (std::vector<std::vector<int>>{{0}, {1, 2}, {3}, {4}}));
  EXPECT_EQ(words.names[1], "token");
}

TEST(MergeWords, SumsOverKeysAveragesOverQueriesAndKeepsRowSums) {
  const Matrix weights = matrix_of({{.5f, .25f, .25f}, {.125f, .25f, .625f}, {.25f, .5f, .25f}});
  const WordGroups words = group_words({"a", "to", "##ken"});
  const Matrix merged = merge_words(HeadWeights(view(weights)), words, words);
  // "token" looks at "a": mean of .125 and .25; at itself: mean of .875 and .75.
  EXPECT_EQ(merged, matrix_of({{.5f, .5f}, {.1875f, .8125f}}));
}

TEST(HideKeys, SharesOutWhatIsLeftAndKeepsEmptyRowsEmpty) {
  const Matrix weights = matrix_of({{.5f, .25f, .25f}, {1, 0, 0}});
  EXPECT_EQ(hide_keys(HeadWeights(view(weights)), {true, false, false}),
            matrix_of({{0, .5f, .5f}, {0, 0, 0}}));
}

}  // namespace
}  // namespace attn

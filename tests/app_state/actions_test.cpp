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

}  // namespace
}  // namespace attn::app

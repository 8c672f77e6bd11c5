#include "app/look/words.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "core/math/error.h"

namespace attn::app {
namespace {

std::set<std::string> marks_of(const std::string& text) {
  static const std::regex mark(R"(\{[a-z_]+\})");
  std::set<std::string> marks;
  for (std::sregex_iterator it(text.begin(), text.end(), mark), end; it != end; ++it) marks.insert(it->str());
  return marks;
}

TEST(Words, AreTheSameInEveryLanguage) {
  const Words english(Language::english), chinese(Language::chinese);
  for (const auto& [key, text] : english.entries()) {
    EXPECT_TRUE(chinese.has(key)) << "assets/text/zh.json lacks " << key;
    EXPECT_EQ(marks_of(text), marks_of(std::string(chinese(key)))) << key;
  }
  for (const auto& [key, text] : chinese.entries())
    EXPECT_TRUE(english.has(key)) << "assets/text/en.json lacks " << key;
}

TEST(Words, ExistForEveryKeyThatTheProgramNames) {
  const Words english(Language::english);
  const std::regex call(R"re(words\(\s*"([^"]+)"\s*[,)])re");
  int found = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(ATTN_SOURCE_DIR) + "/app")) {
    if (entry.path().extension() != ".cpp") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator it(source.begin(), source.end(), call), end; it != end; ++it, ++found)
      EXPECT_TRUE(english.has((*it)[1].str())) << entry.path() << " names " << (*it)[1].str();
  }
  EXPECT_GT(found, 0);
}

TEST(Words, AMissingKeyShowsItself) {
  EXPECT_EQ(Words::parse("{}")("no.such.key"), "no.such.key");
}

TEST(Words, FillInValues) {
  const Words words = Words::parse(R"({"a": {"b": "{n} of {all}, {n}"}})");
  EXPECT_EQ(words("a.b", {{"n", "3"}, {"all", "{n}"}}), "3 of {n}, 3");
}

TEST(Words, RefuseWhatIsNotTexts) {
  EXPECT_THROW(Words::parse("[]"), Error);
  EXPECT_THROW(Words::parse(R"({"a": 1})"), Error);
  EXPECT_THROW(Words::parse("{"), Error);
}

}  // namespace
}  // namespace attn::app

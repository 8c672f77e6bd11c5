#include "app/look/wording.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace attn::app {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Every key that a sentence of the core or of the program can have.
std::set<std::string> keys_in_the_code() {
  const std::regex call(R"re(worded\(\s*"([a-z_0-9.]+\.[a-z_0-9]+)")re");
  const std::regex reason(R"re(add\(reasons, (?:query \? "([a-z_0-9]+)" : )?"([a-z_0-9]+)")re");
  std::set<std::string> keys;
  for (const char* folder : {"/core", "/app"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(ATTN_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".cpp") continue;
      const std::string source = read(entry.path());
      for (std::sregex_iterator it(source.begin(), source.end(), call), end; it != end; ++it)
        keys.insert((*it)[1].str());
      if (entry.path().filename() != "why_not.cpp") continue;
      for (std::sregex_iterator it(source.begin(), source.end(), reason), end; it != end; ++it)
        for (int group : {1, 2})
          if ((*it)[group].matched) keys.insert("why." + (*it)[group].str());
    }
  }
  return keys;
}

TEST(Wording, EveryKeyOfTheCodeIsInTheWordsAndNoOther) {
  const Words words(Language::english);
  const std::set<std::string> keys = keys_in_the_code();
  EXPECT_GT(keys.size(), 40u);
  for (const std::string& key : keys) EXPECT_TRUE(words.has("problem." + key)) << key;
  for (const auto& [key, text] : words.entries()) {
    if (key.rfind("problem.", 0) != 0) continue;
    EXPECT_TRUE(keys.count(key.substr(8))) << "assets/text/en.json has " << key << ", which nothing says";
  }
}

TEST(Wording, IsSaidInTheLanguageOfTheWindow) {
  const Wording missing = worded("file.missing", "there is no file {path}", {{"path", "a.json"}});
  EXPECT_EQ(missing.english, "there is no file a.json");
  EXPECT_EQ(in_words(Words(Language::english), missing), "There is no file a.json.");
  EXPECT_EQ(in_words(Words(Language::chinese), missing), "没有文件 a.json。");
}

TEST(Wording, WithoutWordsForItsKeyItIsSaidInEnglish) {
  const Words words = Words::parse("{}");
  EXPECT_EQ(in_words(words, worded("no.such", "{n} mice", {{"n", "3"}})), "3 mice");
  EXPECT_EQ(in_words(words, unworded("something {odd}")), "something {odd}");
}

TEST(Wording, ValuesAreNotSearchedForMarks) {
  EXPECT_EQ(filled("{a} and {b}, {c}", {{"a", "{b}"}, {"b", "2"}}), "{b} and 2, {c}");
  EXPECT_EQ(filled("open { end", {{"a", "1"}}), "open { end");
}

TEST(Wording, ABuiltInModelsCardIsThereInBothLanguages) {
  for (const auto& model :
       std::filesystem::directory_iterator(std::string(ATTN_SOURCE_DIR) + "/assets/models")) {
    const std::string key = "card." + model.path().filename().string() + ".trained_on";
    if (read(model.path() / "config.json").find("trained_on") == std::string::npos) continue;
    EXPECT_TRUE(Words(Language::chinese).has(key)) << key;
  }
}

TEST(Wording, AnExceptionGivesItsKeyOrItsSentence) {
  EXPECT_EQ(wording_of(WordedError(worded("text.empty", "empty"))).key, "text.empty");
  EXPECT_EQ(wording_of(Error("plain")).english, "plain");
  EXPECT_EQ(wording_of(Error("plain")).key, "");
}

}  // namespace
}  // namespace attn::app

#include "app/look/wording.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
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

// Functions whose first argument is a key.
constexpr char kNamesAKey[] =
    R"re((?:worded|framed|refuse|refuse_kind|say)\(\s*"([a-z_0-9]+\.[a-z_0-9]+)")re";

// The sources of one folder, by their place.
std::map<std::string, std::string> sources_of(const std::string& folder) {
  std::map<std::string, std::string> sources;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(ATTN_SOURCE_DIR) + "/" + folder))
    if (entry.path().extension() == ".cpp") sources[entry.path().string()] = read(entry.path());
  return sources;
}

// Every key that a sentence of the core or of the program can have.
std::set<std::string> keys_in_the_code() {
  const std::regex call(kNamesAKey);
  const std::regex unsupported(R"re("(unsupported\.[a-z_0-9]+)")re");
  const std::regex reason(R"re(add\(reasons, (?:query \? "([a-z_0-9]+)" : )?"([a-z_0-9]+)")re");
  const std::regex needed(R"re(need\([^;"]*"([a-z_0-9]+)")re");
  std::set<std::string> keys;
  for (const char* folder : {"core", "app"}) {
    for (const auto& [path, source] : sources_of(folder)) {
      for (const std::regex& names : {call, unsupported})
        for (std::sregex_iterator it(source.begin(), source.end(), names), end; it != end; ++it)
          keys.insert((*it)[1].str());
      if (std::filesystem::path(path).filename() != "why_not.cpp") continue;
      for (std::sregex_iterator it(source.begin(), source.end(), reason), end; it != end; ++it)
        for (int group : {1, 2})
          if ((*it)[group].matched) keys.insert("why." + (*it)[group].str());
      for (std::sregex_iterator it(source.begin(), source.end(), needed), end; it != end; ++it)
        keys.insert("why." + (*it)[1].str());
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

std::set<std::string> marks_in(std::string_view text) {
  const std::string whole(text);
  const std::regex mark(R"(\{[a-z_]+\})");
  std::set<std::string> marks;
  for (std::sregex_iterator it(whole.begin(), whole.end(), mark), end; it != end; ++it)
    marks.insert(it->str());
  return marks;
}

// The string literals that stand one after the other behind a comma at `at`; empty where something else does.
std::string literals_behind(const std::string& source, std::size_t at) {
  const std::regex piece(R"re(^[\s,]*"((?:[^"\\]|\\.)*)")re");
  std::string text;
  std::smatch found;
  std::string rest = source.substr(at, 1000);
  while (std::regex_search(rest, found, piece)) {
    text += found[1].str();
    rest = found.suffix();
    if (rest.find_first_not_of(" \n") != std::string::npos && rest[rest.find_first_not_of(" \n")] == ',')
      break;
  }
  return text;
}

TEST(Wording, TheWordsOfBothLanguagesHaveNoMarkThatTheCodeDoesNotFill) {
  const Words english(Language::english), chinese(Language::chinese);
  const std::regex call(kNamesAKey);
  int compared = 0;
  for (const char* folder : {"core", "app"}) {
    for (const auto& [path, source] : sources_of(folder)) {
      for (std::sregex_iterator it(source.begin(), source.end(), call), end; it != end; ++it) {
        const auto behind = static_cast<std::size_t>(it->position() + it->length());
        const std::set<std::string> filled_in = marks_in(literals_behind(source, behind));
        if (filled_in.empty()) continue;  // the sentence stands elsewhere, or has no marks
        ++compared;
        for (const Words* words : {&english, &chinese})
          for (const std::string& mark : marks_in((*words)("problem." + (*it)[1].str())))
            EXPECT_TRUE(filled_in.count(mark) || mark == "{file}") << (*it)[1] << " has " << mark;
      }
    }
  }
  EXPECT_GT(compared, 60);
}

TEST(Wording, WhatIsWrongWithAFolderOfAModelHasAlwaysAKey) {
  for (const char* folder : {"core/model", "core/text"})
    for (const auto& [path, source] : sources_of(folder))
      EXPECT_EQ(source.find("throw Error("), std::string::npos)
          << path << ": throw a WordedError, so that it is said in the language of the window";
}

TEST(Wording, ASentenceWithinASentenceIsSaidInTheSameLanguage) {
  const Wording reason = worded("unsupported.mamba", "Mamba has no attention to look at");
  const Wording refused = worded("config.type_refused", "{file} is of type '{type}': {reason}.",
                                 {{"file", "a/config.json"}, {"type", "mamba"}}, {{"reason", reason}});
  EXPECT_EQ(refused.english, "a/config.json is of type 'mamba': Mamba has no attention to look at.");
  EXPECT_EQ(in_words(Words(Language::chinese), refused),
            "a/config.json 的类型是 'mamba'：Mamba 没有可看的注意力。");
}

TEST(Wording, OfRareDamageOnlyTheFrameIsTranslated) {
  const Wording damage = framed("file.damaged", "a.bin: the member 'x' is damaged.");
  EXPECT_EQ(damage.english, "a.bin: the member 'x' is damaged.");
  EXPECT_EQ(in_words(Words(Language::english), damage), damage.english);
  EXPECT_EQ(in_words(Words(Language::chinese), damage),
            "文件已损坏，或不是它应有的格式：a.bin: the member 'x' is damaged.");
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

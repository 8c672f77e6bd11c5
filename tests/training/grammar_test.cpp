#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/math/error.h"
#include "core/text/tokenizer.h"
#include "core/training/grammar.h"
#include "core/training/recipe.h"
#include "core/training/save_model.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

const fs::path kRecipes = fs::path(ATTN_SOURCE_DIR) / "assets" / "recipes";

constexpr const char* kSmall = R"(language = en
[words]
animal = dog cat *panda
place = street
[pronouns]
default = it they
[rules]
NP = the {N}
be = <one> was | <many> were
[sentences]
pronoun 1 = {active} because {it} {R.be} too {A}
[frame cross]
first = animal
second = place
verbs = cross
first because = tired *weary
second because = wide
active = {X} did not {V} {Y}
)";

std::string error_of(const std::string& text) {
  try {
    Grammar::parse(text, "small.grammar");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kSmall;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Grammar, TwinsDifferInTheReasonAloneAndInTheAnswer) {
  const Grammar grammar = Grammar::load(kRecipes / "english.grammar");
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const TwinPair pair = grammar.twins(random);
    ASSERT_EQ(pair.first.ids.size(), pair.second.ids.size());
    int n_different = 0;
    for (std::size_t t = 0; t < pair.first.ids.size(); ++t)
      n_different += pair.first.ids[t] != pair.second.ids[t];
    EXPECT_GE(n_different, 1);
    EXPECT_LE(n_different, pair.first.n_reason_words);
    EXPECT_EQ(pair.first.questions.front().answers, pair.second.questions.front().rivals)
        << grammar.text_of(pair.first);
  }
}

TEST(Grammar, NeverPutsAHeldOutWordIntoAPronounSentenceOfTraining) {
  for (const char* file : {"english.grammar", "chinese.grammar"}) {
    const Grammar grammar = Grammar::load(kRecipes / file);
    std::vector<bool> held_out(grammar.vocabulary().size(), false);
    for (const Noun& noun : grammar.nouns())
      if (noun.held_out) held_out[static_cast<std::size_t>(grammar.id(noun.one))] = true;
    // A word that is also a seen noun of another list is no held-out word.
    for (const Noun& noun : grammar.nouns())
      if (!noun.held_out) held_out[static_cast<std::size_t>(grammar.id(noun.one))] = false;
    for (const Frame& frame : grammar.frames())
      for (const auto& reasons : frame.reasons)
        for (const Reason& reason : reasons)
          if (reason.held_out) held_out[static_cast<std::size_t>(grammar.id(reason.words.front()))] = true;
    Random random(5);
    for (int i = 0; i < 2000; ++i)
      for (const int word : grammar.sentence(random, "pronoun").ids)
        ASSERT_FALSE(held_out[static_cast<std::size_t>(word)])
            << file << ": " << grammar.vocabulary()[static_cast<std::size_t>(word)];
  }
}

TEST(Grammar, DrawsBothSidesAndBothOrdersEquallyOften) {
  const Grammar grammar = Grammar::load(kRecipes / "english.grammar");
  Random random(11);
  int n = 0, first_side = 0, answer_first = 0;
  for (int i = 0; i < 4000; ++i) {
    const Sentence sentence = grammar.sentence(random, "pronoun");
    if (sentence.questions.empty() || sentence.questions[0].rivals.empty()) continue;
    ++n;
    first_side += sentence.side == Side::first;
    answer_first += sentence.questions[0].answers[0] < sentence.questions[0].rivals[0];
  }
  ASSERT_GT(n, 3000);
  EXPECT_NEAR(static_cast<double>(first_side) / n, 0.5, 0.03);
  EXPECT_NEAR(static_cast<double>(answer_first) / n, 0.5, 0.03);
}

TEST(Grammar, KnowsTheEverydayWordsThatWerePromised) {
  EXPECT_GE(Grammar::load(kRecipes / "english.grammar").vocabulary().size(), 1000u);
  EXPECT_GE(Grammar::load(kRecipes / "chinese.grammar").vocabulary().size(), 700u);
  EXPECT_GE(Grammar::load(kRecipes / "english.grammar").frames().size(), 8u);
}

TEST(Grammar, ForOneSeedSaysTheSameSentences) {
  const Grammar grammar = Grammar::load(kRecipes / "english.grammar");
  Random a(9), b(9);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(grammar.sentence(a, "").ids, grammar.sentence(b, "").ids);
}

TEST(Grammar, ErrorsNameFileLineAndWhatWasExpected) {
  EXPECT_EQ(error_of(kSmall), "no error");
  EXPECT_EQ(error_of(with("[rules]", "[rulez]")),
            "small.grammar:7: there is no section [rulez]; expected [words], [pronouns], [forms], [rules], "
            "[tags], [sentences] or [frame NAME].");
  EXPECT_NE(error_of(with("{R.be} too", "{R.bee} too")).find("small.grammar:11: there is no rule 'bee'"),
            std::string::npos);
  EXPECT_NE(error_of(with("<one> was", "<won> was")).find("small.grammar:9: <won>: expected past"),
            std::string::npos);
  EXPECT_NE(error_of(with("first = animal", "first = animals"))
                .find("small.grammar:13: there is no word list 'animals'"),
            std::string::npos);
  EXPECT_NE(error_of(with("verbs = cross\n", "")).find("small.grammar:12: frame 'cross' has no line 'verbs'"),
            std::string::npos);
  EXPECT_NE(error_of(with("NP = the {N}", "NP = the {NP}")).find("says itself"), std::string::npos);
  EXPECT_NE(error_of(with("pronoun 1 =", "pronoun 0 =")).find("'0' is not between 1 and 1000"),
            std::string::npos);
  EXPECT_NE(error_of(with("the {N}", "the {N")).find("small.grammar:8: '{N': expected {NAME}"),
            std::string::npos);
  EXPECT_NE(error_of("").find("expected language"), std::string::npos);
}

TEST(Grammar, RefusesRulesThatMultiplyWithoutEnd) {
  std::string rules;
  for (int i = 0; i < 60; ++i)
    rules +=
        "R" + std::to_string(i) + " = {R" + std::to_string(i + 1) + "} {R" + std::to_string(i + 1) + "}\n";
  rules += "R60 = word\n";
  const Grammar grammar =
      Grammar::parse(with("NP = the {N}\n", "NP = the {N} {R0}\n" + rules), "small.grammar");
  Random random(1);
  EXPECT_THROW(grammar.sentence(random, "pronoun"), Error);
}

TEST(Grammar, NeverCrashesOnDamagedText) {
  Random random(17);
  int n_refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = kSmall;
    for (int k = 1 + random.below(4); k > 0; --k) {
      const std::size_t at = static_cast<std::size_t>(random.below(static_cast<int>(text.size())));
      if (random.chance(0.5))
        text.erase(at, static_cast<std::size_t>(1 + random.below(12)));
      else
        text.insert(at, std::string(1, "{}<>[]=|*?./# \n!0"[random.below(17)]));
    }
    try {
      const Grammar grammar = Grammar::parse(text, "damaged.grammar");
      grammar.sentence(random, "pronoun");
    } catch (const Error&) {
      ++n_refused;
    }
  }
  EXPECT_GT(n_refused, 500);
  EXPECT_LT(n_refused, 3000);
}

TEST(Recipe, ErrorsNameFileLineAndWhatWasExpected) {
  const auto message = [](const std::string& text) {
    try {
      parse_recipe(text, "my.recipe");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message("name = a\ngrammar = b\nlayers = two\n"),
            "my.recipe:3: 'two': expected a whole number from 1 to 12.");
  EXPECT_NE(message("name = a\nlayer = 2\n")
                .find("my.recipe:2: there is no setting 'layer'; expected one of: batch"),
            std::string::npos);
  EXPECT_NE(
      message("name = a\ngrammar = b\nwidth = 50\nheads = 4\n").find("width 50 does not divide by 4 heads"),
      std::string::npos);
  EXPECT_NE(message("name = a\ngrammar = b\nnorm = inside\n")
                .find("my.recipe:3: 'inside': expected one of: after, before"),
            std::string::npos);
}

class TokenizerOf : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerOf, TheGrammarReadsEverySentenceBackAsItWasDrawn) {
  const Grammar grammar = Grammar::load(kRecipes / GetParam());
  const fs::path folder = fs::path(testing::TempDir()) / (std::string("tokenizer-") + GetParam());
  fs::create_directories(folder);
  std::ofstream(folder / "tokenizer.json", std::ios::binary) << tokenizer_json(grammar);
  const std::shared_ptr<const Tokenizer> tokenizer = load_tokenizer(folder);
  Random random(21);
  int n_different = 0;
  for (int i = 0; i < 1500; ++i) {
    const Sentence sentence = grammar.sentence(random, "", {Draw::any, Draw::any});
    const std::string text = grammar.text_of(sentence);
    const std::vector<int> ids = tokenizer->encode(text).ids;
    if (ids == sentence.ids) continue;
    if (++n_different > 10) break;
    std::string read;
    for (const int id : ids) read += tokenizer->token(id) + " ";
    ADD_FAILURE() << text << "\n" << read;
  }
}

INSTANTIATE_TEST_SUITE_P(Language, TokenizerOf, testing::Values("english.grammar", "chinese.grammar"),
                         [](const auto& file) { return std::string(file.param).substr(0, 7); });

TEST(TokenizerOfEnglish, WritesContractionsOut) {
  const Grammar grammar = Grammar::load(kRecipes / "english.grammar");
  const fs::path folder = fs::path(testing::TempDir()) / "tokenizer-contractions";
  fs::create_directories(folder);
  std::ofstream(folder / "tokenizer.json", std::ios::binary) << tokenizer_json(grammar);
  const std::shared_ptr<const Tokenizer> tokenizer = load_tokenizer(folder);
  const auto same = [&](const char* a, const char* b) {
    EXPECT_EQ(tokenizer->encode(a).tokens, tokenizer->encode(b).tokens) << a;
  };
  same("The dog didn't cross.", "the dog did not cross.");
  same("The dog didn\u2019t cross.", "the dog did not cross.");
  same("It doesn't fit, it's big", "it does not fit, it is big");
  same("they weren't, he wasn't", "they were not, he was not");
  same("We can't. I cannot. He won't", "we can not. i can not. he will not");
  same("they're big and she's small", "they are big and she is small");
}

}  // namespace
}  // namespace attn

#include "core/study/heads_of_texts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/math/error.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

fs::path file_with(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

Subject built_in() {
  Subject subject;
  subject.model = ATTN_SOURCE_DIR "/assets/models/pronouns-en";
  return subject;
}

TEST(ReadTexts, TakesOneTextALineAndLeavesEmptyLinesOut) {
  const std::vector<Subject> texts = read_texts(file_with("t.txt", "One.\r\n\n  \nTwo words.\n"), built_in());
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].text, "One.");
  EXPECT_EQ(texts[1].text, "Two words.");
  EXPECT_EQ(texts[1].model, built_in().model);
}

TEST(ReadTexts, TakesJsonLinesWithPairs) {
  const std::vector<Subject> texts =
      read_texts(file_with("t.jsonl", "\"One.\"\n{\"text\": \"Two.\", \"pair\": \"Three.\"}\n"), built_in());
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].text, "One.");
  EXPECT_EQ(texts[1].pair, "Three.");
}

TEST(ReadTexts, RefusesALineThatIsNoTextNamingIt) {
  const fs::path path = file_with("bad.jsonl", "\"One.\"\n{\"words\": 3}\n");
  try {
    read_texts(path, built_in());
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
  }
}

TEST(ReadTexts, RefusesAFileWithoutATextAndOneThatIsNotThere) {
  EXPECT_THROW(read_texts(file_with("empty.txt", "\n\n"), built_in()), Error);
  EXPECT_THROW(read_texts("/no/such/file.txt", built_in()), Error);
}

TEST(HeadsOfTexts, MeansAreThoseOfTheTextsOneByOne) {
  const LoadedModel loaded = open_model(built_in().model);
  std::vector<Subject> texts(2, built_in());
  texts[0].text = "The animal didn't cross the street because it was too tired.";
  texts[1].text = "The trophy didn't fit into the suitcase because it was too large.";
  const HeadsOfTexts both = heads_of_texts(loaded, texts);
  ASSERT_EQ(both.texts.size(), 2u);
  EXPECT_EQ(both.averages.n_texts(), 2);
  const auto first = all_head_statistics(*run_subject(loaded, texts[0]));
  const auto second = all_head_statistics(*run_subject(loaded, texts[1]));
  const Measure& entropy = *find_measure("entropy");
  for (std::size_t h = 0; h < first.size(); ++h) {
    EXPECT_EQ(both.heads[h], first[h].head);
    EXPECT_NEAR(both.averages.interval(first[h].head, entropy).mean,
                (first[h].entropy + second[h].entropy) / 2, 1e-9);
  }
}

TEST(HeadsOfTexts, ATextThatCannotBeReadIsLeftOutAndNamed) {
  const LoadedModel loaded = open_model(built_in().model);
  std::vector<Subject> texts(2, built_in());
  texts[0].text = "The animal was tired.";
  const HeadsOfTexts some = heads_of_texts(loaded, texts);
  EXPECT_EQ(some.texts.size(), 1u);
  EXPECT_EQ(some.n_failed, 1);
  EXPECT_FALSE(some.problem.empty());
  HeadsOfTextsOptions strict;
  strict.stop_at_problem = true;
  EXPECT_THROW(heads_of_texts(loaded, texts, strict), Error);
}

TEST(HeadsOfTexts, CanBeCancelled) {
  const LoadedModel loaded = open_model(built_in().model);
  CancelToken cancel;
  cancel.cancel();
  HeadsOfTextsOptions options;
  options.cancel = &cancel;
  Subject one = built_in();
  one.text = "It was tired.";
  EXPECT_THROW(heads_of_texts(loaded, {one}, options), Cancelled);
}

TEST(TextsWithMost, PutsTheTextFirstOnWhichTheHeadHasMost) {
  HeadsOfTexts texts;
  const HeadId head{Stack::encoder, 0, 0};
  texts.heads = {head};
  const auto column = find_measure("self") - measures().data();
  for (const float value : {.2f, std::nanf(""), .9f, .5f}) {
    Matrix values = Matrix::Zero(1, static_cast<Index>(measures().size()));
    values(0, column) = value;
    texts.texts.push_back(std::make_shared<const HeadsOfTexts::OneText>(HeadsOfTexts::OneText{"", values}));
  }
  EXPECT_EQ(texts_with_most(texts, head, *find_measure("self")), (std::vector<int>{2, 3, 0}));
}

}  // namespace
}  // namespace attn

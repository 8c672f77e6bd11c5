#include "core/study/example_files.h"

#include <gtest/gtest.h>

#include "core/math/error.h"

namespace attn {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_example_file(text, "my.file");
  } catch (const Error& problem) {
    return problem.what();
  }
  return "";
}

const std::string kGapHeading =
    "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL\n";

TEST(ExampleFiles, ReadsOneExampleALine) {
  const auto examples = parse_example_file(
      "{\"text\": \"The dog saw the cat. It ran.\", \"pronoun\": \"it\", \"candidates\": [\"dog\", \"cat\"], "
      "\"answer\": \"cat\"}\n\n"
      "{\"id\": \"b\", \"text\": \"它累了\", \"pronoun\": \"它\", \"candidates\": [\"它#1\"], \"answer\": "
      "0}\n"
      "{\"text\": \"x it\", \"pronoun\": \"it\", \"candidates\": [\"x\"], \"answer\": null}",
      "my.file");
  ASSERT_EQ(examples.size(), 3u);
  EXPECT_EQ(examples[0].answer, 1);
  EXPECT_EQ(examples[0].line, 1);
  EXPECT_EQ(examples[1].id, "b");
  EXPECT_EQ(examples[1].line, 3) << "empty lines count";
  EXPECT_EQ(examples[1].answer, 0);
  EXPECT_FALSE(examples[2].answer);
}

TEST(ExampleFiles, SaysLineAndFieldOfWhatIsWrongInJsonLines) {
  const std::string good =
      "{\"text\": \"a it\", \"pronoun\": \"it\", \"candidates\": [\"a\"], \"answer\": 0}\n";
  EXPECT_NE(refusal(good + "{\"text\": \"a\"").find("line 2"), std::string::npos);
  EXPECT_NE(refusal(good + "{\"pronoun\": \"it\"}").find("line 2, text"), std::string::npos);
  EXPECT_NE(refusal("{\"text\": \"a it\", \"pronoun\": 3}").find("line 1, pronoun"), std::string::npos);
  EXPECT_NE(
      refusal("{\"text\": \"a\", \"pronoun\": \"it\", \"candidates\": \"a\"}").find("line 1, candidates"),
      std::string::npos);
  EXPECT_NE(refusal("{\"text\": \"a\", \"pronoun\": \"it\", \"candidates\": [\"a\"], \"answer\": \"b\"}")
                .find("answer"),
            std::string::npos);
  EXPECT_NE(refusal("{\"text\": \"a\", \"pronoun\": \"it\", \"candidates\": [\"a\"], \"answer\": 1}")
                .find("answer"),
            std::string::npos);
  EXPECT_NE(refusal("").find("empty"), std::string::npos);
  EXPECT_NE(refusal("just words").find("no file of examples"), std::string::npos);
}

TEST(ExampleFiles, CountsTheOffsetsOfGapInCharacters) {
  // "é" is two bytes and one character: "she" begins at character 13.
  const auto examples =
      parse_example_file(kGapHeading +
                             "t-1\tZoé met Ann; she left.\tshe\t13\tZoé\t0\tTRUE\tAnn\t8\tFALSE\tu\n"
                             "t-2\tZoé met Ann; she left.\tshe\t13\tZoé\t0\tFALSE\tAnn\t8\tFALSE\tu\n",
                         "gap.tsv");
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_EQ(examples[0].text.substr(examples[0].pronoun.begin, 3), "she");
  EXPECT_EQ(examples[0].text.substr(examples[0].candidates[1].begin, 3), "Ann");
  EXPECT_EQ(examples[0].answer, 0);
  EXPECT_FALSE(examples[1].answer) << "neither of the two";
}

TEST(ExampleFiles, SaysLineAndFieldOfWhatIsWrongInGap) {
  const auto with = [](const std::string& line) { return refusal(kGapHeading + line); };
  EXPECT_NE(with("t\tAnn; she.\tshe\t4\tAnn\t0\tTRUE\tAnn\t0\tFALSE\tu").find("line 2, Pronoun-offset"),
            std::string::npos);
  EXPECT_NE(with("t\tAnn; she.\tshe\t99\tAnn\t0\tTRUE\tAnn\t0\tFALSE\tu").find("line 2, Pronoun-offset"),
            std::string::npos);
  EXPECT_NE(with("t\tAnn; she.\tshe\tx\tAnn\t0\tTRUE\tAnn\t0\tFALSE\tu").find("is no number"),
            std::string::npos);
  EXPECT_NE(with("t\tAnn; she.\tshe\t5\tAnn\t0\tyes\tAnn\t0\tFALSE\tu").find("line 2, A-coref"),
            std::string::npos);
  EXPECT_NE(with("t\tAnn; she.").find("2 columns"), std::string::npos);
}

const std::string kSchema =
    "<schema><text><txt1>The trophy does not fit into the\n brown suitcase because</txt1><pron>it</pron>"
    "<txt2>is too large.</txt2></text><answers><answer>The trophy</answer><answer>the suitcase</answer>"
    "</answers><correctAnswer>A.</correctAnswer></schema>";

TEST(ExampleFiles, ReadsWinogradSchemasAndFindsTheirAnswersInTheText) {
  const auto examples =
      parse_example_file("<?xml version=\"1.0\"?>\n<collection>\n" + kSchema + "</collection>", "wsc.xml");
  ASSERT_EQ(examples.size(), 1u);
  const PronounExample& e = examples[0];
  EXPECT_EQ(e.text, "The trophy does not fit into the brown suitcase because it is too large.");
  EXPECT_EQ(e.text.substr(e.pronoun.begin, e.pronoun.end - e.pronoun.begin), "it");
  EXPECT_EQ(e.text.substr(e.candidates[0].begin, e.candidates[0].end - e.candidates[0].begin), "The trophy");
  EXPECT_EQ(e.text.substr(e.candidates[1].begin, e.candidates[1].end - e.candidates[1].begin), "suitcase")
      << "without its article: another word stands between";
  EXPECT_EQ(e.answer, 0);
  EXPECT_EQ(e.line, 3);
}

TEST(ExampleFiles, SaysLineAndFieldOfWhatIsWrongInWinograd) {
  EXPECT_NE(refusal("<collection>\n<schema></schema></collection>").find("line 2, text"), std::string::npos);
  EXPECT_NE(refusal("<collection><schema>").find("XML"), std::string::npos);
  EXPECT_NE(refusal("<other/>").find("collection"), std::string::npos);
  std::string wrong = kSchema;
  wrong.replace(wrong.find("A."), 2, "C");
  EXPECT_NE(refusal("<collection>" + wrong + "</collection>").find("correctAnswer"), std::string::npos);
}

TEST(ExampleFiles, OursCanBeRead) {
  for (const char* name : {"pronouns-en.jsonl", "pronouns-zh.jsonl"}) {
    const auto path = std::filesystem::path(ATTN_SOURCE_DIR) / "assets/examples" / name;
    ASSERT_TRUE(looks_like_examples(path));
    const auto examples = load_example_file(path);
    EXPECT_GE(examples.size(), 30u);
    for (const PronounExample& example : examples) EXPECT_TRUE(example.answer) << example.line;
  }
}

}  // namespace
}  // namespace attn

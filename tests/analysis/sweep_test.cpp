#include "core/analysis/sweep.h"

#include <gtest/gtest.h>

#include "core/math/error.h"
#include "space_tokenizer.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

const std::vector<std::string> kWords = {"the", "dog", "cat", "saw", "it", "was", "tired", "wide", "big",
                                         "old", "d",   "e",   "f",   "g",  "h",   "i",     "j",    "k"};

struct Sweep : testing::Test {
  SpaceTokenizer tokenizer{kWords};
  std::shared_ptr<const Model> model = RandomModel{}.build();
  std::string text = "the dog saw the cat it was tired";
  Encoding encoding = tokenizer.encode(text);
  PronounQuestion question{text,
                           find_mention(text, encoding, "it"),
                           {find_mention(text, encoding, "dog"), find_mention(text, encoding, "cat")},
                           {Stack::encoder, 1, 2},
                           {}};
  Inputs inputs_of(const std::string& other) const {
    Inputs inputs;
    inputs.ids = tokenizer.encode(other).ids;
    return inputs;
  }
  double margin_of(const std::string& other) const {
    const auto trace = run_pass(model, inputs_of(other));
    return connect(*trace->weights(question.head), question.head, question.pronoun.tokens,
                   question.candidates)
        .margin;
  }
};

TEST_F(Sweep, GivesEachWordTheMarginOfItsOwnText) {
  const std::vector<std::string> words = {"wide", "tired", "big", "strange"};
  const std::vector<SweepRow> rows =
      sweep(model, tokenizer, question, find_mention(text, encoding, "tired"), words);
  ASSERT_EQ(rows.size(), 4u);
  for (const SweepRow& row : rows) {
    EXPECT_NEAR(row.margin, margin_of("the dog saw the cat it was " + row.word), 1e-7);
    EXPECT_EQ(row.known, row.word != "strange");
  }
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const SweepRow& a, const SweepRow& b) { return a.margin > b.margin; }));
}

TEST_F(Sweep, FollowsThePronounWhenAWordBeforeItGrows) {
  const std::vector<std::string> words = {"big old"};
  const std::vector<SweepRow> rows =
      sweep(model, tokenizer, question, find_mention(text, encoding, "saw"), words);
  ASSERT_EQ(rows.size(), 1u);
  const std::string longer = "the dog big old the cat it was tired";
  const auto trace = run_pass(model, inputs_of(longer));
  const Encoding other = tokenizer.encode(longer);
  const std::vector<Mention> candidates = {find_mention(longer, other, "dog"),
                                           find_mention(longer, other, "cat")};
  EXPECT_NEAR(rows[0].margin,
              connect(*trace->weights(question.head), question.head, find_mention(longer, other, "it").tokens,
                      candidates)
                  .margin,
              1e-7);
}

TEST_F(Sweep, RefusesThePlaceOfThePronounItself) {
  const std::vector<std::string> words = {"wide"};
  EXPECT_THROW(sweep(model, tokenizer, question, question.pronoun, words), Error);
  EXPECT_THROW(sweep(model, tokenizer, question, question.candidates[1], words), Error);
}

TEST_F(Sweep, WhichWordsMatteredTakesOneWordAwayAtATime) {
  const WordGroups words = group_words(encoding.tokens, encoding.words);
  const std::vector<WordEffect> effects = which_words_mattered(model, inputs_of(text), words, question);
  ASSERT_EQ(effects.size(), 7u) << "the pronoun itself stays";
  const double margin = margin_of(text);
  for (const WordEffect& effect : effects) {
    EXPECT_NE(effect.word, 5);
    EXPECT_NEAR(effect.change, effect.margin - margin, 1e-6);
  }
  EXPECT_LE(effects[1].margin, 0) << "a hidden dog gets no weight, so that the margin cannot be positive";
}

TEST_F(Sweep, PatchingTheWholeStreamAtTheWordMovesTheAnswerAllTheWay) {
  const Inputs tired = inputs_of(text), wide = inputs_of("the dog saw the cat it was wide");
  const auto measure = [this](const Trace& trace) {
    return connect(*trace.weights(question.head), question.head, question.pronoun.tokens, question.candidates)
        .margin;
  };
  const std::vector<int> rows = {7};
  const PatchingResult result = patch_twins(model, tired, wide, rows, measure);
  EXPECT_NEAR(result.from, margin_of(text), 1e-7);
  ASSERT_EQ(result.streams.size(), 2u);
  EXPECT_NEAR(result.streams[0], 1, 1e-3) << "before layer 0 the word is all that differs";
  EXPECT_EQ(result.heads.rows(), 2);
  EXPECT_EQ(result.heads.cols(), 4);
  EXPECT_NEAR(result.heads.row(1).cwiseAbs().maxCoeff(), 0, 1e-3)
      << "what the last layer gives out moves no weights";
}

TEST_F(Sweep, PatchingOnePositionOfTheFirstLayerMovesAllTheWayAtTheWordOnly) {
  const Inputs tired = inputs_of(text), wide = inputs_of("the dog saw the cat it was wide");
  const auto measure = [this](const Trace& trace) {
    return connect(*trace.weights(question.head), question.head, question.pronoun.tokens, question.candidates)
        .margin;
  };
  const std::vector<int> rows = {7};
  float told = 0;
  const PatchingResult result = patch_twins(model, tired, wide, rows, measure, {}, nullptr, nullptr,
                                            [&](float share) { told = share; });
  ASSERT_EQ(result.positions.rows(), 2);
  ASSERT_EQ(result.positions.cols(), 8);
  EXPECT_NEAR(result.positions(0, 7), 1, 1e-3);
  for (int token = 0; token < 7; ++token)
    EXPECT_NEAR(result.positions(0, token), 0, 1e-3) << "the same word on both sides";
  EXPECT_FLOAT_EQ(told, 1);
}

TEST_F(Sweep, SwitchingAHeadOffMovesTheMeasureAsItsInterventionDoes) {
  const auto measure = [this](const Trace& trace) {
    return connect(*trace.weights(question.head), question.head, question.pronoun.tokens, question.candidates)
        .margin;
  };
  const Matrix change = switch_heads_off(model, inputs_of(text), measure);
  ASSERT_EQ(change.rows(), 2);
  ASSERT_EQ(change.cols(), 4);
  Interventions off;
  off.heads_off[{Stack::encoder, 0, 3}] = HeadOff::zero;
  const double expected = measure(*run_pass(model, inputs_of(text), off)) - margin_of(text);
  EXPECT_NEAR(change(0, 3), expected, 1e-6);
  EXPECT_GT(std::abs(expected), 1e-6);
  EXPECT_NEAR(change.row(1).cwiseAbs().maxCoeff(), 0, 1e-6)
      << "no output of the last layer moves its weights";
}

TEST(KnownWords, AreWholeWordsOfLettersOnly) {
  EXPECT_EQ(known_words(SpaceTokenizer({"dog", "##ing", "7", "a1", "don't", "!", "猫", "Zoé", "dog"})),
            (std::vector<std::string>{"dog", "猫", "Zoé"}));
  EXPECT_EQ(known_words(SpaceTokenizer({"Ġdog", "ing", "Ġ", "Ġ3", "Ġcat"})),
            (std::vector<std::string>{"dog", "cat"}));
}

TEST_F(Sweep, PatchingNeedsTwinsOfOneLengthThatDiffer) {
  const auto measure = [](const Trace& trace) { return static_cast<double>(trace.encoder.output(0, 0)); };
  const std::vector<int> rows = {0};
  EXPECT_THROW(patch_twins(model, inputs_of("the dog"), inputs_of("the"), rows, measure), Error);
  EXPECT_THROW(patch_twins(model, inputs_of("the dog"), inputs_of("the dog"), rows, measure), Error);
}

}  // namespace
}  // namespace attn

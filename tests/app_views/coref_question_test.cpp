#include "app/views/coreference/question.h"

#include <gtest/gtest.h>

#include "app/views/coreference/parts.h"
#include "tests/analysis/space_tokenizer.h"

namespace attn::app {
namespace {

// A side whose text is the tokenizer's own, with no model behind it.
std::shared_ptr<const Side> side_of(const std::string& text) {
  auto side = std::make_shared<Side>();
  auto model = std::make_shared<Model>();
  side->loaded.model = model;
  side->loaded.tokenizer = std::make_shared<SpaceTokenizer>(std::vector<std::string>{});
  side->subject.text = text;
  side->text.source = side->loaded.tokenizer->encode(text);
  auto trace = std::make_shared<Trace>();
  trace->model = model;
  trace->tokens = side->text.source.tokens;
  trace->words = side->text.source.words;
  side->trace = trace;
  return side;
}

std::vector<std::string> words_of(const CorefQuestion& question) {
  std::vector<std::string> words;
  for (const Mention& candidate : question.candidates) words.push_back(candidate.word);
  return words;
}
using Words = std::vector<std::string>;

TEST(CorefQuestion, NounsOfTheWordListsComeBeforeWordsBehindArticles) {
  const auto side = side_of("the old dog saw a cat and it ran");
  const CorefQuestion with = make_question(*side, {}, {"dog", "cat"});
  EXPECT_EQ(with.pronoun.word, "it");
  EXPECT_EQ(words_of(with), (Words{"dog", "cat"}));
  EXPECT_EQ(with.by, ProposedBy::word_lists);
  const CorefQuestion without = make_question(*side, {}, {});
  EXPECT_EQ(words_of(without), (Words{"old", "cat"})) << "what stands behind an article";
  EXPECT_EQ(without.by, ProposedBy::articles);
}

TEST(CorefQuestion, AWordThatTheModelDoesNotKnowIsTheRivalOfALoneNoun) {
  const auto side = side_of("the snark saw a cat and it ran");
  auto tokenizer =
      std::make_shared<SpaceTokenizer>(Words{"the", "saw", "a", "cat", "dog", "and", "it", "ran"});
  auto known = std::make_shared<Side>(*side);
  known->loaded.tokenizer = tokenizer;
  known->text.source = tokenizer->encode(known->subject.text);
  const CorefQuestion question = make_question(*known, {}, {"cat", "dog"});
  EXPECT_EQ(words_of(question), (Words{"snark", "cat"}));
  EXPECT_EQ(question.by, ProposedBy::word_lists_and_unknown);
}

TEST(CorefQuestion, ThePersonsOwnWordsComeFirstAndTheOthersAreNamedAsMissing) {
  CoreferenceState state;
  state.pronoun = "it#2";
  state.candidates = {"the old dog", "bird"};
  const CorefQuestion question = make_question(*side_of("the old dog saw it and it ran"), state, {});
  EXPECT_EQ(question.pronoun.tokens, (std::vector<int>{6}));
  EXPECT_EQ(words_of(question), (Words{"the old dog"}));
  EXPECT_EQ(question.candidates[0].tokens, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(question.by, ProposedBy::person);
  EXPECT_EQ(question.missing, (Words{"bird"}));
}

TEST(CorefQuestion, WithoutAPronounNothingIsProposed) {
  const CorefQuestion question = make_question(*side_of("dogs bark"), {}, {});
  EXPECT_FALSE(question.complete());
}

TEST(CorefQuestion, ADragIsNamedSoThatItIsFoundAgain) {
  const CorefQuestion question = make_question(*side_of("it saw it and the cat"), {}, {});
  EXPECT_EQ(name_of_tokens(question, 0, 0), "it");
  EXPECT_EQ(name_of_tokens(question, 2, 2), "it#2");
  EXPECT_EQ(name_of_tokens(question, 5, 4), "the cat") << "dragged to the left";
  EXPECT_EQ(name_of_tokens(question, 0, 9), std::nullopt);
}

TEST(SignedText, ShowsTheSignOfWhatIsNotZero) {
  EXPECT_EQ(signed_text(0.934), "+0.93");
  EXPECT_EQ(signed_text(-0.5, 1), "−0.5");
  EXPECT_EQ(signed_text(-0.001), "0.00");
}

}  // namespace
}  // namespace attn::app

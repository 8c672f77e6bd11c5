#include "core/analysis/word_answer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "word_model.h"

namespace attn {
namespace {

struct WordAnswer : testing::Test {
  SpaceTokenizer tokenizer{kWords};
  std::string text = "the dog saw the cat it was tired";
  Encoding encoding = tokenizer.encode(text);
  Mention it = find_mention(text, encoding, "it");
  std::vector<Mention> candidates = {find_mention(text, encoding, "dog"),
                                     find_mention(text, encoding, "cat")};
};

// The difference of two log-probabilities at one place is the difference of the logits there.
TEST_F(WordAnswer, OfAMaskedModelIsReadAtTheMaskedPronoun) {
  const auto model = word_model(OutputKind::masked_words, RandomModel::Shape::encoder);
  const CoreferenceAnswer answer = word_answer(model, tokenizer, text, it, candidates);
  ASSERT_EQ(answer.scores.size(), 2u);
  Inputs inputs;
  inputs.ids = encoding.ids;
  inputs.ids[5] = *tokenizer.mask_id();
  const Matrix logits = compute_logits(*run_pass(model, inputs));
  EXPECT_NEAR(answer.scores[0] - answer.scores[1], logits(5, 1) - logits(5, 2), 1e-5);
}

TEST_F(WordAnswer, OfAModelOfNextWordsIsReadBeforeThePronoun) {
  const auto model = word_model(OutputKind::next_words, RandomModel::Shape::decoder);
  const CoreferenceAnswer answer = word_answer(model, tokenizer, text, it, candidates);
  ASSERT_EQ(answer.scores.size(), 2u);
  Inputs inputs;
  inputs.ids = encoding.ids;
  const Matrix logits = compute_logits(*run_pass(model, inputs));
  EXPECT_NEAR(answer.scores[0] - answer.scores[1], logits(4, 1) - logits(4, 2), 1e-5);
}

TEST_F(WordAnswer, CannotSayForSeveralTokensOrWithoutWords) {
  const auto model = word_model(OutputKind::masked_words, RandomModel::Shape::encoder);
  candidates.push_back(find_mention(text, encoding, "the dog"));
  const CoreferenceAnswer several = word_answer(model, tokenizer, text, it, candidates);
  EXPECT_TRUE(several.scores.empty());
  EXPECT_NE(several.why_not.find("the dog"), std::string::npos);
  const auto silent = word_model(OutputKind::none, RandomModel::Shape::encoder);
  EXPECT_FALSE(word_answer(silent, tokenizer, text, it, candidates).why_not.empty());
}

}  // namespace
}  // namespace attn

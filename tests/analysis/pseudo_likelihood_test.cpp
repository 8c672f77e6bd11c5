#include "core/analysis/pseudo_likelihood.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/math/error.h"
#include "word_model.h"

namespace attn {
namespace {

double log_softmax(const Matrix& logits, Index row, int id) {
  double sum = 0;
  for (Index v = 0; v < logits.cols(); ++v) sum += std::exp(static_cast<double>(logits(row, v)));
  return logits(row, id) - std::log(sum);
}

TEST(TextLikelihood, OfAMaskedModelHidesEachTokenInTurn) {
  const auto model = word_model(OutputKind::masked_words, RandomModel::Shape::encoder);
  const SpaceTokenizer tokenizer(kWords);
  const Encoding encoding = tokenizer.encode("the dog saw it");
  const TextLikelihood fast = text_likelihood(model, tokenizer, encoding);
  double sum = 0;
  for (std::size_t t = 0; t < 4; ++t) {
    Inputs inputs;
    inputs.ids = encoding.ids;
    inputs.ids[t] = *tokenizer.mask_id();
    const double slow =
        log_softmax(compute_logits(*run_pass(model, inputs)), static_cast<Index>(t), encoding.ids[t]);
    EXPECT_NEAR(fast.tokens[t], slow, 1e-4);
    sum += slow;
  }
  EXPECT_NEAR(fast.sum, sum, 1e-3);
}

TEST(TextLikelihood, OfACausalModelJudgesEachTokenByWhatStandsBefore) {
  const auto model = word_model(OutputKind::next_words, RandomModel::Shape::decoder);
  const SpaceTokenizer tokenizer(kWords);
  const Encoding encoding = tokenizer.encode("the dog saw it");
  const TextLikelihood likelihood = text_likelihood(model, tokenizer, encoding);
  Inputs inputs;
  inputs.ids = encoding.ids;
  const Matrix logits = compute_logits(*run_pass(model, inputs));
  EXPECT_TRUE(std::isnan(likelihood.tokens[0]))
      << "nothing stands before it, and there is no beginning-of-text";
  for (std::size_t t = 1; t < 4; ++t)
    EXPECT_NEAR(likelihood.tokens[t], log_softmax(logits, static_cast<Index>(t) - 1, encoding.ids[t]), 1e-4);

  auto with_bos = std::make_shared<Model>(*model);
  with_bos->spec.bos_id = 17;
  EXPECT_FALSE(std::isnan(text_likelihood(with_bos, tokenizer, encoding).tokens[0]));
}

TEST(TextLikelihood, IsRefusedByModelsThatPredictNoWords) {
  const auto model = word_model(OutputKind::sequence_label, RandomModel::Shape::encoder);
  const SpaceTokenizer tokenizer(kWords);
  EXPECT_THROW(text_likelihood(model, tokenizer, tokenizer.encode("the dog")), Error);
}

TEST(SubstitutionAnswer, PrefersTheCandidateWhoseTextIsLikelier) {
  const auto model = word_model(OutputKind::masked_words, RandomModel::Shape::encoder);
  const SpaceTokenizer tokenizer(kWords);
  const std::string text = "the dog saw the cat it was tired";
  const Encoding encoding = tokenizer.encode(text);
  const Mention it = find_mention(text, encoding, "it");
  const std::vector<Mention> candidates = {find_mention(text, encoding, "dog"),
                                           find_mention(text, encoding, "the cat")};
  const SubstitutionAnswer answer = substitution_answer(model, tokenizer, text, it, candidates);
  ASSERT_EQ(answer.texts.size(), 2u);
  EXPECT_EQ(answer.texts[0].text, "the dog saw the cat dog was tired");
  EXPECT_EQ(answer.texts[1].text, "the dog saw the cat the cat was tired");
  const TextLikelihood second = text_likelihood(model, tokenizer, tokenizer.encode(answer.texts[1].text));
  EXPECT_NEAR(answer.texts[1].sum, second.sum, 1e-6);
  EXPECT_NEAR(answer.texts[1].candidate, second.tokens[5] + second.tokens[6], 1e-6);
  EXPECT_NEAR(answer.texts[1].rest, second.sum - second.tokens[5] - second.tokens[6], 1e-6);
  EXPECT_EQ(answer.answer.best(), answer.texts[0].sum > answer.texts[1].sum ? 0 : 1);
}

}  // namespace
}  // namespace attn

#include "core/analysis/coreference_accuracy.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/math/error.h"
#include "space_tokenizer.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

const std::vector<std::string> kWords = {"the", "dog", "cat", "saw", "it", "was", "tired", "wide", "big",
                                         "old", "d",   "e",   "f",   "g",  "h",   "i",     "j",    "k"};

PronounExample example(const std::string& text, int answer) {
  PronounExample e;
  e.text = text;
  e.pronoun.word = "it";
  e.candidates = {{"dog"}, {"cat"}};
  if (answer >= 0) e.answer = answer;
  return e;
}

struct Accuracy : testing::Test {
  SpaceTokenizer tokenizer{kWords};
  std::shared_ptr<const Model> model = RandomModel{}.build();
  std::vector<PronounExample> examples = {
      example("the dog saw the cat it was tired", 0), example("the dog saw the cat it was wide", 1),
      example("the cat saw the dog it was old", 0), example("the dog saw it", 1),
      example("the cat and the dog it was big", -1)};
};

TEST_F(Accuracy, CountsEachHeadAsItsOwnPassSays) {
  const CoreferenceAccuracy result = coreference_accuracy(model, tokenizer, examples);
  EXPECT_EQ(result.n, 3) << "one has no cat, one no answer";
  EXPECT_EQ(result.n_skipped, 1);
  EXPECT_EQ(result.n_neither, 1);
  EXPECT_FALSE(result.outcomes[3].why_skipped.empty());
  ASSERT_EQ(result.heads.size(), 8u);
  for (const HeadAccuracy& head : result.heads) {
    int right = 0;
    for (const int i : {0, 1, 2}) {
      const PronounExample& e = examples[static_cast<std::size_t>(i)];
      const Encoding encoding = tokenizer.encode(e.text);
      Inputs inputs;
      inputs.ids = encoding.ids;
      const auto trace = run_pass(model, inputs);
      const Mention it = find_mention(e.text, encoding, "it"), dog = find_mention(e.text, encoding, "dog"),
                    cat = find_mention(e.text, encoding, "cat");
      const HeadWeights weights = *trace->weights(head.head);
      const bool first =
          word_weight(weights, it.tokens, dog.tokens) >= word_weight(weights, it.tokens, cat.tokens);
      right += (first ? 0 : 1) == *e.answer;
    }
    EXPECT_EQ(head.right, right) << to_text(head.head);
    EXPECT_EQ(head.share.n, 3);
  }
  EXPECT_TRUE(std::is_sorted(result.heads.begin(), result.heads.end(),
                             [](const HeadAccuracy& a, const HeadAccuracy& b) { return a.right > b.right; }));
}

TEST_F(Accuracy, BaselinesGoByThePlacesInTheText) {
  const CoreferenceAccuracy result = coreference_accuracy(model, tokenizer, examples);
  // Right answers: dog (first), cat (nearest), dog (nearest: "the cat saw the dog").
  EXPECT_NEAR(result.first.mean, 1.0 / 3, 1e-12);
  EXPECT_NEAR(result.nearest.mean, 2.0 / 3, 1e-12);
  EXPECT_NEAR(result.chance, 0.5, 1e-12);
}

TEST_F(Accuracy, RefusesAFileOfWhichNothingCanBeRead) {
  EXPECT_THROW(coreference_accuracy(model, tokenizer, {example("nothing here", 0)}), Error);
}

TEST_F(Accuracy, IsWrittenAsJson) {
  const auto json = nlohmann::json::parse(
      to_json(coreference_accuracy(model, tokenizer, examples), examples, "random", false));
  EXPECT_EQ(json.at("n"), 3);
  EXPECT_EQ(json.at("heads").size(), 8u);
  EXPECT_EQ(json.at("answer").at("method"), "mas");
  EXPECT_EQ(json.at("skipped").size(), 1u);
}

TEST_F(Accuracy, CanBeCancelled) {
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(coreference_accuracy(model, tokenizer, examples, {}, nullptr, &cancel), Cancelled);
}

}  // namespace
}  // namespace attn

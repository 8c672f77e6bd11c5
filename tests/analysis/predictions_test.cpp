#include "core/analysis/predictions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/analysis/health.h"
#include "core/analysis/lens.h"
#include "space_tokenizer.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

std::shared_ptr<const Trace> pass_of(RandomModel::Shape shape) {
  RandomModel wish;
  wish.shape = shape;
  wish.norm_place = NormPlace::before;
  wish.final_norm = true;
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1, 5};
  return run_pass(wish.build(), inputs);
}

TEST(Predictions, TheLikeliestComeFirstAndTheirProbabilitiesAreASoftmax) {
  ModelSpec spec;
  spec.output = OutputKind::next_words;
  const std::vector<float> logits = {0, std::log(3.0f), std::log(2.0f), std::log(4.0f)};
  const std::vector<Prediction> best = most_likely(spec, nullptr, logits, 2);
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].id, 3);
  EXPECT_NEAR(best[0].probability, 0.4, 1e-6);
  EXPECT_EQ(best[1].id, 1);
  EXPECT_NEAR(best[1].probability, 0.3, 1e-6);
  EXPECT_NEAR(prediction_of(spec, nullptr, logits, 0).probability, 0.1, 1e-6);
  EXPECT_EQ(rank_of(logits, 2), 2);
}

TEST(Predictions, LabelsAreCalledAsTheConfigSays) {
  ModelSpec spec;
  spec.output = OutputKind::sequence_label;
  spec.label_names = {"negative", ""};
  EXPECT_EQ(output_name(spec, nullptr, 0), "negative");
  EXPECT_EQ(output_name(spec, nullptr, 1), "1");
}

TEST(Predictions, TheTokenizersMaskComesBeforeTheConfigs) {
  ModelSpec spec;
  spec.mask_id = 7;
  EXPECT_EQ(mask_token(spec, nullptr), 7);
  const SpaceTokenizer tokenizer({"a", "b"});
  EXPECT_EQ(mask_token(spec, &tokenizer), 3);
  EXPECT_EQ(mask_token(ModelSpec{}, nullptr), std::nullopt);
}

TEST(Predictions, AMaskedTextDiffersInTheMaskedPlacesOnly) {
  Inputs inputs;
  inputs.ids = {1, 2, 3};
  EXPECT_EQ(with_masked(inputs, std::vector<int>{1, 9}, 8).ids, (std::vector<int>{1, 8, 3}));
}

TEST(Predictions, AnAnswerIsTheBestSpanAndNeverRunsBackwards) {
  Matrix logits = Matrix::Zero(4, 2);
  logits(3, 0) = 5;  // the best start stands behind the best end
  logits(1, 1) = 5;
  logits(0, 0) = 4;
  const AnswerSpan span = best_span(logits, {});
  EXPECT_EQ(span.begin, 0);
  EXPECT_EQ(span.end, 1);
  const AnswerSpan without_first = best_span(logits, {false, true, true, true});
  EXPECT_EQ(without_first.begin, 1);
  EXPECT_EQ(without_first.end, 1);
}

TEST(LensTable, IsTheLogitLensOfEveryToken) {
  const auto trace = pass_of(RandomModel::Shape::decoder);
  int n_calls = 0;
  const LensTable table =
      lens_table(*trace, nullptr, {}, nullptr, nullptr, [&](const LensTable&, int) { ++n_calls; });
  EXPECT_EQ(n_calls, 5);
  ASSERT_EQ(table.n_rows, 3);
  for (int token = 0; token < 5; ++token) {
    const Matrix lens = logit_lens(*trace, token);
    for (int row = 0; row < 3; ++row) {
      Index best = 0;
      const double largest = lens.row(row).maxCoeff(&best);
      const double sum = (lens.row(row).cast<double>().array() - largest).exp().sum();
      EXPECT_EQ(table.at(row, token).id, best);
      EXPECT_NEAR(table.at(row, token).probability, 1 / sum, 1e-6);
      EXPECT_EQ(table.name(row, token), std::to_string(best));
    }
  }
}

TEST(Health, NamesTheFirstPlaceThatIsNotANumber) {
  const auto trace = pass_of(RandomModel::Shape::decoder);
  EXPECT_TRUE(first_not_a_number(*trace, "model").empty());
  auto model = std::make_shared<Model>(*trace->model);
  model->parameters.decoder.layers[1].ffn_norm.gain(2) = std::nanf("");
  const auto broken = run_pass(model, trace->inputs);
  const Wording wording = first_not_a_number(*broken, "model");
  EXPECT_EQ(wording.key, "not_a_number.feed_forward");
  EXPECT_NE(wording.english.find("the feed-forward network of L1"), std::string::npos) << wording.english;
}

}  // namespace
}  // namespace attn

#include "core/forward/pass.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/math/error.h"
#include "random_model.h"
#include "same_trace.h"

namespace attn {
namespace {

using Shape = RandomModel::Shape;

Inputs text(std::vector<int> ids) {
  Inputs inputs;
  inputs.ids = std::move(ids);
  return inputs;
}

Inputs translation(std::vector<int> ids, std::vector<int> target) {
  Inputs inputs = text(std::move(ids));
  inputs.target_ids = std::move(target);
  return inputs;
}

float difference(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return 1e9f;
  return a.size() == 0 ? 0.0f : (a - b).cwiseAbs().maxCoeff();
}

std::vector<RandomModel> every_kind() {
  std::vector<RandomModel> all;
  for (PositionKind kind :
       {PositionKind::none, PositionKind::learned, PositionKind::sinusoidal, PositionKind::rotary,
        PositionKind::alibi, PositionKind::bucket_bias, PositionKind::relative_key,
        PositionKind::relative_key_query, PositionKind::disentangled, PositionKind::transformer_xl}) {
    RandomModel model;
    model.position = kind;
    all.push_back(model);
  }
  RandomModel gpt;
  gpt.shape = Shape::decoder;
  gpt.norm_place = NormPlace::before;
  gpt.final_norm = true;
  all.push_back(gpt);
  RandomModel llama = gpt;
  llama.norm = NormKind::rms;
  llama.position = PositionKind::rotary;
  llama.gated = true;
  llama.n_kv_heads = 2;
  all.push_back(llama);
  RandomModel gemma = llama;
  gemma.norm = NormKind::rms_offset;
  gemma.norm_place = NormPlace::both;
  gemma.soft_cap = 3;
  gemma.window = 3;
  all.push_back(gemma);
  RandomModel neox = gpt;
  neox.parallel_residual = true;
  all.push_back(neox);
  RandomModel bahdanau;
  bahdanau.shape = Shape::both;
  bahdanau.scoring = Scoring::additive;
  all.push_back(bahdanau);
  RandomModel t5;
  t5.shape = Shape::both;
  t5.norm_place = NormPlace::before;
  t5.norm = NormKind::rms;
  t5.position = PositionKind::bucket_bias;
  t5.final_norm = true;
  all.push_back(t5);
  return all;
}

Inputs some_inputs(const RandomModel& model) {
  return model.shape == Shape::both ? translation({3, 1, 4, 1, 5, 9}, {2, 7, 1, 8})
                                    : text({3, 1, 4, 1, 5, 9, 2});
}

TEST(Pass, EveryRowOfEveryHeadSumsToOneAndNothingMaskedIsSeen) {
  for (const RandomModel& wish : every_kind()) {
    const auto trace = run_pass(wish.build(), some_inputs(wish));
    for (Stack stack : {Stack::encoder, Stack::decoder, Stack::cross}) {
      for (int layer = 0; layer < trace->n_layers(stack); ++layer) {
        for (int head = 0; head < trace->n_heads(stack); ++head) {
          const auto weights = trace->weights({stack, layer, head});
          ASSERT_TRUE(weights);
          for (Index q = 0; q < weights->rows(); ++q) {
            float sum = 0;
            for (Index k = 0; k < weights->cols(); ++k) {
              EXPECT_GE(weights->at(q, k), 0.0f);
              if (stack == Stack::decoder && k > q) {
                EXPECT_EQ(weights->at(q, k), 0.0f);
              }
              sum += weights->at(q, k);
            }
            EXPECT_NEAR(sum, 1.0f, 1e-5f);
          }
        }
      }
    }
  }
}

TEST(Pass, ACausalModelNeverLooksAhead) {
  RandomModel wish;
  wish.shape = Shape::decoder;
  for (PositionKind kind : {PositionKind::learned, PositionKind::rotary, PositionKind::alibi}) {
    wish.position = kind;
    const auto model = wish.build();
    const auto a = run_pass(model, text({3, 1, 4, 1, 5}));
    const auto b = run_pass(model, text({3, 1, 4, 9, 2}));
    EXPECT_EQ(difference(a->decoder.output.topRows(3), b->decoder.output.topRows(3)), 0.0f);
    EXPECT_GT(difference(a->decoder.output.bottomRows(2), b->decoder.output.bottomRows(2)), 1e-3f);
  }
}

TEST(Pass, WithPositionsOffAPermutedTextIsAPermutedResult) {
  for (PositionKind kind :
       {PositionKind::learned, PositionKind::sinusoidal, PositionKind::rotary, PositionKind::alibi,
        PositionKind::bucket_bias, PositionKind::relative_key, PositionKind::relative_key_query,
        PositionKind::disentangled, PositionKind::transformer_xl}) {
    RandomModel wish;
    wish.position = kind;
    const auto model = wish.build();
    Interventions off;
    off.positions = PositionSetting::off;
    const auto a = run_pass(model, text({3, 1, 4, 5}), off);
    const auto b = run_pass(model, text({4, 5, 3, 1}), off);
    const int place[] = {2, 3, 0, 1};
    for (int t = 0; t < 4; ++t)
      EXPECT_LT(difference(a->encoder.output.row(t), b->encoder.output.row(place[t])), 1e-5f);
    const auto with_positions = run_pass(model, text({4, 5, 3, 1}));
    EXPECT_GT(difference(with_positions->encoder.output, b->encoder.output), 1e-3f);
  }
}

TEST(Pass, WithoutPositionsTheSameWordTwiceHasTheSameRowToTheLastDigit) {
  const auto model = RandomModel().build();
  Interventions off;
  off.positions = PositionSetting::off;
  const auto trace = run_pass(model, text({1, 7, 2, 7}), off);  // I saw a saw
  EXPECT_EQ(difference(trace->encoder.output.row(1), trace->encoder.output.row(3)), 0.0f);
  for (int head = 0; head < 4; ++head) {
    const auto weights = trace->weights({Stack::encoder, 1, head});
    for (Index k = 0; k < 4; ++k) EXPECT_EQ(weights->at(1, k), weights->at(3, k));
  }
}

TEST(Pass, ATextInABatchIsBitForBitTheTextAlone) {
  for (const RandomModel& wish : every_kind()) {
    const auto model = wish.build();
    std::vector<Inputs> batch;
    if (wish.shape == Shape::both)
      batch = {translation({3, 1, 4}, {2, 7}), translation({5}, {8, 2, 8, 1, 8}),
               translation({9, 2, 6, 5, 3}, {4})};
    else
      batch = {text({3, 1, 4, 1, 5, 9, 2, 6}), text({5}), text({3, 5, 8})};
    PassOptions options;
    options.logits = true;
    const auto together = run_batch(model, batch, {}, options);
    for (std::size_t i = 0; i < batch.size(); ++i)
      EXPECT_EQ(unlike(*together[i], *run_pass(model, batch[i], {}, options)), "");
  }
}

TEST(Pass, TheNumberOfThreadsChangesNoBit) {
  Pool three(3);
  PassOptions options;
  options.pool = &three;
  for (const RandomModel& wish : every_kind()) {
    const auto model = wish.build();
    EXPECT_EQ(unlike(*run_pass(model, some_inputs(wish)), *run_pass(model, some_inputs(wish), {}, options)),
              "");
  }
}

// The whole of a small BERT, written once more as plainly as possible, in double.
TEST(Pass, AgreesWithThePlainFormulasOfAPostNormEncoder) {
  const auto model = RandomModel().build();
  const std::vector<int> ids = {3, 1, 4, 1, 5};
  using M = MatrixOf<double>;
  const auto linear = [](const Linear<float>& l, const M& x) -> M {
    M y = x * l.weight().cast<double>().transpose();
    y.rowwise() += l.bias().cast<double>();
    return y;
  };
  const auto norm = [](const NormParameters<float>& n, M x) {
    for (Index r = 0; r < x.rows(); ++r) {
      const double mean = x.row(r).sum() / static_cast<double>(x.cols());
      double variance = 0;
      for (Index c = 0; c < x.cols(); ++c) variance += (x(r, c) - mean) * (x(r, c) - mean);
      variance /= static_cast<double>(x.cols());
      for (Index c = 0; c < x.cols(); ++c)
        x(r, c) = (x(r, c) - mean) / std::sqrt(variance + 1e-5) * n.gain[c] + n.bias[c];
    }
    return x;
  };
  const auto& p = model->parameters;
  M x(5, 16);
  for (Index t = 0; t < 5; ++t)
    x.row(t) = p.embedding.words.row(ids[static_cast<std::size_t>(t)]).cast<double>() +
               p.encoder.position_table.row(t).cast<double>();
  x = norm(p.encoder.embedding_norm, x);
  std::vector<M> all_weights;
  for (const auto& layer : p.encoder.layers) {
    const M q = linear(layer.self.query, x), k = linear(layer.self.key, x), v = linear(layer.self.value, x);
    M mixed = M::Zero(5, 16);
    for (Index h = 0; h < 4; ++h) {
      M weights(5, 5);
      for (Index i = 0; i < 5; ++i) {
        double sum = 0;
        for (Index j = 0; j < 5; ++j) {
          double dot = 0;
          for (Index c = 4 * h; c < 4 * h + 4; ++c) dot += q(i, c) * k(j, c);
          weights(i, j) = std::exp(dot / 2.0);
          sum += weights(i, j);
        }
        weights.row(i) /= sum;
        for (Index j = 0; j < 5; ++j)
          for (Index c = 4 * h; c < 4 * h + 4; ++c) mixed(i, c) += weights(i, j) * v(j, c);
      }
      all_weights.push_back(weights);
    }
    x = norm(layer.self_norm, x + linear(layer.self.output, mixed));
    M hidden = linear(layer.up, x);
    for (Index i = 0; i < hidden.size(); ++i) {
      double& value = hidden.data()[i];
      value = 0.5 * value * (1 + std::erf(value / std::sqrt(2.0)));
    }
    x = norm(layer.ffn_norm, x + linear(layer.down, hidden));
  }

  const auto trace = run_pass(model, text(ids));
  EXPECT_LT(difference(trace->encoder.output, x.cast<float>()), 2e-5f);
  for (std::size_t i = 0; i < all_weights.size(); ++i)
    EXPECT_LT(difference(trace->encoder.layers[i / 4]->self->weights[i % 4], all_weights[i].cast<float>()),
              1e-5f);
}

TEST(Pass, RefusesWhatTheModelCannotRead) {
  RandomModel wish;
  wish.n_positions = 4;
  const auto model = wish.build();
  EXPECT_THROW(run_pass(model, text({})), Error);
  EXPECT_THROW(run_pass(model, text({1, 2, 3, 4, 5})), Error);
  EXPECT_THROW(run_pass(model, text({20})), Error);
  EXPECT_THROW(run_pass(model, text({-1})), Error);
  wish.shape = Shape::both;
  EXPECT_THROW(run_pass(wish.build(), text({1})), Error);
}

TEST(Pass, PublishesEveryLayerAndIsCancelledBetweenThem) {
  const auto model = RandomModel().build();
  CancelToken cancel;
  PassOptions options;
  std::vector<std::shared_ptr<const Trace>> published;
  options.on_layer = [&](std::shared_ptr<const Trace> trace) { published.push_back(std::move(trace)); };
  run_pass(model, text({1, 2, 3}), {}, options);
  ASSERT_EQ(published.size(), 2u);
  EXPECT_EQ(published[0]->n_layers(Stack::encoder), 1);
  EXPECT_FALSE(published[0]->complete);
  EXPECT_TRUE(published[0]->weights({Stack::encoder, 0, 3}));
  EXPECT_FALSE(published[0]->weights({Stack::encoder, 1, 3}));

  options.cancel = &cancel;
  options.on_layer = [&](const std::shared_ptr<const Trace>&) { cancel.cancel(); };
  EXPECT_THROW(run_pass(model, text({1, 2, 3}), {}, options), Cancelled);
}

TEST(Pass, AThumbnailShowsTheLargestWeightOfEachOfItsCells) {
  RandomModel wish;
  wish.n_positions = 200;
  std::vector<int> ids;
  for (int t = 0; t < 150; ++t) ids.push_back(t * 7 % 20);
  const auto trace = run_pass(wish.build(), text(ids));
  const AttentionRecord& record = *trace->attention(Stack::encoder, 1);
  for (std::size_t h = 0; h < 4; ++h) {
    Matrix pooled = Matrix::Zero(64, 64);
    for (Index q = 0; q < 150; ++q)
      for (Index k = 0; k < 150; ++k) {
        float& cell = pooled(q * 64 / 150, k * 64 / 150);
        cell = std::max(cell, record.weights[h](q, k));
      }
    EXPECT_EQ(difference(record.thumbnails[h], pooled), 0.0f);
  }
}

TEST(Pass, OverItsBudgetATraceKeepsNoWeightsButMakesTheSameOnDemand) {
  RandomModel wish;
  wish.n_positions = 200;
  for (Shape shape : {Shape::encoder, Shape::both}) {
    wish.shape = shape;
    const auto model = wish.build();
    std::vector<int> ids;
    for (int t = 0; t < 150; ++t) ids.push_back(t * 7 % 20);
    const Inputs inputs = shape == Shape::both ? translation(ids, {1, 2, 3}) : text(ids);
    PassOptions small;
    small.weights_budget_bytes = 1000;
    const auto lean = run_pass(model, inputs, {}, small);
    const auto full = run_pass(model, inputs);
    EXPECT_FALSE(lean->weights({Stack::encoder, 1, 2}));
    EXPECT_EQ(lean->n_heads(Stack::encoder), 4);
    EXPECT_EQ(difference(lean->encoder.output, full->encoder.output), 0.0f);
    for (Stack stack : {Stack::encoder, Stack::decoder, Stack::cross})
      for (int layer = 0; layer < full->n_layers(stack); ++layer)
        EXPECT_EQ(
            difference(compute_weights(*lean, {stack, layer, 2}), full->attention(stack, layer)->weights[2]),
            0.0f);
  }
}

TEST(Explain, TheHeadsPartsAndTheOutputBiasAreTheAttentionOutput) {
  for (const RandomModel& wish : every_kind()) {
    const auto model = wish.build();
    const auto trace = run_pass(model, some_inputs(wish));
    for (Stack stack : {Stack::encoder, Stack::decoder, Stack::cross}) {
      for (int layer = 0; layer < trace->n_layers(stack); ++layer) {
        const auto& stack_parameters =
            stack == Stack::encoder ? model->parameters.encoder : model->parameters.decoder;
        const auto& parameters = stack_parameters.layers[static_cast<std::size_t>(layer)];
        const auto& output = (stack == Stack::cross ? parameters.cross : parameters.self).output;
        const auto& record = *(stack == Stack::encoder ? trace->encoder : trace->decoder)
                                  .layers[static_cast<std::size_t>(layer)];
        const Matrix& out = stack == Stack::cross ? record.cross_out : record.self_out;
        Matrix sum = output.bias().replicate(out.rows(), 1);
        for (int head = 0; head < trace->n_heads(stack); ++head)
          sum += explain_head(*trace, {stack, layer, head}).part;
        EXPECT_LT(difference(sum, out), 1e-5f);
      }
    }
  }
}

TEST(Explain, ScoresAreTheSumOfTheirPartsAndWeightsAreThoseOfThePass) {
  for (const RandomModel& wish : every_kind()) {
    const auto trace = run_pass(wish.build(), some_inputs(wish));
    for (Stack stack : {Stack::encoder, Stack::decoder, Stack::cross}) {
      for (int layer = 0; layer < trace->n_layers(stack); ++layer) {
        const HeadExplanation head = explain_head(*trace, {stack, layer, 1});
        EXPECT_LT(difference(head.weights, trace->attention(stack, layer)->weights[1]), 1e-6f);
        if (wish.soft_cap > 0) continue;
        const Matrix sum = head.position.size() > 0 ? Matrix(head.content + head.position) : head.content;
        EXPECT_LT(difference(head.scores, sum), 1e-5f);
        EXPECT_LT(difference(head.mixed, head.weights * head.values), 1e-5f);
        if (wish.scoring == Scoring::dot_product) {
          EXPECT_LT(difference(head.content, head.queries * head.keys.transpose() * 0.5f), 1e-4f);
        }
      }
    }
  }
}

TEST(Explain, FfnActivationsGoThroughTheLastMapToWhatTheLayerRecorded) {
  for (const RandomModel& wish : every_kind()) {
    const auto model = wish.build();
    const auto trace = run_pass(model, some_inputs(wish));
    for (Stack stack : {Stack::encoder, Stack::decoder}) {
      const StackTrace& layers = stack == Stack::encoder ? trace->encoder : trace->decoder;
      const auto& parameters =
          stack == Stack::encoder ? model->parameters.encoder : model->parameters.decoder;
      for (std::size_t l = 0; l < layers.layers.size(); ++l) {
        const std::vector<int> rows = {2, 0};
        const Matrix hidden = compute_ffn_activations(*trace, stack, static_cast<int>(l), rows);
        const Matrix out = parameters.layers[l].down(view(hidden));
        EXPECT_EQ(difference(out.row(0), layers.layers[l]->ffn_out.row(2)), 0.0f);
        EXPECT_EQ(difference(out.row(1), layers.layers[l]->ffn_out.row(0)), 0.0f);
      }
    }
  }
}

TEST(Explain, LogitsOfChosenRowsAreThoseOfAll) {
  const auto model = RandomModel().build();
  PassOptions options;
  options.logits = true;
  const auto trace = run_pass(model, text({1, 2, 3, 4}), {}, options);
  const std::vector<int> rows = {3, 1};
  const Matrix some = compute_logits(*trace, rows);
  EXPECT_EQ(difference(some.row(0), trace->logits.row(3)), 0.0f);
  EXPECT_EQ(difference(some.row(1), trace->logits.row(1)), 0.0f);
  EXPECT_THROW(compute_logits(*trace, std::vector<int>{4}), Error);
}

TEST(Patches, TheWholeStreamOfAnotherTextMakesItTheOtherText) {
  const auto model = RandomModel().build();
  const auto a = run_pass(model, text({1, 2, 3}));
  const auto b = run_pass(model, text({4, 5, 6}));
  PassOptions options;
  options.patches = {{Stack::encoder, 1, -1, {0, 1, 2}, b->encoder.layers[1]->input}};
  const auto patched = run_pass(model, text({1, 2, 3}), {}, options);
  EXPECT_EQ(difference(patched->encoder.output, b->encoder.output), 0.0f);
  EXPECT_TRUE(patched->patched);
  EXPECT_EQ(difference(patched->encoder.layers[0]->input, a->encoder.layers[0]->input), 0.0f);
}

TEST(Patches, AHeadsSumComesFromThePatch) {
  const auto model = RandomModel().build();
  PassOptions options;
  options.patches = {{Stack::encoder, 0, 2, {1}, Matrix::Constant(1, 4, 0.25f)}};
  const auto patched = run_pass(model, text({1, 2, 3}), {}, options);
  const auto plain = run_pass(model, text({1, 2, 3}));
  Matrix expected = plain->encoder.layers[0]->self->mixed;
  expected.row(1).segment(8, 4).setConstant(0.25f);
  EXPECT_EQ(difference(patched->encoder.layers[0]->self->mixed, expected), 0.0f);
  options.patches[0].values = Matrix::Zero(1, 5);
  EXPECT_THROW(run_pass(model, text({1, 2, 3}), {}, options), Error);
}

}  // namespace
}  // namespace attn

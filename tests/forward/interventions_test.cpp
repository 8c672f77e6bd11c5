#include "core/forward/interventions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "random_model.h"

namespace attn {
namespace {

using Shape = RandomModel::Shape;

Inputs text(std::vector<int> ids) {
  Inputs inputs;
  inputs.ids = std::move(ids);
  return inputs;
}

std::shared_ptr<const Model> encoder() {
  return RandomModel().build();
}

std::shared_ptr<const Model> translator() {
  RandomModel wish;
  wish.shape = Shape::both;
  return wish.build();
}

std::shared_ptr<const Trace> run(const std::shared_ptr<const Model>& model, const std::string& interventions,
                                 std::vector<int> ids = {3, 1, 4, 1, 5}) {
  Inputs inputs = text(std::move(ids));
  if (model->spec.is_encoder_decoder()) inputs.target_ids = {2, 7, 1};
  return run_pass(model, inputs, parse_interventions(interventions, model->spec));
}

float difference(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() ? (a - b).cwiseAbs().maxCoeff() : 1e9f;
}

const Matrix& weights_of(const Trace& trace, int layer, int head, Stack stack = Stack::encoder) {
  return trace.attention(stack, layer)->weights[static_cast<std::size_t>(head)];
}

TEST(InterventionText, SaysWhatTheHeadersExampleSaysAndBack) {
  const std::string written =
      "mask=causal; hide=3,5; block=7:1,7:2; mask.cross=none; positions=shuffled:2,0,1; scaling=off; "
      "temperature=2; softmax=hard; head 0.1=zero; head cross 1.2=uniform; weight 1.0 7:5=0.9; attention "
      "0=off; "
      "residual 1=off; norm 1=off; ffn dec 0=off";
  const std::string numbers =
      "embedding dec 7:3=0.5; q 1.0 7:3=0.5; k cross 1.0 5:3=0; v 1.0 5:3=0; score 1.0 7:5=-2; z 1.0 "
      "7:3=0.5; attention-out 1 7:3=0; activation 1 7:3=1; ffn-out dec 1 7:3=1e-05; stream 1 7:3=0.5";
  EXPECT_EQ(to_text(parse_interventions(numbers, translator()->spec)), numbers);
  const Interventions parsed = parse_interventions(written, translator()->spec);
  EXPECT_EQ(parsed.masks.at(Stack::encoder).kind, MaskKind::causal);
  EXPECT_EQ(parsed.masks.at(Stack::encoder).hidden_keys, (std::set<int>{3, 5}));
  EXPECT_EQ(parsed.permutation, (std::vector<int>{2, 0, 1}));
  EXPECT_EQ(parsed.heads_off.at({Stack::cross, 1, 2}), HeadOff::uniform);
  EXPECT_EQ(parsed.cells.at(0), (OverwrittenCell{{Stack::encoder, 1, 0}, 7, 5, 0.9f}));
  EXPECT_FALSE(parsed.layers.at({Stack::decoder, 0}).feed_forward);
  EXPECT_EQ(parse_interventions(to_text(parsed), translator()->spec), parsed);
  EXPECT_EQ(to_text(parsed), written);
}

TEST(InterventionText, EveryValueComesBackFromItsTextWithAndWithoutAModel) {
  std::mt19937 dice(3);
  const auto below = [&](int n) { return static_cast<int>(dice() % static_cast<unsigned>(n)); };
  const Stack stacks[] = {Stack::encoder, Stack::decoder, Stack::cross};
  for (int round = 0; round < 300; ++round) {
    Interventions wish;
    for (int i = below(3); i > 0; --i) {
      MaskSetting& mask = wish.masks[stacks[below(3)]];
      mask.kind = static_cast<MaskKind>(1 + below(4));
      mask.window = mask.kind == MaskKind::window ? 1 + below(9) : 0;
      for (int k = below(3); k > 0; --k) mask.hidden_keys.insert(below(20));
      for (int k = below(3); k > 0; --k) mask.blocked.insert({below(20), below(20)});
    }
    wish.positions = static_cast<PositionSetting>(below(5));
    if (wish.positions == PositionSetting::shuffled) wish.permutation = {1, 2, 0};
    if (wish.positions == PositionSetting::shifted) wish.shift = below(100) - 50;
    wish.scaling_off = below(2) == 1;
    wish.temperature = static_cast<float>(1 + below(1000)) / 7.0f;
    wish.softmax = static_cast<SoftmaxSetting>(below(2));
    for (int i = below(3); i > 0; --i)
      wish.heads_off[{stacks[below(3)], below(12), below(12)}] = static_cast<HeadOff>(below(3));
    for (int i = below(3); i > 0; --i)
      wish.cells.push_back({{stacks[below(3)], below(12), below(12)},
                            below(9),
                            below(9),
                            static_cast<float>(below(1000)) / 999.0f});
    for (int i = below(4); i > 0; --i) {
      OverwrittenNumber number;
      number.place = static_cast<NumberPlace>(below(kNumberPlaces));
      number.at.stack = stacks[below(3)];
      if (belongs_to_layer(number.place)) number.at.layer = below(12);
      if (belongs_to_head(number.place)) number.at.head = below(12);
      number.token = below(9);
      number.entry = below(9);
      number.value = static_cast<float>(below(2000) - 1000) / 7.0f;
      wish.numbers.push_back(number);
    }
    if (below(2) == 1)
      wish.layers[{stacks[below(2)], below(12)}] = {below(2) == 1, false, true, below(2) == 1};
    EXPECT_EQ(parse_interventions(to_text(wish), ModelSpec{}), wish) << to_text(wish);
    EXPECT_EQ(parse_interventions(to_text(wish), translator()->spec), wish) << to_text(wish);
  }
}

TEST(InterventionText, AnUnnamedStackIsTheOneThatADecoderHas) {
  RandomModel wish;
  wish.shape = Shape::decoder;
  const Interventions parsed = parse_interventions("head 0.1=zero; mask=none", wish.build()->spec);
  EXPECT_EQ(parsed.heads_off.count({Stack::decoder, 0, 1}), 1u);
  EXPECT_EQ(parsed.masks.count(Stack::decoder), 1u);
}

TEST(InterventionText, WhatIsAsTrainedIsNoIntervention) {
  for (const char* nothing : {"", ";;", "mask=as-trained", "positions=as-trained; softmax=soft", "ffn 0=on",
                              "temperature=1; scaling=on"}) {
    EXPECT_FALSE(parse_interventions(nothing, encoder()->spec).any()) << nothing;
    EXPECT_EQ(parse_interventions(nothing, encoder()->spec), Interventions());
  }
}

TEST(InterventionText, RefusesWhatItDoesNotUnderstandByName) {
  const ModelSpec spec = encoder()->spec;
  for (const char* bad : {"musk=causal",
                          "mask=diagonal",
                          "mask",
                          "=off",
                          "head 0=zero",
                          "head 0.1",
                          "head 0.1=gone",
                          "head x.1=zero",
                          "weight 0.1=3",
                          "weight 0.1 7=0.5",
                          "weight 0.1 7:5=much",
                          "q 0 7:3=1",
                          "q 0.1=1",
                          "q 0.1 7=1",
                          "q 0.1 7:3=much",
                          "stream 7:3=1",
                          "embedding 0 7:3=1",
                          "embedding=1",
                          "positions=shifted",
                          "positions=off:3",
                          "mask=window",
                          "mask=causal:3",
                          "temperature=warm",
                          "ffn=off",
                          "ffn 0=maybe",
                          "hide=one",
                          "block=1-2",
                          "mask.up=none",
                          "hide=99999999999999999999"}) {
    try {
      parse_interventions(bad, spec);
      ADD_FAILURE() << bad << " was understood";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("is not understood"), std::string::npos) << error.what();
    }
  }
}

TEST(WhyNot, EveryReasonIsASentenceAndThePassRefusesWithIt) {
  RandomModel none;
  none.position = PositionKind::none;
  RandomModel convolution;
  convolution.position = PositionKind::convolution;
  RandomModel before;
  before.norm_place = NormPlace::before;
  RandomModel side_by_side = before;
  side_by_side.parallel_residual = true;
  const std::pair<std::shared_ptr<const Model>, const char*> cases[] = {
      {encoder(), "head 2.0=zero"},
      {encoder(), "head 0.4=zero"},
      {encoder(), "head dec 0.0=zero"},
      {encoder(), "mask.cross=none"},
      {encoder(), "hide=5"},
      {encoder(), "block=0:5"},
      {encoder(), "mask=window:0"},
      {encoder(), "positions=shuffled:0,1"},
      {encoder(), "positions=shuffled:0,0,1,2,3"},
      {encoder(), "positions=shifted:76"},
      {encoder(), "positions=shifted:-1"},
      {encoder(), "temperature=0"},
      {encoder(), "temperature=-1"},
      {encoder(), "weight 0.0 0:0=1.5"},
      {encoder(), "weight 0.0 0:0=0.6; weight 0.0 0:1=0.6"},
      {encoder(), "weight 0.0 9:0=0.6"},
      {encoder(), "weight 0.0 0:1=0.5; weight 0.0 0:1=0.4"},
      {encoder(), "ffn 2=off"},
      {encoder(), "q 0.4 0:0=1"},
      {encoder(), "q 0.0 5:0=1"},
      {encoder(), "q 0.0 0:4=1"},
      {encoder(), "q 0.0 0:-1=1"},
      {encoder(), "k 0.0 -1:0=1"},
      {encoder(), "score 0.0 0:5=1"},
      {encoder(), "z 2.0 0:0=1"},
      {encoder(), "activation 0 0:24=1"},
      {encoder(), "activation 2 0:0=1"},
      {encoder(), "embedding 0:16=1"},
      {encoder(), "embedding dec 0:0=1"},
      {encoder(), "stream 0 0:0=1e7"},
      {encoder(), "stream 0 0:0=1; stream 0 0:0=2"},
      {translator(), "stream cross 0 0:0=1"},
      {translator(), "attention-out cross 0 3:0=1"},
      {translator(), "v cross 0.0 5:0=1"},
      {encoder(), "word-row 5:0=1"},
      {encoder(), "embedding-sum 0:16=1"},
      {encoder(), "type-row 0:0=1"},
      {encoder(), "ffn-norm 0 0:0=1"},
      {encoder(), "attention-out-norm 0 0:0=1"},
      {encoder(), "final-norm 0:0=1"},
      {encoder(), "attention-sum 2 0:0=1"},
      {encoder(), "position-row 0:0=1; positions=off"},
      {none.build(), "position-row 0:0=1"},
      {before.build(), "ffn-sum 0 0:0=1"},
      {side_by_side.build(), "attention-sum 0 0:0=1"},
      {translator(), "ffn-norm cross 0 0:0=1"},
      {encoder(), "ffn dec 0=off"},
      {translator(), "mask.cross=not-itself"},
      {translator(), "hide.cross=5"},
      {translator(), "hide.dec=3"},
      {none.build(), "positions=off"},
      {none.build(), "positions=shifted:2"},
  };
  for (const auto& [model, wish] : cases) {
    const Interventions parsed = parse_interventions(wish, model->spec);
    const auto reasons = why_not(parsed, model->spec, 5, model->spec.is_encoder_decoder() ? 3 : 0);
    ASSERT_FALSE(reasons.empty()) << wish;
    EXPECT_EQ(reasons[0].back(), '.') << reasons[0];
    EXPECT_THROW(run(model, wish), Error) << wish;
  }
  Interventions shifted;
  shifted.positions = PositionSetting::shifted;
  EXPECT_FALSE(why_not(shifted, convolution.build()->spec).empty());
}

TEST(Interventions, AMaskSettingShutsExactlyItsCells) {
  const auto model = encoder();
  const auto check = [&](const std::string& wish, const std::function<bool(Index, Index)>& visible) {
    const auto trace = run(model, wish);
    for (int layer = 0; layer < 2; ++layer) {
      const Matrix& weights = weights_of(*trace, layer, 1);
      for (Index q = 0; q < 5; ++q) {
        bool any = false;
        for (Index k = 0; k < 5; ++k) {
          EXPECT_EQ(weights(q, k) > 0, visible(q, k)) << wish << " " << q << ":" << k;
          any = any || visible(q, k);
        }
        EXPECT_NEAR(weights.row(q).sum(), any ? 1.0f : 0.0f, 1e-5f);
      }
    }
  };
  check("mask=causal", [](Index q, Index k) { return k <= q; });
  check("mask=window:2", [](Index q, Index k) { return std::abs(q - k) < 2; });
  check("mask=not-itself", [](Index q, Index k) { return q != k; });
  check("hide=0,3", [](Index, Index k) { return k != 0 && k != 3; });
  check("block=2:1,2:4", [](Index q, Index k) { return q != 2 || (k != 1 && k != 4); });
  check("mask=causal; hide=0", [](Index q, Index k) { return k <= q && k != 0; });
}

TEST(Interventions, ARowThatSeesNothingHasWeightsZeroAndOutputZero) {
  const auto trace = run(encoder(), "mask=causal; hide=0");
  for (int head = 0; head < 4; ++head) {
    EXPECT_EQ(weights_of(*trace, 0, head).row(0).sum(), 0.0f);
    EXPECT_EQ(trace->encoder.layers[0]->self->mixed.row(0).cwiseAbs().sum(), 0.0f);
  }
}

TEST(Interventions, ADecoderWithoutItsMaskSeesTheFuture) {
  RandomModel wish;
  wish.shape = Shape::decoder;
  const auto trace = run(wish.build(), "mask=none");
  EXPECT_GT(weights_of(*trace, 0, 0, Stack::decoder)(0, 4), 0.0f);
}

TEST(Interventions, CrossAttentionHasItsOwnMask) {
  const auto model = translator();
  const auto trace = run(model, "hide.cross=2; mask.dec=none");
  EXPECT_EQ(weights_of(*trace, 0, 1, Stack::cross).col(2).sum(), 0.0f);
  EXPECT_GT(weights_of(*trace, 0, 1, Stack::encoder).col(2).sum(), 0.0f);
  EXPECT_GT(weights_of(*trace, 0, 1, Stack::decoder)(0, 2), 0.0f);
  EXPECT_EQ(difference(trace->encoder.output, run(model, "")->encoder.output), 0.0f);
}

TEST(Interventions, AHeadThatIsOffGivesZeroOrItsMeanOrUniformRows) {
  const auto model = encoder();
  const auto plain = run(model, "");
  const Matrix& mixed = plain->encoder.layers[0]->self->mixed;

  const auto zero = run(model, "head 0.2=zero");
  EXPECT_EQ(zero->encoder.layers[0]->self->mixed.middleCols(8, 4).cwiseAbs().sum(), 0.0f);
  EXPECT_EQ(difference(zero->encoder.layers[0]->self->mixed.leftCols(8), mixed.leftCols(8)), 0.0f);
  EXPECT_EQ(difference(weights_of(*zero, 0, 2), weights_of(*plain, 0, 2)), 0.0f);

  const auto mean = run(model, "head 0.2=mean");
  const Row average = mixed.middleCols(8, 4).colwise().mean();
  for (Index t = 0; t < 5; ++t)
    EXPECT_LT((mean->encoder.layers[0]->self->mixed.row(t).segment(8, 4) - average).cwiseAbs().maxCoeff(),
              1e-6f);

  const auto uniform = run(model, "head 0.2=uniform; mask=causal");
  EXPECT_FLOAT_EQ(weights_of(*uniform, 0, 2)(3, 0), 0.25f);
  EXPECT_EQ(weights_of(*uniform, 0, 2)(3, 4), 0.0f);
}

TEST(Interventions, ACellSetByHandKeepsItsWeightAndItsRowSumsToOne) {
  const auto model = encoder();
  const auto plain = run(model, "");
  const auto trace = run(model, "weight 1.0 4:2=0.9; weight 1.0 4:0=0.05");
  const Matrix& before = weights_of(*plain, 1, 0);
  const Matrix& after = weights_of(*trace, 1, 0);
  EXPECT_EQ(after(4, 2), 0.9f);
  EXPECT_EQ(after(4, 0), 0.05f);
  EXPECT_NEAR(after.row(4).sum(), 1.0f, 1e-6f);
  EXPECT_NEAR(after(4, 1) / after(4, 3), before(4, 1) / before(4, 3), 1e-4f);
  EXPECT_EQ(difference(after.topRows(4), before.topRows(4)), 0.0f);
}

TEST(Interventions, ScalingTemperatureAndHardnessActOnTheScores) {
  const auto model = encoder();
  const HeadId id{Stack::encoder, 0, 1};
  const HeadExplanation plain = explain_head(*run(model, ""), id);
  const HeadExplanation unscaled = explain_head(*run(model, "scaling=off"), id);
  const HeadExplanation warm = explain_head(*run(model, "temperature=4"), id);
  EXPECT_LT(difference(unscaled.scores, plain.scores * 2.0f), 1e-5f);  // sqrt(d_head) = 2
  EXPECT_LT(difference(warm.scores, plain.scores / 4.0f), 1e-6f);
  const Matrix hard = weights_of(*run(model, "softmax=hard"), 0, 1);
  for (Index q = 0; q < 5; ++q) {
    Index largest = 0;
    plain.scores.row(q).maxCoeff(&largest);
    EXPECT_EQ(hard(q, largest), 1.0f);
    EXPECT_EQ(hard.row(q).sum(), 1.0f);
  }
}

TEST(Interventions, PartsOfALayerCanBeTakenOut) {
  for (NormPlace place : {NormPlace::before, NormPlace::after}) {
    RandomModel wish;
    wish.norm_place = place;
    const auto model = wish.build();
    const auto layers = [&](const std::string& text) { return run(model, text)->encoder; };

    const StackTrace bare = layers("attention 0=off; ffn 0=off; norm 0=off");
    EXPECT_EQ(difference(bare.layers[1]->input, bare.layers[0]->input), 0.0f);
    EXPECT_EQ(bare.layers[0]->self_out.cwiseAbs().sum(), 0.0f);

    const StackTrace no_residual = layers("residual 0=off; norm 0=off; attention 0=off");
    EXPECT_LT(difference(no_residual.layers[1]->input, no_residual.layers[0]->ffn_out), 1e-6f);

    const StackTrace no_ffn = layers("ffn 0=off; norm 0=off");
    EXPECT_LT(difference(no_ffn.layers[1]->input, no_ffn.layers[0]->input + no_ffn.layers[0]->self_out),
              1e-6f);
  }
}

TEST(Interventions, PositionsMoveWithTheirTokens) {
  for (PositionKind kind : {PositionKind::learned, PositionKind::sinusoidal, PositionKind::rotary,
                            PositionKind::alibi, PositionKind::bucket_bias, PositionKind::relative_key,
                            PositionKind::disentangled, PositionKind::transformer_xl}) {
    RandomModel wish;
    wish.position = kind;
    const auto model = wish.build();
    // Tokens and positions permuted alike: the same text, its rows in another order.
    const auto plain = run(model, "", {3, 1, 4, 5});
    const auto moved = run(model, "positions=shuffled:2,3,0,1", {4, 5, 3, 1});
    const int place[] = {2, 3, 0, 1};
    for (int t = 0; t < 4; ++t)
      EXPECT_LT(difference(moved->encoder.output.row(t), plain->encoder.output.row(place[t])), 2e-5f);
    // Relative positions do not feel a shift; absolute ones do.
    const auto shifted = run(model, "positions=shifted:7", {3, 1, 4, 5});
    const float change = difference(shifted->encoder.output, plain->encoder.output);
    if (kind == PositionKind::learned || kind == PositionKind::sinusoidal)
      EXPECT_GT(change, 1e-3f);
    else
      EXPECT_LT(change, 2e-5f);
    const auto sinusoidal = run(model, "positions=sinusoidal", {3, 1, 4, 5});
    if (kind == PositionKind::sinusoidal) continue;
    EXPECT_GT(difference(sinusoidal->encoder.output, plain->encoder.output), 1e-3f);
  }
}

}  // namespace
}  // namespace attn

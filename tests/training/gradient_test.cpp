#include <gtest/gtest.h>

#include <cmath>

#include "core/training/objective.h"

namespace attn {
namespace {

// Every slope that the backward pass computes is compared with (loss(x + h) - loss(x - h)) / 2h in double
// precision; a random third of each parameter's entries.

struct Setting {
  std::string name;
  bool encoder = true, decoder = false;
  NormKind norm = NormKind::layer;
  NormPlace place = NormPlace::after;
  PositionKind positions = PositionKind::learned;
  Scoring scoring = Scoring::dot_product;
  Activation activation = Activation::gelu;
  bool gated = false;
  bool causal = false;
  int n_kv_heads = 2;
  OutputKind output = OutputKind::masked_words;
  int d_ff = 6;  // 0: no feed-forward network
  bool residual = true;
};

ModelSpec spec_of(const Setting& setting) {
  ModelSpec spec;
  const auto stack = [&](bool decoder) {
    AttentionSpec attention;
    attention.n_heads = 2;
    attention.n_kv_heads = setting.n_kv_heads;
    attention.d_head = 4;
    attention.scale = 0.5;
    attention.scoring = setting.scoring;
    attention.causal = setting.causal || decoder;
    LayerSpec layer{attention, std::nullopt, {setting.d_ff, setting.activation, setting.gated}};
    if (decoder && setting.encoder) {
      layer.cross = attention;
      layer.cross->causal = false;
    }
    StackSpec result;
    result.d_model = 8;
    result.layers = {layer, layer};
    result.norm = {setting.norm, 1e-5};
    result.norm_place = setting.place;
    result.embedding_norm = setting.norm == NormKind::layer;
    result.final_norm = setting.place == NormPlace::before;
    result.position.kind = setting.positions;
    result.position.n_positions = 6;
    result.position.rotary = {4, 100.0, false, {1.0, 0.1}, 1.0};
    return result;
  };
  if (setting.encoder) spec.encoder = stack(false);
  if (setting.decoder) spec.decoder = stack(true);
  spec.embedding.n_vocab = 7;
  spec.embedding.d_embedding = 8;
  spec.embedding.n_token_types = setting.encoder ? 1 : 0;
  spec.embedding.scale = 1.5;
  spec.output = setting.output;
  spec.output_norm = spec.text_stack().norm;
  spec.n_labels = 3;
  spec.family = "test";
  return spec;
}

Interventions with_of(const Setting& setting) {
  Interventions with;
  for (const int layer : {0, 1})
    if (!setting.residual)
      with.layers[{setting.encoder ? Stack::encoder : Stack::decoder, layer}].residual = false;
  return with;
}

Batch batch_of(const Setting& setting) {
  Batch batch;
  batch.inputs.resize(2);
  batch.inputs[0].ids = {1, 2, 3, 4, 5};
  batch.inputs[1].ids = {6, 2, 2, 1};
  batch.outputs = {{0, 2, 0.5}, {4, 1, 0.7}, {6, 0, 1.3}};
  if (setting.encoder && setting.decoder) {
    batch.inputs[0].target_ids = {3, 1, 4};
    batch.inputs[1].target_ids = {5, 0, 2};
    batch.outputs = {{0, 2, 0.5}, {2, 1, 0.7}, {4, 0, 1.3}};
    batch.attention = {{{Stack::cross, 1, 0}, 1, 2, {0, 3}, 0.8}, {{Stack::cross, 0, 1}, 0, 1, {4}, 0.4}};
  } else if (setting.encoder) {
    batch.attention = {{{Stack::encoder, 1, 0}, 0, 4, {1, 3}, 0.8}, {{Stack::encoder, 0, 1}, 1, 3, {0}, 0.4}};
  }
  return batch;
}

class Gradient : public testing::TestWithParam<Setting> {};

TEST_P(Gradient, EqualsTheSlopeOfTheLoss) {
  const ModelSpec spec = spec_of(GetParam());
  const Batch batch = batch_of(GetParam());
  Random random(7);
  Weights<double> weights = zero_weights<double>(spec);
  visit(weights, [&](const std::string& name, auto& values, bool) {
    for (Index i = 0; i < values.size(); ++i)
      values.data()[i] = (name.ends_with("norm.weight") ? 1.0 : 0.0) + 0.4 * random.normal();
  });
  Weights<double> gradient = zero_weights<double>(spec);
  const Interventions with = with_of(GetParam());
  loss_and_gradient(spec, weights, pack(weights, spec), batch, &gradient, with);

  std::vector<std::pair<double*, Index>> values, slopes;
  std::vector<std::string> names;
  visit(weights, [&](const std::string& name, auto& matrix, bool) {
    values.emplace_back(matrix.data(), matrix.size());
    names.push_back(name);
  });
  visit(gradient,
        [&](const std::string&, auto& matrix, bool) { slopes.emplace_back(matrix.data(), matrix.size()); });
  int n_checked = 0, n_moving = 0;
  for (std::size_t p = 0; p < values.size(); ++p)
    for (Index i = 0; i < values[p].second; ++i) {
      if (!random.chance(0.34)) continue;
      double& value = values[p].first[i];
      const double kept = value, h = 1e-5;
      value = kept + h;
      const double above =
          loss_and_gradient<double>(spec, weights, pack(weights, spec), batch, nullptr, with).total();
      value = kept - h;
      const double below =
          loss_and_gradient<double>(spec, weights, pack(weights, spec), batch, nullptr, with).total();
      value = kept;
      const double expected = (above - below) / (2 * h);
      EXPECT_NEAR(slopes[p].first[i], expected, 1e-7 * std::max(1.0, std::abs(expected)))
          << names[p] << " at " << i;
      ++n_checked;
      n_moving += std::abs(expected) > 1e-6;
    }
  EXPECT_GT(n_checked, 200);
  EXPECT_GT(n_moving, n_checked / 3);
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryOperation, Gradient,
    testing::Values(
        Setting{.name = "bert"}, Setting{.name = "norm_before", .place = NormPlace::before},
        Setting{.name = "no_positions", .positions = PositionKind::none},
        Setting{.name = "sinusoidal", .positions = PositionKind::sinusoidal},
        Setting{.name = "additive", .scoring = Scoring::additive}, Setting{.name = "causal", .causal = true},
        Setting{.name = "no_norm", .norm = NormKind::none}, Setting{.name = "no_feed_forward", .d_ff = 0},
        Setting{.name = "no_feed_forward_norm_before", .place = NormPlace::before, .d_ff = 0},
        Setting{.name = "no_residual", .residual = false},
        Setting{.name = "no_residual_norm_before", .place = NormPlace::before, .residual = false},
        Setting{.name = "no_residual_no_feed_forward", .d_ff = 0, .residual = false},
        Setting{.name = "labels", .activation = Activation::silu, .output = OutputKind::token_label},
        Setting{.name = "gpt2",
                .encoder = false,
                .decoder = true,
                .place = NormPlace::before,
                .activation = Activation::gelu_tanh,
                .output = OutputKind::next_words},
        Setting{.name = "llama",
                .encoder = false,
                .decoder = true,
                .norm = NormKind::rms,
                .place = NormPlace::before,
                .positions = PositionKind::rotary,
                .activation = Activation::silu,
                .gated = true,
                .n_kv_heads = 1,
                .output = OutputKind::next_words},
        Setting{.name = "marian",
                .decoder = true,
                .positions = PositionKind::sinusoidal,
                .activation = Activation::silu,
                .output = OutputKind::next_words},
        Setting{.name = "bart_norm_before",
                .decoder = true,
                .place = NormPlace::before,
                .activation = Activation::tanh,
                .output = OutputKind::next_words}),
    [](const auto& setting) { return setting.param.name; });

}  // namespace
}  // namespace attn

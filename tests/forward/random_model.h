#pragma once

#include <memory>
#include <random>

#include "core/model/model.h"

namespace attn {

// Small models with random parameters, built in code: what laws are tested on.
struct RandomModel {
  enum class Shape { encoder, decoder, both };

  Shape shape = Shape::encoder;
  int n_layers = 2;
  int d_model = 16;
  int n_heads = 4;
  int n_kv_heads = 4;
  int d_ff = 24;
  int n_vocab = 20;
  int n_positions = 80;
  NormKind norm = NormKind::layer;
  NormPlace norm_place = NormPlace::after;
  PositionKind position = PositionKind::learned;
  Scoring scoring = Scoring::dot_product;
  bool gated = false;
  bool parallel_residual = false;
  bool final_norm = false;
  double soft_cap = 0;
  int window = 0;
  unsigned seed = 1;
  int n_token_types = 0;
  bool shared_norm = false;  // with parallel_residual

  std::shared_ptr<const Model> build() const;
};

namespace random_model {

struct Dice {
  std::mt19937 engine;
  Matrix matrix(Index rows, Index cols, float spread = 0.5f) {
    std::normal_distribution<float> normal(0, spread);
    Matrix m(rows, cols);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = normal(engine);
    return m;
  }
  Row row(Index n, float spread = 0.5f) { return matrix(1, n, spread).row(0); }
  Linear<float> linear(Index outputs, Index inputs) {
    return Linear<float>::from_matrix(matrix(outputs, inputs), row(outputs));
  }
  NormParameters<float> norm(Index d) {
    NormParameters<float> norm;
    norm.gain = row(d, 0.3f).array() + 1.0f;
    norm.bias = row(d, 0.3f);
    return norm;
  }
};

inline PositionSpec position_spec(const RandomModel& wish) {
  PositionSpec position;
  position.kind = wish.position;
  position.n_positions = wish.n_positions;
  const int d_head = wish.d_model / wish.n_heads;
  if (position.kind == PositionKind::rotary) {
    position.rotary.n_rotated = d_head;
    for (int i = 0; i < d_head / 2; ++i)
      position.rotary.inverse_frequencies.push_back(std::pow(100.0, -2.0 * i / d_head));
  }
  if (position.kind == PositionKind::alibi)
    for (int h = 0; h < wish.n_heads; ++h) position.alibi_slopes.push_back(std::pow(2.0, -h));
  if (position.kind == PositionKind::bucket_bias) {
    position.n_buckets = 8;
    position.max_distance = 16;
  }
  if (position.kind == PositionKind::relative_key || position.kind == PositionKind::relative_key_query)
    position.max_distance = wish.n_positions;
  if (position.kind == PositionKind::disentangled) {
    position.n_buckets = 8;
    position.max_distance = 32;
    position.content_to_position = position.position_to_content = true;
  }
  return position;
}

inline AttentionParameters<float> attention(const RandomModel& wish, Dice& dice, bool self) {
  const int d = wish.d_model, d_head = d / wish.n_heads;
  AttentionParameters<float> p;
  p.query = dice.linear(d, d);
  p.key = dice.linear(wish.n_kv_heads * d_head, d);
  p.value = dice.linear(wish.n_kv_heads * d_head, d);
  p.output = dice.linear(d, d);
  if (wish.scoring == Scoring::additive) p.additive = dice.matrix(wish.n_heads, d_head);
  if (!self) return p;
  if (wish.position == PositionKind::relative_key || wish.position == PositionKind::relative_key_query)
    p.distance_table = dice.matrix(2 * wish.n_positions - 1, d_head);
  if (wish.position == PositionKind::disentangled) {
    p.position_query = dice.linear(d, d);
    p.position_key = dice.linear(d, d);
  }
  if (wish.position == PositionKind::transformer_xl) {
    p.relative = Linear<float>::from_matrix(dice.matrix(d, d));
    p.content_bias = dice.row(d);
    p.position_bias = dice.row(d);
    p.segment_bias = dice.row(d);
    p.segment_table = dice.matrix(2, d);
  }
  return p;
}

}  // namespace random_model

inline std::shared_ptr<const Model> RandomModel::build() const {
  random_model::Dice dice{std::mt19937(seed)};
  auto model = std::make_shared<Model>();
  const int d_head = d_model / n_heads;

  const auto stack = [&](bool causal, bool cross, StackParameters<float>& parameters) {
    StackSpec spec;
    spec.d_model = d_model;
    spec.norm.kind = norm;
    spec.norm_place = norm_place;
    spec.parallel_residual = parallel_residual;
    spec.shared_norm = shared_norm;
    spec.position = random_model::position_spec(*this);
    spec.embedding_norm = norm_place == NormPlace::after;
    spec.final_norm = final_norm;
    LayerSpec layer;
    layer.self = {n_heads, n_kv_heads, d_head, scoring, 1.0 / std::sqrt(d_head), soft_cap, causal, window};
    if (cross) {
      layer.cross = layer.self;
      layer.cross->causal = false;
      layer.cross->window = 0;
    }
    layer.feed_forward = {d_ff, Activation::gelu, gated};
    spec.layers.assign(static_cast<std::size_t>(n_layers), layer);

    parameters.embedding_norm = dice.norm(d_model);
    parameters.final_norm = dice.norm(d_model);
    if (position == PositionKind::learned) parameters.position_table = dice.matrix(n_positions, d_model);
    if (position == PositionKind::bucket_bias) parameters.bucket_bias = dice.matrix(8, n_heads, 1.0f);
    if (position == PositionKind::disentangled) {
      parameters.relative_table = dice.matrix(16, d_model);
      parameters.relative_norm = dice.norm(d_model);
    }
    for (int l = 0; l < n_layers; ++l) {
      LayerParameters<float> p;
      p.self = random_model::attention(*this, dice, true);
      if (cross) p.cross = random_model::attention(*this, dice, false);
      for (NormParameters<float>* one :
           {&p.self_norm, &p.self_post_norm, &p.cross_norm, &p.ffn_norm, &p.ffn_post_norm})
        *one = dice.norm(d_model);
      p.up = dice.linear(d_ff, d_model);
      if (gated) p.gate = dice.linear(d_ff, d_model);
      p.down = dice.linear(d_model, d_ff);
      parameters.layers.push_back(std::move(p));
    }
    return spec;
  };

  model->spec.family = "random";
  model->spec.embedding.n_vocab = n_vocab;
  model->parameters.embedding.words = dice.matrix(n_vocab, d_model, 1.0f);
  if (shape != Shape::decoder) model->spec.encoder = stack(false, false, model->parameters.encoder);
  if (shape != Shape::encoder)
    model->spec.decoder = stack(true, shape == Shape::both, model->parameters.decoder);
  model->spec.output = OutputKind::next_words;
  model->parameters.output.project = Linear<float>::from_matrix(model->parameters.embedding.words);
  model->spec.embedding.n_token_types = n_token_types;
  if (n_token_types > 0) model->parameters.embedding.token_types = dice.matrix(n_token_types, d_model);
  return model;
}

}  // namespace attn

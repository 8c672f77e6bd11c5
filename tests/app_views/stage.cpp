#include "stage.h"

#include <cmath>
#include <random>

#include "app/widgets/widgets.h"
#include "core/forward/thumbnails.h"
#include "core/math/error.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

ModelSpec spec_of(const HandMade& made) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = 32;
  LayerSpec layer;
  layer.self.n_heads = layer.self.n_kv_heads = made.n_heads;
  layer.self.d_head = 8;
  layer.self.scale = 1 / std::sqrt(8.0);
  layer.self.causal = made.causal;
  layer.feed_forward.d_ff = 64;
  stack.layers.assign(static_cast<std::size_t>(made.n_layers), layer);
  stack.position.kind = PositionKind::learned;
  stack.position.n_positions = 4096;
  spec.encoder = stack;
  if (!made.target.empty()) {
    for (LayerSpec& each : stack.layers) {
      each.cross = each.self;
      each.cross->causal = false;
      each.self.causal = true;
    }
    spec.decoder = stack;
  }
  spec.embedding.n_vocab = 100;
  spec.pointer = PointerSpec{made.n_layers - 1, 0, {"it", "they"}};
  spec.card.trained_on = "This small model learned from made-up sentences.";
  spec.card.supervised = "One head was trained to point at the noun that \"it\" means; the others were not.";
  return spec;
}

// Rows that lean on something: a neighbour, the first token, a noun, themselves.
Matrix made_up_weights(int n_queries, int n_keys, int kind, bool causal, int pronoun, int noun,
                       std::mt19937& random) {
  std::uniform_real_distribution<float> noise(0, 1.2f);
  Matrix scores(n_queries, n_keys);
  for (int i = 0; i < n_queries; ++i)
    for (int j = 0; j < n_keys; ++j) {
      float s = noise(random);
      if (kind == 0) s += j == i - 1 ? 4.0f : 0.0f;
      if (kind == 1) s += j == 0 ? 3.0f : 0.0f;
      if (kind == 2) s += std::abs(i - j) < 2 ? 2.0f : 0.0f;
      if (kind == 3) s += i == pronoun ? (j == noun ? 7.0f : 0.0f) : (j == noun ? 2.0f : 0.0f);
      if (causal && j > i) s = -1e9f;
      scores(i, j) = s;
    }
  for (int i = 0; i < n_queries; ++i) {
    scores.row(i) = (scores.row(i).array() - scores.row(i).maxCoeff()).exp().matrix();
    if (causal) scores.row(i).tail(n_keys - 1 - i).setZero();  // Eigen's exp leaves 3e-39
    scores.row(i) /= scores.row(i).sum();
  }
  return scores;
}

Matrix thumbnail_of(const Matrix& weights) {
  Matrix thumbnail = empty_thumbnail<float>(weights.rows(), weights.cols());
  pool_into_thumbnail(view(weights), 0, weights.rows(), thumbnail);
  return thumbnail;
}

// The heads of one attention sub-layer.
AttentionRecord made_up_record(const HandMade& made, int layer, int n_queries, int n_keys, bool causal,
                               std::mt19937& random) {
  AttentionRecord record;
  for (int h = 0; h < made.n_heads; ++h) {
    const int kind = layer == made.n_layers - 1 && h == 0 ? 3 : (layer + h) % 5;
    record.weights.push_back(made_up_weights(n_queries, n_keys, kind, causal, std::min(7, n_queries - 1),
                                             std::min(made.noun, n_keys - 1), random));
    record.thumbnails.push_back(thumbnail_of(record.weights.back()));
  }
  return record;
}

Study first_study(const HandMade& made) {
  Study study;
  study.a.model = "hand-made";
  study.selection.head = {Stack::encoder, made.n_layers - 1, 0};
  study.selection.query = static_cast<int>(made.tokens.size()) > 7 ? 7 : 0;
  return study;
}

}  // namespace

HandMade animal_sentence() {
  return {{"The", "animal", "didn't", "cross", "the", "street", "because", "it", "was", "too", "tired", "."}};
}

HandMade long_text(int n_tokens, int n_layers, int n_heads) {
  HandMade made{{}, n_layers, n_heads};
  for (int i = 0; i < n_tokens; ++i) made.tokens.push_back(i % 9 == 7 ? "it" : "word" + std::to_string(i));
  return made;
}

Frame hand_made_frame(const HandMade& made) {
  auto model = std::make_shared<Model>();
  model->spec = spec_of(made);
  auto trace = std::make_shared<Trace>();
  trace->model = model;
  trace->tokens = made.tokens;
  for (std::size_t i = 0; i < made.tokens.size(); ++i) trace->words.push_back(static_cast<int>(i));
  trace->inputs.ids.assign(made.tokens.size(), 1);
  trace->complete = true;
  trace->pass_ms = 0.04;
  std::mt19937 random(7);
  const int n = static_cast<int>(made.tokens.size()), n_target = static_cast<int>(made.target.size());
  trace->target_tokens = made.target;
  trace->inputs.target_ids.assign(made.target.size(), 1);
  for (int l = 0; l < made.n_layers; ++l) {
    LayerRecord layer;
    layer.self = made_up_record(made, l, n, n, made.causal, random);
    trace->encoder.layers.push_back(std::make_shared<const LayerRecord>(std::move(layer)));
    if (n_target == 0) continue;
    LayerRecord decoding;
    decoding.self = made_up_record(made, l, n_target, n_target, true, random);
    decoding.cross = made_up_record(made, l, n_target, n, false, random);
    trace->decoder.layers.push_back(std::make_shared<const LayerRecord>(std::move(decoding)));
  }
  auto side = std::make_shared<Side>();
  side->trace = trace;
  side->loaded.model = model;
  side->text.source.special.assign(made.tokens.size(), false);
  Frame frame;
  frame.a = side;
  return frame;
}

Stage::Stage(const HandMade& made) : frame(hand_made_frame(made)), state(first_study(made)) {}

void Stage::draw_middle(Ui& ui, const Rect& rect, Intents& intents) {
  const Study& study = state.study();
  const ViewState& view = state.view;
  panel(ui, "middle", rect, PanelLook::bordered, [&] {
    const Rect inside = rect.shrunk(ui.px(12));
    if (view.tab == Tab::links)
      draw_links_view(ui, inside, frame, study, view, caches, intents);
    else if (view.tab == Tab::compare)
      draw_compare(ui, inside, frame, study, view, Desk(), caches, intents);
    else
      draw_heads_view(ui, inside, frame, study, view, caches, intents);
  });
}

void Stage::draw(Ui& ui) {
  Intents intents;
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  const float gap = ui.px(8), top = ui.px(112);
  const float left = panels ? ui.px(232) : 0, right = panels ? ui.px(248) : 0;
  const Rect all{gap, top + gap, size.x - gap, size.y - ui.px(36)};
  const Rect middle{all.x0 + left + (panels ? gap : 0), all.y0, all.x1 - right - (panels ? gap : 0), all.y1};
  if (panels) {
    panel(ui, "left", {all.x0, all.y0, all.x0 + left, all.y1}, PanelLook::bordered,
          [&] { draw_controls(ui, frame, state.study(), state.view, caches, intents); });
    panel(ui, "right", {all.x1 - right, all.y0, all.x1, all.y1}, PanelLook::bordered,
          [&] { draw_details(ui, frame, state.study(), state.view, Desk{}, caches, intents); });
  }
  draw_middle(ui, middle, intents);
  state.view.hover = {};
  state.apply(intents);
}

void StagedTest::open(const HandMade& made) {
  try {
    window_.emplace(WindowOptions{.visible = false, .scripted = true});
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  stage_.emplace(made);
}

std::string StagedTest::run(const std::string& script) {
  Drive drive(script, "script", DrivenProgram());
  drive.run(*window_, [&](Ui& ui) { stage_->draw(ui); });
  return drive.failure();
}

}  // namespace attn::app

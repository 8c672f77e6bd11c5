#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/state/app_state.h"
#include "app/views/views.h"
#include "app/window/drive.h"

namespace attn::app {

// A sentence, and heads with weights made by hand; no model computes anything. The spec says what it would be
// made of: an encoder with learned positions, whose last layer's head 0 was trained to point.
struct HandMade {
  std::vector<std::string> tokens;
  int n_layers = 2, n_heads = 4;
  bool causal = false;
  int noun = 1;                       // what the pointing head points at
  std::vector<std::string> target{};  // not empty: an encoder-decoder
};
Frame hand_made_frame(const HandMade& made);
HandMade animal_sentence();
HandMade long_text(int n_tokens, int n_layers, int n_heads);

// The window's places without the program: left panel, a view, right panel, on a hand-made Frame. Wishes are
// applied, but nothing is computed anew.
struct Stage {
  explicit Stage(const HandMade& made);
  void draw(Ui& ui);

  Frame frame;
  AppState state;
  ViewCaches caches;
  bool panels = true;

 private:
  void draw_middle(Ui& ui, const Rect& rect, Intents& intents);
};

// A scripted window with a Stage on it; skipped where there is no display.
class StagedTest : public testing::Test {
 protected:
  void open(const HandMade& made);              // for SetUp
  void TearDown() override { stage_.reset(); }  // before the window: it holds textures
  // The failure of a script, empty when it went through.
  std::string run(const std::string& script);

  std::optional<Window> window_;
  std::optional<Stage> stage_;
};

}  // namespace attn::app

#pragma once

#include <string>

#include "app/gl/heatmap_stack.h"
#include "app/widgets/widgets.h"
#include "core/math/matrix.h"

namespace attn::app {

// Every control on one screen, laid out like the program's main window, with made-up numbers.
struct Showcase {
  Showcase();
  void draw(Ui& ui);

  std::string sentence = "The animal didn't cross the street because it was too tired.";
  std::string answer;
  int mask = 0, positions = 0, softmax = 0, tab = 0, model = 0, chosen_token = 7, clicks = 0, submitted = 0;
  float temperature = 1.0f, low = 0.0f, high = 1.0f, left_width = 232;
  bool scale_scores = true, special = false,
       layers_on[2][4] = {{true, true, true, true}, {true, false, true, true}};
  bool modal_open = false, is_signed = false, large = false;
  ValueScale scale = ValueScale::linear;
  ColorMap map = ColorMap::cividis;

 private:
  void draw_top(Ui& ui, const Rect& rect);
  void draw_tokens(Ui& ui, const Rect& rect);
  void draw_left(Ui& ui);
  void draw_middle(Ui& ui, const Rect& rect);
  void draw_right(Ui& ui);

  std::vector<Matrix> heads_;
  gl::HeatmapStack stack_, large_stack_;
};

}  // namespace attn::app

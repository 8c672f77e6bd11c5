#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/widgets.h"

namespace attn::app {

// A line of a chart: points in the chart's own units, x growing.
struct Curve {
  std::string name;  // drawn at its right end; empty: none
  std::vector<ImVec2> points;
  Colour colour = 0;
  bool dashed = false;  // a constant to compare with
};

struct Chart {
  std::string title, x_name;
  float x_most = 1, y_most = 1;  // both axes begin at 0
  bool whole_numbers = false;    // ticks of y
  std::vector<Curve> curves;
};

// Round steps between 0 and `most`, at most about `n` of them: 0, 100, 200 …
std::vector<float> round_ticks(float most, int n);

// Running mean of each value with those before it, forgetting by `keep` a step; then at most `n_most` points,
// x counted from 1.
std::vector<ImVec2> smooth_curve(const std::vector<float>& values, float keep, int n_most);

void draw_chart(Ui& ui, std::string_view name, const Rect& rect, const Chart& chart);

}  // namespace attn::app

#pragma once

#include <array>

#include "app/gl/program.h"
#include "app/state/view_state.h"
#include "core/study/color_map.h"

namespace attn::gl {

// How values become colours.
struct HeatmapLook {
  ColorMap map = ColorMap::cividis;
  float low = 0.0f, high = 1.0f;                    // values at the two ends of the colour bar; low < high
  app::ValueScale scale = app::ValueScale::linear;  // per_row: linear (HeatmapStack::set divides)
  bool is_signed = false;                           // zero in the middle, ±high at the ends
  std::array<float, 4> gap = {1, 1, 1, 1};          // sRGB and opacity
  std::array<float, 3> hatch = {0.7f, 0.7f, 0.7f};  // stripes of masked cells
  std::array<float, 3> hatch_ground = {0.9f, 0.9f, 0.9f};
  float pixel_scale = 1.0f;  // Ui::scale

  // Where `value` stands on the colour map, 0 … 1; the shader's `position`.
  float position(float value) const;
  // The colour of a value, sRGB 0 … 1: for legends, numbers in cells and exports.
  std::array<float, 3> colour(float value) const { return color_at(map, position(value)); }
};

// shaders/heatmap.vert and .frag.
class HeatmapProgram {
 public:
  HeatmapProgram();
  // Links again so that vertices laid out for `other` (ImGui's program) fit, and takes over its projection.
  void use_like(unsigned other);
  void set(const HeatmapLook& look);
  void set_values_unit(int texture_unit);

 private:
  void find_uniforms();
  Program program_;
  unsigned linked_like_ = 0;
  int other_projection_ = -1;
  int projection_ = -1, values_ = -1, colours_ = -1, range_ = -1, scale_ = -1, signed_ = -1, gap_from_ = -1,
      gap_ = -1, gap_colour_ = -1, hatch_ = -1, hatch_ground_ = -1, stripe_ = -1;
};

}  // namespace attn::gl

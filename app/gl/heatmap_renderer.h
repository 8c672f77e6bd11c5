#pragma once

#include <imgui.h>

#include <deque>
#include <span>

#include "app/gl/heatmap_program.h"
#include "app/gl/heatmap_stack.h"

namespace attn::gl {

// One heat map on the screen.
struct HeatmapQuad {
  ImVec2 upper_left, lower_right;  // pixels
  int layer = 0;                   // of the stack
  // The part of the matrix that is shown, in cells; by default all of it.
  float first_row = 0, end_row = -1, first_column = 0, end_column = -1;  // end -1: the last
  float opacity = 1;                                                     // dimmed: 0.35
};

// Draws heat maps in the draw lists of ImGui, clipped and stacked like everything else. All quads of one call
// are one draw call. Needs a current GL context for its whole life.
class HeatmapRenderer {
 public:
  // Forgets the jobs of the last frame; the window calls it before each one.
  void begin_frame() { jobs_.clear(); }

  // `stack` must live until the frame is rendered.
  void draw(ImDrawList& list, const HeatmapStack& stack, const HeatmapLook& look,
            std::span<const HeatmapQuad> quads);

 private:
  struct Job {
    HeatmapRenderer* renderer;
    unsigned texture;
    HeatmapLook look;
  };
  static void start(const ImDrawList* list, const ImDrawCmd* command);

  HeatmapProgram program_;
  std::deque<Job> jobs_;  // the draw lists point to them
};

}  // namespace attn::gl

#pragma once

#include <memory>
#include <string>

#include "app/views/views.h"
#include "core/analysis/head_walk.h"

namespace attn::app {

// The pictures of W_Q, W_K and W_V of one head, on the graphics card.
struct ProjectionPictures {
  std::shared_ptr<const HeadWalk> of;
  gl::HeatmapStack stack;  // 3 of [d_head, D]
  float largest = 1;
};

// The box in which a number of the walk is typed, under the number.
struct NumberBox {
  OverwrittenNumber number;  // its value: what it was when the box opened
  std::string title, typed;
  Rect anchor;
  bool opening = false;
};

// What this view keeps from frame to frame; worked out from a Frame alone.
struct StepsCache {
  std::shared_ptr<const HeadWalk> walk;  // the last one that was answered: shown until the next is there
  std::shared_ptr<const Trace> trace;    // that it was made of
  ProjectionPictures projections;
  int lit_entry = -1,
      next_lit_entry = -1;   // dimension of d_head under the mouse: in the last frame, in this one
  std::string typed_weight;  // in the field that sets a weight by hand
  std::string typed_for;     // the cell that it was typed for
  NumberBox number_box;
  std::string script_wanted;  // key of the NumPy script that goes to the clipboard when made
  std::string script_done;    // … that went there
};

// Tab::steps. Step by step: one head's computation for one query token, with the real numbers.
void draw_steps(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                StepsCache& cache, Intents& intents);

}  // namespace attn::app

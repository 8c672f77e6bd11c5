#pragma once

#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct StepsCache {};

// Tab::steps. Step by step: one head's computation for one query token, with the real numbers.
void draw_steps(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                StepsCache& cache, Intents& intents);

}  // namespace attn::app

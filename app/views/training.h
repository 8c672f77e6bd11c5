#pragma once

#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct TrainingCache {};

// Tab::training. Training a small model from nothing, watched.
void draw_training(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                   TrainingCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct PredictionsCache {};

// Tab::predictions. What the model says: masked words, next words, labels; the logit lens; continuing a text.
void draw_predictions(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      PredictionsCache& cache, Intents& intents);

}  // namespace attn::app

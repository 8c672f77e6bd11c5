#pragma once

#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct StartCache {};

// Tab::start. Where a token starts: one-hot, embedding, nearest words, positions.
void draw_start(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                StartCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct HeadsTableCache {};

// Tab::heads_table. What heads do: every head with its measures, sorted and filtered.
void draw_heads_table(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      HeadsTableCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct CoreferenceCache {};

// Tab::coreference. Which head sends a pronoun to which candidate, and what the model answers.
void draw_coreference(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      CoreferenceCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include <memory>

#include "app/views/shown_matrix.h"
#include "app/views/views.h"
#include "core/analysis/token_start.h"

namespace attn::app {

// What a job works out about one computation for this view.
struct StartFacts {
  TokenStart start;
  PositionTable positions;
};

// What this view keeps from frame to frame; worked out from a Frame alone.
struct StartCache {
  std::shared_ptr<const StartFacts> facts;  // the last that were answered
  std::shared_ptr<const Trace> trace;       // that they were made of
  std::shared_ptr<const WordMap> map;
  std::shared_ptr<const StartFacts> pictured;  // what the pictures on the graphics card were made of
  ShownMatrix similar;
  gl::HeatmapStack similar_picture, position_picture;
};

// Tab::start. Where a token starts: one-hot, embedding, nearest words, positions.
void draw_start(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                StartCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include "app/views/predictions/said.h"
#include "app/views/views.h"

namespace attn::app {

// The last answer to a job, shown until the next one is there: a text that is typed does not flicker.
template <class T>
struct Kept {
  std::shared_ptr<const T> value;
  Wording problem;
  float fraction = -1;
  bool done = false;
};

struct MovedHeads {
  std::vector<HeadDifference> heads;  // the most changed first
};

// What this view keeps from frame to frame; worked out from a Frame alone.
struct PredictionsCache {
  Kept<Said> words, effect;
  Kept<LensTable> lens;
  Kept<DirectContributions> contributions;
  Kept<Said> offered;  // the words that the heads can be asked about
  Kept<MovedHeads> moved;
};

// Tab::predictions. What the model says: masked words, next words, labels; the logit lens; what each head
// adds to a word; what interventions change.
void draw_predictions(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      PredictionsCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/views/coreference/question.h"
#include "app/views/views.h"
#include "core/analysis/coreference.h"

namespace attn::app {

// Every head of one side on the question in front, and what the methods that need no further pass say.
struct RankedHeads {
  std::shared_ptr<const Trace> of;
  std::vector<HeadCoreference> heads;
  CoreferenceAnswer pointer, mas, mas_reversed;
};

// What this view keeps from frame to frame; worked out from a Frame alone.
struct CoreferenceCache {
  QuestionCache question, twin_question;
  RankedHeads ranked, twin_ranked;
  std::string ranked_for, twin_ranked_for;  // CorefQuestion::key
};

// Tab::coreference. Which head sends a pronoun to which candidate, and what the model answers.
void draw_coreference(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      CoreferenceCache& cache, Intents& intents);

}  // namespace attn::app

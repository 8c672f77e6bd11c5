#pragma once

#include <memory>
#include <string>

#include "app/views/views.h"

namespace attn::app {

// What stands on the right-hand side of a comparison.
struct Other {
  std::shared_ptr<const Side> side;  // null: there is nothing to compare with
  HeadId head;
  std::string title;     // of this side
  std::string of_front;  // and of the one in front
  bool same = false;     // a second subject that nobody changed yet
  std::string why_not;   // why there is nothing, and how to get it
};

// What this way of comparing would show now.
Other find_other(const Words& words, CompareWith with, const Frame& frame, const Study& study,
                 const HeadId& head, const ViewState& view);

// Draws the choice at the cursor; the first way that is possible where none was chosen. Returns what is
// shown.
Other choose_other(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const HeadId& head,
                   const ViewState& view, CompareWith& shown, Intents& intents);

// Model, sentence and settings of the second subject, in one row from the left end of `rect`.
void draw_second_subject(Ui& ui, const Rect& rect, const Study& study, const Desk& desk, Intents& intents);

// Why two computed sides cannot be laid over one another (models that cut the text into different tokens, or
// have no such head); empty: they can.
std::string why_not_comparable(const Words& words, const Side& a, const Side& b, const HeadId& head);

}  // namespace attn::app

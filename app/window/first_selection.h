#pragma once

#include "app/state/frame.h"
#include "core/study/study.h"

namespace attn::app {

// What of a model that was just opened is worth a first look:
// – the pointing head, with the pronoun chosen, and its links shown beside those of the lower head that looks
//   from the pronoun at the reason, where there is one (weight at least 0.5 on the twin's word);
// – the cross-attention head of a translator that was trained to align;
// – in a model that reads from left to right, an induction or previous-token head;
// – else the first head.
// Needs a model, and a trace that is complete.
Study with_first_selection(const Study& study, const Side& side);

}  // namespace attn::app

#pragma once

#include <vector>

#include "app/state/frame.h"
#include "app/views/coreference/question.h"
#include "core/math/worded_error.h"

namespace attn::app {

// What a model that predicts words would write in the pronoun's place.

// The one token of each candidate there. Throws Error for one that is several tokens, or unknown.
std::vector<int> candidate_ids(const Side& side, const CorefQuestion& question);

// A word is measured against another.
WordedError two_candidates_needed();

// The text as the model is asked it, and the row of its logits that is the answer: the pronoun masked where
// the model predicts masked words; else the text itself, and the row before the pronoun. Throws Error where
// there is no mask token, or nothing stands before the pronoun.
struct AskedInPlace {
  Inputs inputs;
  int row = 0;
};
AskedInPlace ask_in_place(const Side& side, const CorefQuestion& question);

}  // namespace attn::app

#pragma once

#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"

namespace attn::app {

// A decoder goes on with its text, a token at a time: a lasting job writes, and each token is taken into the
// sentence as an edit. All of one run is one step of undo.

// What the job has written: each token, and the text after it.
struct WrittenTexts {
  std::vector<std::string> texts;
  std::vector<int> ids;
  Wording ended;  // why it stopped before it had to; else empty
};

// Why the model in front cannot go on with the text; empty: it can.
std::string why_no_writing(const Frame& frame);

inline constexpr int kTokensWritten = 40;  // of one press of "Continue"

// Begins a run of at most `most` tokens.
void start_writing(const Study& study, const ViewState& view, int most, Intents& intents);
void stop_writing(Intents& intents);

// Once a frame, whatever is shown: asks for the job and takes its next token in, no faster than a person
// sees. Stops when the person typed, undid, or changed the model. Returns the seconds until it wants to be
// asked again; < 0: when something happens.
double take_in_writing(const Frame& frame, const Study& study, const ViewState& view, double now_s,
                       double& taken_at_s, Intents& intents);

}  // namespace attn::app

#pragma once

#include "app/state/frame.h"
#include "app/state/held_out.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/widgets/ui.h"
#include "core/training/meter.h"

namespace attn::app {

// The live meter: on how many of 500 held-out twin pairs the model in front is right as it is now, with the
// interventions in force. Drawn at the cursor of a panel; nothing for models without a held-out set.
void draw_meter(Ui& ui, const Frame& frame, Intents& intents);

// The held-out set of the model in front (find_held_out), read by a job. Null: not there yet, or there is
// none.
std::shared_ptr<const HeldOut> held_out_of_model(const Frame& frame, Intents& intents);

// Where the sentence and its twin give every head the same row at the word asked about (they do under a
// causal mask, where the words that differ come later): says so. `asked`: that word, a token of the sentence.
void draw_twins_alike(Ui& ui, const Frame& frame, int asked);
bool twins_alike(const Side& one, const Side& other, int asked);

// "487 of 500", and the bar beside it.
void meter_row(Ui& ui, std::string_view name, std::string_view text, const MeterReading& reading, int right,
               bool dimmed = false);

}  // namespace attn::app

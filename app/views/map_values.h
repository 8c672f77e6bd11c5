#pragma once

#include <memory>
#include <string>

#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/widgets/ui.h"
#include "core/math/matrix.h"

namespace attn::app {

// What the attention map draws in place of the plain weights. Each is worked out by a job from one Side.
// Formulas and sources are in assets/text under "map_values".

// The part of a name, for words and controls: "norms".
std::string_view name_of(MapValues values);

// What a job of these values is called; it depends on the query for the flow only.
std::string map_values_key(const Side& side, const HeadId& head, MapValues values, int query);

// Why these values cannot be worked out for this head: a key of assets/text; empty: they can.
std::string_view why_no_values(const Side& side, const HeadId& head, MapValues values, int query);

// Asks for them and gives what has come: [Tq, Tk]; of a flow only the row of `query` is filled.
Answer<Matrix> want_map_values(const Frame& frame, const std::shared_ptr<const Side>& side,
                               const HeadId& head, MapValues values, int query, Intents& intents);

// What the map is called: "L2·H0 · α‖v‖", "Rollout up to L2".
std::string map_values_title(const Words& words, const Side& side, const HeadId& head, MapValues values,
                             int query, const ViewState& view);

// Values of their own head, whose rows are not the head's budget of 1.
bool rows_sum_to_one(MapValues values);

}  // namespace attn::app

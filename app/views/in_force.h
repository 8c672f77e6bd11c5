#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/look/words.h"
#include "app/state/view_state.h"
#include "core/forward/interventions.h"
#include "core/forward/trace.h"

namespace attn::app {

// One intervention that is in force, in words, and how to take it off.
struct InForce {
  std::string name;  // last part of its control's name: "mask", "head.1.0"
  std::string text;
  std::function<void(Interventions&)> take_off;
};

// Everything that is in force; empty: the model does what it was trained to do. `trace` names tokens and
// heads; null: by number.
std::vector<InForce> in_force(const Interventions& interventions, const Words& words, const ViewState& view,
                              const Trace* trace);

}  // namespace attn::app

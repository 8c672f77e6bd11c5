#pragma once

#include "app/state/writing.h"
#include "app/widgets/widgets.h"

namespace attn::app {

// "Continue", "One token", "Stop" at the cursor, in one row; nothing for a model that cannot go on.
// `name` begins the controls' names. Returns how wide it is, in pixels.
float draw_writing(Ui& ui, std::string_view name, bool small, const Frame& frame, const Study& study,
                   const ViewState& view, Intents& intents);
float writing_width(Ui& ui, const Frame& frame, const ViewState& view);

}  // namespace attn::app

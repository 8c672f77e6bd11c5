#pragma once

#include <string>

#include "app/state/frame.h"
#include "app/state/view_state.h"

namespace attn::app {

// What the present tab shows, as a figure in a file (.png, .svg, .pdf). Throws Error when there is nothing to
// draw yet or the file cannot be written.
void export_view(const std::string& path, const Frame& frame, const Study& study, const ViewState& view);

// The selected head's weights as tab-separated values, tokens on both edges: for the clipboard. Throws Error
// when they are not there yet.
std::string table_text(const Frame& frame, const Study& study);

}  // namespace attn::app

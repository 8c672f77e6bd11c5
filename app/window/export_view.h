#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/state/frame.h"
#include "app/state/view_state.h"

namespace attn::app {

// What the present tab shows, in a file: a figure (.png, .svg, .pdf), the numbers behind it (.csv, .tsv,
// .json, .npz) or the whole computation as an attention file (.safetensors). `target`: the path, and for a
// PNG after a line break how many pixels it has for each pixel at 100 %. Throws Error when there is nothing
// to draw yet or the file cannot be written.
void export_view(const std::string& target, const Frame& frame, const Study& study, const ViewState& view);

// The figure of the present tab to the desktop's clipboard; where that takes no pictures, to a file in the
// working folder, whose path is returned. Throws Error as export_view.
std::optional<std::filesystem::path> copy_picture(const Frame& frame, const Study& study,
                                                  const ViewState& view);

// The numbers of the present tab as tab-separated values, names on both edges: for the clipboard. Throws
// Error when they are not there yet.
std::string table_text(const Frame& frame, const Study& study, const ViewState& view);

}  // namespace attn::app

#pragma once

#include <vector>

#include "core/study/figure.h"
#include "core/study/png_image.h"

// What the back ends share about heat maps. Only they include this.
namespace attn {

// One pixel a cell; masked cells in the ground colour, cells that are not a number transparent.
Image cells_as_image(const HeatMapItem& map);

// A stretch of masked cells of one row to be hatched, in pixels of the figure.
struct MaskedRun {
  Point at;
  double width = 0, height = 0;
};
std::vector<MaskedRun> masked_runs(const HeatMapItem& map);

// The lines of 45° that hatch a rectangle, clipped to it, 4 pixels apart and continuous from one rectangle to
// the next.
std::vector<LineItem> hatch_lines(const MaskedRun& run, Rgb color);

}  // namespace attn

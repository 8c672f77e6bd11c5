#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/widgets/widgets.h"
#include "core/math/matrix.h"

namespace attn::app {

// A vector as a row of coloured cells: blue below zero, orange above, white (or the theme's ground) at zero;
// numbers in the cells where they fit, otherwise under the mouse.

struct StripLook {
  float largest = 1;  // the size at which colours are full; ≥ every entry's
  int lit = -1;       // an entry that is outlined
  float opacity = 1;
  std::span<const int> by_hand{};  // entries that a person set: outlined as interventions are
};

// What the mouse does on a strip.
struct StripTouch {
  int entry = -1;        // under it; -1: none
  bool clicked = false;  // that entry
};

// Entries side by side in `rect`; where there are more than pixels, each pixel shows its largest. `says`:
// what the vector is, for the box beside the mouse; `hint`: another line there, what a click does. Draws
// without taking space; `name` as of a control.
StripTouch draw_strip(Ui& ui, std::string_view name, const Rect& rect, std::span<const float> values,
                      const StripLook& look, std::string_view says, std::string_view hint = {});
// The same without feeling the mouse.
void paint_strip(Ui& ui, const Rect& rect, std::span<const float> values, const StripLook& look);
// The entry at a place of the screen, -1: outside.
int strip_entry(const Rect& rect, std::size_t n_values, float x_px);

inline std::span<const float> entries(const Row& row) {
  return {row.data(), static_cast<std::size_t>(row.size())};
}
inline std::span<const float> entries(ConstView rows, Index r) {
  return {rows.data() + r * rows.outerStride(), static_cast<std::size_t>(rows.cols())};
}

inline constexpr float kStripLabel = 124;  // design units: width of a row's label
inline constexpr float kStripScale = 48;   // of the number at its right end: the size of full colours

// One labelled vector in a row of its own. lit: it is what is talked about.
struct StripRow {
  std::string_view name;  // of the control
  std::string label;
  std::span<const float> values;
  float largest = 0;  // at which colours are full; 0: its own
  bool lit = false;
  int lit_entry = -1;
  float strip_x0 = 0, strip_x1 = 0;  // pixels; 0: between label and scale
  std::string_view hint{};           // what a click does
  std::span<const int> by_hand{};    // entries that a person set
};
StripTouch draw_strip_row(Ui& ui, const Rect& row, const StripRow& what);

// The largest size among the entries, at least a little above 0.
float largest_of(std::span<const float> values);

// "−1.25": a number with a true minus, `digits` after the point.
std::string number_text(double value, int digits);
// "−0.5", "-.5", "0,5": a number that a person typed, of a size that can be set by hand; nullopt: none.
std::optional<float> parse_number(std::string text);

}  // namespace attn::app

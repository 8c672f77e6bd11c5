#pragma once

#include <string_view>

#include "app/widgets/widgets.h"

// What the controls have in common. Only for the files of this folder.

namespace attn::app {

// How a control feels the mouse and the keyboard in this frame.
struct Feel {
  Rect rect;
  bool hovered = false, held = false, clicked = false, focused = false;
  bool enabled = true;
};

struct FeelOptions {
  std::string_view kind = "button";
  std::string_view text{};
  std::string_view state{};
  std::string_view disabled{};
  std::string_view tooltip{};
  bool focusable = true;
};

// Takes width × height pixels at the cursor, records the control, and says what happened to it. `clicked`
// also for Enter or Space on the focused control.
Feel feel(Ui& ui, std::string_view name, float width, float height, const FeelOptions& options);

// The ring around the control that the keyboard acts on.
void draw_focus_ring(Ui& ui, ImDrawList& list, const Feel& feel, float radius_px);

// Rectangles in the theme's manner: filled, with a border of one weight.
void fill(ImDrawList& list, const Rect& rect, Colour colour, float radius_px);
void outline(Ui& ui, ImDrawList& list, const Rect& rect, Colour colour, float radius_px, float width = 1);

// What is left of `rect` inside the current clip rectangle.
Rect clipped(const Rect& rect);

// The name of a part: "controls.mask" + "causal" → "controls.mask.causal".
std::string part_name(std::string_view name, std::string_view part);

// A tooltip box beside `rect`, now.
void show_tooltip(Ui& ui, const Rect& rect, std::string_view text);
// True once the mouse has rested on `name` long enough; asks for a frame when that will be. Never while the
// keyboard was used since the mouse moved: what lies under it then is an accident.
bool rested_on(Ui& ui, std::string_view name);

}  // namespace attn::app

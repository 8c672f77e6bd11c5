#pragma once

#include "app/widgets/ui.h"

namespace attn::app {

// Moves the keyboard's focus at the start of a frame, over what the last one drew: Tab and Shift+Tab from
// control to control, the arrows in an open list, Enter and Space press, Escape lets go. Only what is on the
// topmost popup or modal can be reached; when that closes, the focus returns to where it was.
void move_focus(const Registry& last_frame, const Keys& keys, bool mouse_pressed, WidgetMemory& memory);

}  // namespace attn::app

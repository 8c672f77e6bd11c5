#pragma once

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/gl/heatmap_renderer.h"
#include "app/look/fonts.h"
#include "app/look/theme.h"
#include "app/look/words.h"
#include "app/widgets/keys.h"
#include "app/widgets/registry.h"

namespace attn::app {

// What the controls remember from frame to frame; not part of a session.
struct WidgetMemory {
  std::string focused;         // name of the control that the keyboard acts on; empty: none
  bool show_focus = false;     // a ring is drawn: the keyboard was used last
  bool press_focused = false;  // Enter or Space was pressed on it in this frame
  std::string focus_text;      // a text field that shall get the caret in this frame
  std::string active_text;     // the text field that has the caret
  std::string hovered;         // what the mouse rests on, since when (for tooltips)
  double hovered_since_s = 0;
  bool tooltips_hidden = false;  // a key was pressed since the mouse moved
  struct Field {
    std::string last;  // its text at the end of the last frame (true UTF-8)
    std::size_t caret_byte = 0;
    bool active = false;
    bool reload = false;  // changed from outside while it had the caret
  };
  std::map<std::string, Field, std::less<>> fields;
  bool escape_used = false;               // in this frame, by the topmost thing that it closes
  bool focus_takes_arrows = false;        // the focused control moves with the arrow keys itself
  bool modal_open = false;                // when the last frame was drawn
  int top_layer = 0;                      // of popups and modals in the last frame
  std::vector<std::string> focus_before;  // what had the focus when each layer opened
  std::string typed_wide;  // a typed character that ImGui would drop: the active field inserts it
  std::map<std::string, double, std::less<>> numbers;  // drag starts and the like, by control
};

// Everything a view draws with. Made anew by the window for each frame and passed by reference; a view keeps
// nothing of it.
struct Ui {
  const Theme& theme;
  const Words& words;
  Fonts& fonts;
  Registry& registry;
  gl::HeatmapRenderer& heatmaps;
  WidgetMemory& memory;
  const Keys& keys;
  float scale = 1;   // content scale of the screen × the person's zoom
  double now_s = 0;  // of the injected clock
  bool reduced_motion = false;
  int layer = 0;          // popups and modals raise it
  int frames_wanted = 0;  // more frames to draw after this one (animations)
  double wake_in_s = -1;  // draw again after this time (tooltips); < 0: when something happens

  // A length of the design in whole pixels, at least one for anything above zero.
  float px(float at_100_percent) const {
    const float scaled = std::round(at_100_percent * scale);
    return at_100_percent > 0 && scaled < 1 ? 1.0f : scaled;
  }
  // The window in units of the design: 768 × 432 for 1920 × 1080 at 250 %.
  ImVec2 logical_size() const {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    return ImVec2(size.x / scale, size.y / scale);
  }
  void want_frames(int count) { frames_wanted = std::max(frames_wanted, count); }
  void wake_in(double seconds) {
    if (wake_in_s < 0 || seconds < wake_in_s) wake_in_s = seconds;
  }

  // True when a shortcut was pressed. While a text field has the caret, only chords with Ctrl that do not
  // edit text (not Ctrl+A C V X Y Z and the arrows) and function keys count; while a modal is open none, but
  // for its own.
  bool pressed(std::string_view chord, bool also_repeated = true) const;
  // A shortcut that is a character, such as '?', wherever the keyboard has it.
  bool typed(char32_t character) const;
  bool editing_text() const { return !memory.active_text.empty(); }
  bool modal_open = false;
};

}  // namespace attn::app

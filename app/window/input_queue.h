#pragma once

#include <imgui.h>

#include <array>
#include <deque>
#include <string>

#include "app/look/wide_text.h"
#include "app/widgets/keys.h"

namespace attn::app {

// One thing that a person (or a script) did.
struct InputEvent {
  enum class Kind { key, character, button, move, scroll, focus_lost };
  Kind kind = Kind::move;
  Key key = Key::none;
  bool down = false, repeated = false;
  char32_t character = 0;
  int button = 0;      // 0 left, 1 right, 2 middle
  float x = 0, y = 0;  // move: pixels; scroll: steps
};

// What happened but was not drawn yet. At most one change of each key and button goes into one frame, so that
// no tap is lost however slow the frames are; Dear ImGui has this itself only from 1.87 on.
class InputQueue {
 public:
  void push(const InputEvent& event);
  bool empty() const { return events_.empty(); }

  // Moves what fits into one frame to ImGui and to `keys`. A character that ImGui would drop goes to
  // `typed_wide` (as WideText encodes it), for the active text field to insert. Between frames.
  void apply(ImGuiIO& io, Keys& keys, WideText& wide, std::string& typed_wide);

  bool mouse_went_down() const { return mouse_went_down_; }  // in the last apply()

 private:
  void apply_key(ImGuiIO& io, Keys& keys, const InputEvent& event);
  void move_mouse(ImGuiIO& io, const InputEvent& event);

  std::deque<InputEvent> events_;
  std::array<bool, 128> held_{};
  bool mouse_went_down_ = false;
};

// Tells an ImGui before 1.87 which of our keys its own are; nothing for newer ones.
void describe_keys(ImGuiIO& io);

}  // namespace attn::app

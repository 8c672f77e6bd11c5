#include "app/window/input_queue.h"

#include <utility>

#include "app/look/imgui_compat.h"
#include "app/look/utf8.h"

namespace attn::app {
namespace {

bool is_modifier(Key key) {
  return key == Key::control || key == Key::shift || key == Key::alt || key == Key::super;
}

// Tab and Escape are ours (focus.h): ImGui would move its own focus and throw away what was typed.
bool is_for_imgui(Key key) {
  return key != Key::tab && key != Key::escape;
}

#if IMGUI_VERSION_NUM >= 18700
ImGuiKey imgui_key(Key key) {
  if (key >= Key::a && key <= Key::z)
    return static_cast<ImGuiKey>(ImGuiKey_A + (static_cast<int>(key) - static_cast<int>(Key::a)));
  switch (key) {
    case Key::left:
      return ImGuiKey_LeftArrow;
    case Key::right:
      return ImGuiKey_RightArrow;
    case Key::up:
      return ImGuiKey_UpArrow;
    case Key::down:
      return ImGuiKey_DownArrow;
    case Key::page_up:
      return ImGuiKey_PageUp;
    case Key::page_down:
      return ImGuiKey_PageDown;
    case Key::home:
      return ImGuiKey_Home;
    case Key::end:
      return ImGuiKey_End;
    case Key::insert:
      return ImGuiKey_Insert;
    case Key::del:
      return ImGuiKey_Delete;
    case Key::backspace:
      return ImGuiKey_Backspace;
    case Key::space:
      return ImGuiKey_Space;
    case Key::enter:
      return ImGuiKey_Enter;
    case Key::control:
      return ImGuiKey_LeftCtrl;
    case Key::shift:
      return ImGuiKey_LeftShift;
    case Key::alt:
      return ImGuiKey_LeftAlt;
    case Key::super:
      return ImGuiKey_LeftSuper;
    default:
      return ImGuiKey_None;
  }
}
#endif

}  // namespace

void describe_keys([[maybe_unused]] ImGuiIO& io) {
#if IMGUI_VERSION_NUM < 18700
  constexpr std::pair<ImGuiKey_, Key> kPairs[] = {{ImGuiKey_LeftArrow, Key::left},
                                                  {ImGuiKey_RightArrow, Key::right},
                                                  {ImGuiKey_UpArrow, Key::up},
                                                  {ImGuiKey_DownArrow, Key::down},
                                                  {ImGuiKey_PageUp, Key::page_up},
                                                  {ImGuiKey_PageDown, Key::page_down},
                                                  {ImGuiKey_Home, Key::home},
                                                  {ImGuiKey_End, Key::end},
                                                  {ImGuiKey_Insert, Key::insert},
                                                  {ImGuiKey_Delete, Key::del},
                                                  {ImGuiKey_Backspace, Key::backspace},
                                                  {ImGuiKey_Space, Key::space},
                                                  {ImGuiKey_Enter, Key::enter},
                                                  {ImGuiKey_A, Key::a},
                                                  {ImGuiKey_C, Key::c},
                                                  {ImGuiKey_V, Key::v},
                                                  {ImGuiKey_X, Key::x},
                                                  {ImGuiKey_Y, Key::y},
                                                  {ImGuiKey_Z, Key::z}};
  for (const auto& [theirs, ours] : kPairs) io.KeyMap[theirs] = static_cast<int>(ours);
#endif
}

void InputQueue::push(const InputEvent& event) {
  // Of several moves in a row only the last counts.
  if (event.kind == InputEvent::Kind::move && !events_.empty() &&
      events_.back().kind == InputEvent::Kind::move)
    events_.back() = event;
  else
    events_.push_back(event);
}

void InputQueue::apply_key(ImGuiIO& io, Keys& keys, const InputEvent& event) {
  held_[static_cast<std::size_t>(event.key)] = event.down;
  const auto held = [&](Key key) { return held_[static_cast<std::size_t>(key)]; };
  if (event.down && !is_modifier(event.key))
    keys.presses.push_back(
        {{event.key, held(Key::control), held(Key::shift), held(Key::alt)}, event.repeated});
#if IMGUI_VERSION_NUM >= 18700
  io.AddKeyEvent(ImGuiMod_Ctrl, held(Key::control));
  io.AddKeyEvent(ImGuiMod_Shift, held(Key::shift));
  io.AddKeyEvent(ImGuiMod_Alt, held(Key::alt));
  io.AddKeyEvent(ImGuiMod_Super, held(Key::super));
  if (is_for_imgui(event.key) && imgui_key(event.key) != ImGuiKey_None)
    io.AddKeyEvent(imgui_key(event.key), event.down);
#else
  io.KeyCtrl = held(Key::control);
  io.KeyShift = held(Key::shift);
  io.KeyAlt = held(Key::alt);
  io.KeySuper = held(Key::super);
  if (is_for_imgui(event.key)) io.KeysDown[static_cast<int>(event.key)] = event.down;
#endif
}

void InputQueue::move_mouse(ImGuiIO& io, const InputEvent& event) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddMousePosEvent(event.x, event.y);
#else
  io.MousePos = ImVec2(event.x, event.y);
#endif
}

void InputQueue::apply(ImGuiIO& io, Keys& keys, WideText& wide, std::string& typed_wide) {
  keys.presses.clear();
  keys.typed.clear();
  mouse_went_down_ = false;
  std::array<bool, 128> changed{};
  std::array<bool, 3> button_changed{};
  bool any_key = false, any_button = false, any_text = false, any_wide = false;
  for (; !events_.empty(); events_.pop_front()) {
    const InputEvent event = events_.front();
    if (any_wide) break;
    switch (event.kind) {
      case InputEvent::Kind::key: {
        const auto slot = static_cast<std::size_t>(event.key);
        // A modifier that changes after a key would change what the key meant.
        if (changed[slot] || any_button || (is_modifier(event.key) && (any_key || any_text))) return;
        changed[slot] = true;
        any_key = any_key || !is_modifier(event.key);
        apply_key(io, keys, event);
        break;
      }
      case InputEvent::Kind::character: {
        const char32_t inside = wide.encode(event.character);
        const bool is_wide = inside != event.character;
        if (any_button || (is_wide && any_text)) return;
        keys.typed.push_back(event.character);
        any_text = true;
        any_wide = is_wide;
        if (is_wide)
          append_utf8(typed_wide, inside);
        else
          io.AddInputCharacter(static_cast<unsigned>(event.character));
        break;
      }
      case InputEvent::Kind::button: {
        if (event.button < 0 || event.button > 2) break;
        const auto slot = static_cast<std::size_t>(event.button);
        if (button_changed[slot] || any_key || any_text) return;
        button_changed[slot] = any_button = true;
        mouse_went_down_ = mouse_went_down_ || event.down;
#if IMGUI_VERSION_NUM >= 18700
        io.AddMouseButtonEvent(event.button, event.down);
#else
        io.MouseDown[event.button] = event.down;
#endif
        break;
      }
      case InputEvent::Kind::move:
        if (any_button) return;
        move_mouse(io, event);
        break;
      case InputEvent::Kind::scroll:
#if IMGUI_VERSION_NUM >= 18700
        io.AddMouseWheelEvent(event.x, event.y);
#else
        io.MouseWheelH += event.x;
        io.MouseWheel += event.y;
#endif
        break;
      case InputEvent::Kind::focus_lost:
        for (std::size_t i = 0; i < held_.size(); ++i)
          if (held_[i]) apply_key(io, keys, {.kind = InputEvent::Kind::key, .key = static_cast<Key>(i)});
        break;
    }
  }
}

}  // namespace attn::app

#include "app/widgets/focus.h"

#include <algorithm>

namespace attn::app {
namespace {

// The focusable controls of the topmost layer, in drawing order; a drawer's belong to the window's own.
std::vector<const Control*> reachable(const Registry& registry, int layer) {
  std::vector<const Control*> out;
  for (std::size_t i = 0; i < registry.size(); ++i)
    if (registry[i].focusable && (registry[i].layer == layer || layer == 0)) out.push_back(&registry[i]);
  return out;
}

void focus_on(const Control& control, WidgetMemory& memory) {
  memory.focused = control.name;
  memory.show_focus = true;
  if (control.kind == "text field") memory.focus_text = control.name;
}

}  // namespace

void move_focus(const Registry& last, const Keys& keys, bool mouse_pressed, WidgetMemory& memory) {
  memory.press_focused = memory.escape_used = false;
  if (mouse_pressed) memory.show_focus = false;
  if (!keys.presses.empty()) memory.tooltips_hidden = true;
  if (!memory.active_text.empty() && !last.find(memory.active_text)) memory.active_text.clear();

  int top = 0;
  for (std::size_t i = 0; i < last.size(); ++i)
    if (last[i].kind == "surface") top = std::max(top, last[i].layer);
  const std::vector<const Control*> controls = reachable(last, top);
  while (memory.top_layer < top) {
    memory.focus_before.push_back(memory.focused);
    ++memory.top_layer;
    if (memory.show_focus && !controls.empty()) focus_on(*controls.front(), memory);
  }
  while (memory.top_layer > top) {
    memory.focused = memory.focus_before.back();
    memory.focus_before.pop_back();
    --memory.top_layer;
  }

  const auto at = std::find_if(controls.begin(), controls.end(),
                               [&](const Control* c) { return c->name == memory.focused; });
  const bool in_list = top > 0 && (at == controls.end() || (*at)->kind == "menu item");
  const bool down = in_list && memory.active_text.empty() && keys.pressed({Key::down});
  const bool up = in_list && memory.active_text.empty() && keys.pressed({Key::up});
  const bool forward = keys.pressed({Key::tab}) || down;
  const bool backward = keys.pressed({.key = Key::tab, .shift = true}) || up;
  if ((forward || backward) && !controls.empty()) {
    const auto count = static_cast<std::ptrdiff_t>(controls.size());
    std::ptrdiff_t next =
        at == controls.end() ? (forward ? 0 : count - 1) : at - controls.begin() + (forward ? 1 : -1);
    next = (next + count) % count;
    if (!memory.active_text.empty()) {  // leaves the text field
      ImGui::SetWindowFocus(nullptr);
      memory.active_text.clear();
    }
    focus_on(*controls[static_cast<std::size_t>(next)], memory);
  } else if (memory.show_focus && !memory.focused.empty() && memory.active_text.empty() &&
             (keys.pressed({Key::enter}, false) || keys.pressed({Key::space}, false))) {
    memory.press_focused = true;
  }
  if (keys.pressed({Key::escape}) && top == 0) memory.show_focus = false;

  const Control* focused = memory.focused.empty() ? nullptr : last.find(memory.focused);
  memory.focus_takes_arrows =
      memory.show_focus && focused &&
      (focused->kind == "slider" || focused->kind == "splitter" || focused->kind == "menu item");
}

}  // namespace attn::app

#include "app/window/glfw_keys.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

namespace attn::app {

Key key_of_glfw(int code) {
  const auto offset = [](Key first, int by) { return static_cast<Key>(static_cast<int>(first) + by); };
  if (code >= GLFW_KEY_A && code <= GLFW_KEY_Z) return offset(Key::a, code - GLFW_KEY_A);
  if (code >= GLFW_KEY_0 && code <= GLFW_KEY_9) return offset(Key::d0, code - GLFW_KEY_0);
  if (code >= GLFW_KEY_KP_0 && code <= GLFW_KEY_KP_9) return offset(Key::d0, code - GLFW_KEY_KP_0);
  if (code >= GLFW_KEY_F1 && code <= GLFW_KEY_F12) return offset(Key::f1, code - GLFW_KEY_F1);
  switch (code) {
    case GLFW_KEY_UP:
      return Key::up;
    case GLFW_KEY_DOWN:
      return Key::down;
    case GLFW_KEY_LEFT:
      return Key::left;
    case GLFW_KEY_RIGHT:
      return Key::right;
    case GLFW_KEY_HOME:
      return Key::home;
    case GLFW_KEY_END:
      return Key::end;
    case GLFW_KEY_PAGE_UP:
      return Key::page_up;
    case GLFW_KEY_PAGE_DOWN:
      return Key::page_down;
    case GLFW_KEY_INSERT:
      return Key::insert;
    case GLFW_KEY_DELETE:
      return Key::del;
    case GLFW_KEY_BACKSPACE:
      return Key::backspace;
    case GLFW_KEY_TAB:
      return Key::tab;
    case GLFW_KEY_ENTER:
    case GLFW_KEY_KP_ENTER:
      return Key::enter;
    case GLFW_KEY_ESCAPE:
      return Key::escape;
    case GLFW_KEY_SPACE:
      return Key::space;
    case GLFW_KEY_EQUAL:
    case GLFW_KEY_KP_ADD:
      return Key::plus;
    case GLFW_KEY_MINUS:
    case GLFW_KEY_KP_SUBTRACT:
      return Key::minus;
    case GLFW_KEY_COMMA:
      return Key::comma;
    case GLFW_KEY_PERIOD:
      return Key::period;
    case GLFW_KEY_SLASH:
      return Key::slash;
    case GLFW_KEY_SEMICOLON:
      return Key::semicolon;
    case GLFW_KEY_APOSTROPHE:
      return Key::apostrophe;
    case GLFW_KEY_LEFT_BRACKET:
      return Key::left_bracket;
    case GLFW_KEY_RIGHT_BRACKET:
      return Key::right_bracket;
    case GLFW_KEY_BACKSLASH:
      return Key::backslash;
    case GLFW_KEY_GRAVE_ACCENT:
      return Key::grave;
    case GLFW_KEY_LEFT_CONTROL:
    case GLFW_KEY_RIGHT_CONTROL:
      return Key::control;
    case GLFW_KEY_LEFT_SHIFT:
    case GLFW_KEY_RIGHT_SHIFT:
      return Key::shift;
    case GLFW_KEY_LEFT_ALT:
    case GLFW_KEY_RIGHT_ALT:
      return Key::alt;
    case GLFW_KEY_LEFT_SUPER:
    case GLFW_KEY_RIGHT_SUPER:
      return Key::super;
    default:
      return Key::none;
  }
}

}  // namespace attn::app

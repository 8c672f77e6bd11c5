#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attn::app {

// Keys that have a name in scripts and shortcuts. Letters and digits are those of a US keyboard's place… what
// a key types comes as a character.
enum class Key {
  none,
  a,
  b,
  c,
  d,
  e,
  f,
  g,
  h,
  i,
  j,
  k,
  l,
  m,
  n,
  o,
  p,
  q,
  r,
  s,
  t,
  u,
  v,
  w,
  x,
  y,
  z,
  d0,
  d1,
  d2,
  d3,
  d4,
  d5,
  d6,
  d7,
  d8,
  d9,
  f1,
  f2,
  f3,
  f4,
  f5,
  f6,
  f7,
  f8,
  f9,
  f10,
  f11,
  f12,
  up,
  down,
  left,
  right,
  home,
  end,
  page_up,
  page_down,
  insert,
  del,
  backspace,
  tab,
  enter,
  escape,
  space,
  plus,
  minus,
  comma,
  period,
  slash,
  semicolon,
  apostrophe,
  left_bracket,
  right_bracket,
  backslash,
  grave,
  control,
  shift,
  alt,
  super,
};

// A key with what is held: "Ctrl+Shift+P". `plus` is the key with "=" and "+".
struct Chord {
  Key key = Key::none;
  bool control = false, shift = false, alt = false;
  bool operator==(const Chord&) const = default;
};

// "Ctrl+Z", "Shift+F3", "Left", "+"; none when it is not a chord.
Chord parse_chord(std::string_view text);
std::string to_text(const Chord& chord);

// What happened on the keyboard in this frame.
struct Keys {
  struct Press {
    Chord chord;
    bool repeated = false;
  };
  std::vector<Press> presses;
  std::u32string typed;  // characters

  bool pressed(const Chord& chord, bool also_repeated = true) const;
  bool has_typed(char32_t character) const { return typed.find(character) != std::u32string::npos; }
};

}  // namespace attn::app

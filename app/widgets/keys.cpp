#include "app/widgets/keys.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace attn::app {
namespace {

struct Named {
  Key key;
  std::string_view name;
};
constexpr std::array kNamed = {
    Named{Key::f1, "F1"},
    Named{Key::f2, "F2"},
    Named{Key::f3, "F3"},
    Named{Key::f4, "F4"},
    Named{Key::f5, "F5"},
    Named{Key::f6, "F6"},
    Named{Key::f7, "F7"},
    Named{Key::f8, "F8"},
    Named{Key::f9, "F9"},
    Named{Key::f10, "F10"},
    Named{Key::f11, "F11"},
    Named{Key::f12, "F12"},
    Named{Key::up, "Up"},
    Named{Key::down, "Down"},
    Named{Key::left, "Left"},
    Named{Key::right, "Right"},
    Named{Key::home, "Home"},
    Named{Key::end, "End"},
    Named{Key::page_up, "PageUp"},
    Named{Key::page_down, "PageDown"},
    Named{Key::insert, "Insert"},
    Named{Key::del, "Delete"},
    Named{Key::backspace, "Backspace"},
    Named{Key::tab, "Tab"},
    Named{Key::enter, "Enter"},
    Named{Key::escape, "Escape"},
    Named{Key::space, "Space"},
    Named{Key::plus, "+"},
    Named{Key::minus, "-"},
    Named{Key::comma, ","},
    Named{Key::period, "."},
    Named{Key::slash, "/"},
    Named{Key::semicolon, ";"},
    Named{Key::apostrophe, "'"},
    Named{Key::left_bracket, "["},
    Named{Key::right_bracket, "]"},
    Named{Key::backslash, "\\"},
    Named{Key::grave, "`"},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

Key key_named(std::string_view name) {
  if (name.size() == 1) {
    const auto c = static_cast<unsigned char>(std::tolower(static_cast<unsigned char>(name[0])));
    if (c >= 'a' && c <= 'z') return static_cast<Key>(static_cast<int>(Key::a) + c - 'a');
    if (c >= '0' && c <= '9') return static_cast<Key>(static_cast<int>(Key::d0) + c - '0');
    if (c == '=') return Key::plus;
  }
  for (const Named& named : kNamed)
    if (equal_ignoring_case(named.name, name)) return named.key;
  return Key::none;
}

std::string name_of(Key key) {
  if (key >= Key::a && key <= Key::z)
    return std::string(1, static_cast<char>('A' + static_cast<int>(key) - static_cast<int>(Key::a)));
  if (key >= Key::d0 && key <= Key::d9)
    return std::string(1, static_cast<char>('0' + static_cast<int>(key) - static_cast<int>(Key::d0)));
  for (const Named& named : kNamed)
    if (named.key == key) return std::string(named.name);
  return "";
}

}  // namespace

Chord parse_chord(std::string_view text) {
  Chord chord;
  while (true) {
    // A "+" at the very end is the key itself: "Ctrl++".
    const std::size_t plus = text.find('+', text.empty() ? 0 : 1);
    if (plus == std::string_view::npos || plus + 1 > text.size() - 1) break;
    const std::string_view held = text.substr(0, plus);
    if (equal_ignoring_case(held, "ctrl"))
      chord.control = true;
    else if (equal_ignoring_case(held, "shift"))
      chord.shift = true;
    else if (equal_ignoring_case(held, "alt"))
      chord.alt = true;
    else
      return {};
    text.remove_prefix(plus + 1);
  }
  chord.key = key_named(text);
  if (chord.key == Key::none) return {};
  return chord;
}

std::string to_text(const Chord& chord) {
  std::string text;
  if (chord.control) text += "Ctrl+";
  if (chord.shift) text += "Shift+";
  if (chord.alt) text += "Alt+";
  return text + name_of(chord.key);
}

bool Keys::pressed(const Chord& chord, bool also_repeated) const {
  return std::any_of(presses.begin(), presses.end(), [&](const Press& press) {
    return press.chord == chord && (also_repeated || !press.repeated);
  });
}

}  // namespace attn::app

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace attn::app {

// A rectangle on the screen in pixels: [x0, x1) × [y0, y1).
struct Rect {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
  bool contains(float x, float y) const { return x >= x0 && x < x1 && y >= y0 && y < y1; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
  Rect shrunk(float by) const { return {x0 + by, y0 + by, x1 - by, y1 - by}; }
};
Rect intersection(const Rect& a, const Rect& b);

// What was drawn and can be found by a script, a test or the Tab key.
struct Control {
  std::string name;       // language-independent: "controls.mask.causal"; empty: a text that is only read
  std::string_view kind;  // "button", "toggle", "text", …
  std::string text;       // what it shows
  std::string state;      // "on", "off", a value, a choice; empty: none
  Rect rect;              // all of it
  Rect visible;           // what is not clipped away
  int layer = 0;          // 0: the window; each popup or modal above it is one more
  bool enabled = true, hovered = false, focused = false;
  bool focusable = false;  // reached with Tab
};

// All controls of one frame, in the order in which they were drawn.
class Registry {
 public:
  void clear() { count_ = 0; }
  // The returned reference is valid until the next add().
  Control& add(std::string_view name, std::string_view kind, std::string_view text, const Rect& rect,
               const Rect& visible, int layer);

  std::size_t size() const { return count_; }
  const Control& operator[](std::size_t i) const { return controls_[i]; }
  Control& operator[](std::size_t i) { return controls_[i]; }

  // The last drawn of this name; null when there is none.
  const Control* find(std::string_view name) const;
  // A visible text that contains `text`; null when there is none.
  const Control* find_text(std::string_view text) const;
  // Names that a person may have meant, nearest first.
  std::vector<std::string> names_near(std::string_view name, std::size_t most = 5) const;
  // The topmost layer that has a surface (popup, modal) over this point, 0 for the window itself.
  int layer_at(float x, float y) const;

 private:
  std::vector<Control> controls_;  // kept between frames so that strings keep their storage
  std::size_t count_ = 0;
};

}  // namespace attn::app

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/widgets/ui.h"

// Every control of the program. Each has a language-independent name, is recorded in the Registry, can be
// reached with Tab and pressed with Enter or Space, and says why when it is disabled.
//
// Controls are placed by ImGui's cursor: one under the other, or beside one another with beside(ui). Names
// are unique on the screen and nested by dots: "controls.mask.causal".

namespace attn::app {

// ---- Text (text.cpp) ----

// How wide and high a text is in its role, in pixels. wrap_px > 0: lines are broken there.
ImVec2 text_size(Ui& ui, TextRole role, std::string_view text, float wrap_px = 0);

// Draws without taking space: `at` is the upper left corner. Recorded for `expect "…"`.
void draw_text(Ui& ui, ImDrawList& list, TextRole role, ImVec2 at, Colour colour, std::string_view text,
               float wrap_px = 0);
// In `rect`, shortened with … where it does not fit; align 0 left, 0.5 centre, 1 right; centred vertically.
void draw_text_in(Ui& ui, ImDrawList& list, TextRole role, const Rect& rect, Colour colour,
                  std::string_view text, float align = 0);
// Turned by `degrees` anticlockwise about `at`, the left end of the baseline's line (column names: 45).
void draw_text_turned(Ui& ui, ImDrawList& list, TextRole role, ImVec2 at, float degrees, Colour colour,
                      std::string_view text);
// The longest beginning of `text`, with … where cut, that fits into `width_px`.
std::string shortened(Ui& ui, TextRole role, std::string_view text, float width_px);

// A line of text at the cursor; `name` may be empty. 0 as colour: ink.
void label(Ui& ui, std::string_view name, std::string_view text, TextRole role = TextRole::body,
           Colour colour = 0);
// The same, centred vertically in a box of width × height design units (a cell of a row of controls).
void cell_label(Ui& ui, std::string_view text, float width, float height = metric::kRow,
                TextRole role = TextRole::small, float align = 0);
void heading(Ui& ui, std::string_view text);                // 13 bold
void note(Ui& ui, std::string_view text, float width = 0);  // 12 dim, wrapped; 0: to the right edge
// What an empty view says to do next, in the middle of `rect`.
void empty_state(Ui& ui, const Rect& rect, std::string_view title, std::string_view what_to_do);

// ---- Place (layout.cpp) ----

Rect here(Ui& ui, float width, float height);  // at the cursor; sizes in pixels; takes no space
Rect last_rect();                              // of the last control
void beside(Ui& ui, float gap = metric::kGap);
void space(Ui& ui, float height = metric::kGap);  // vertical, design units
void rule(Ui& ui);                                // a thin line
float room(Ui& ui);                               // pixels left to the right edge

enum class PanelLook { flat, bordered };
// A part of the window: background, optional border and padding; `body` draws at a fresh cursor and scrolls
// when it is higher than the panel.
void panel(Ui& ui, std::string_view name, const Rect& rect, PanelLook look, const std::function<void()>& body,
           float padding = metric::kPadding);
// A region that scrolls, at the cursor; height in pixels.
void scroll_area(Ui& ui, std::string_view name, float height, const std::function<void()>& body);
// A draggable edge between two panels. `rect`: its place; moves `size` (design units) within [least, most].
// along_x: a vertical edge that is dragged sideways; grows: +1 when dragging right/down makes `size` larger,
// else -1. True when moved.
bool splitter(Ui& ui, std::string_view name, const Rect& rect, bool along_x, int grows, float& size,
              float least, float most);

// An invisible place of a view's own drawing that feels the mouse: the map, the grid, a token.
struct Touch {
  bool hovered = false, clicked = false, double_clicked = false, right_clicked = false;
  bool held = false;         // the left button is down since it was pressed here
  bool released = false;     // … and came up in this frame
  bool pressed_key = false;  // Enter or Space while focused
  bool focused = false;
  ImVec2 mouse{};    // pixels from the upper left corner
  ImVec2 dragged{};  // since pressed
  float wheel = 0;   // while hovered
};
Touch touch_area(Ui& ui, std::string_view name, const Rect& rect, std::string_view text = {},
                 std::string_view state = {}, bool focusable = false);
// Only records a place for scripts (a cell of the map), at no cost to the mouse.
void mark(Ui& ui, std::string_view name, const Rect& rect, std::string_view text = {},
          std::string_view state = {});

// ---- Buttons (buttons.cpp) ----

enum class Icon {
  none,
  close,
  chevron_down,
  chevron_right,
  swap,
  undo,
  redo,
  reset,
  pin,
  plus,
  minus,
  check,
  fit,
  three,
  eye,
  eye_off,
  menu,
  info,
  play,
  stop
};
void draw_icon(ImDrawList& list, Icon icon, const Rect& rect, Colour colour, float stroke_px);

enum class ButtonLook { plain, primary, quiet, warning };
struct ButtonOptions {
  ButtonLook look = ButtonLook::plain;
  Icon icon = Icon::none;
  float width = 0;     // design units; 0: as wide as its text; -1: to the right edge
  bool small = false;  // 28 high instead of 32
  bool selected = false;
  std::string_view tooltip{};
  std::string_view disabled{};  // not empty: disabled, and this is why
};
bool button(Ui& ui, std::string_view name, std::string_view text, const ButtonOptions& options = {});
bool icon_button(Ui& ui, std::string_view name, Icon icon, std::string_view tooltip,
                 const ButtonOptions& options = {});
// A button that shows a word and a dim remark, with a chevron: opens a menu.
bool drop_button(Ui& ui, std::string_view name, std::string_view text, std::string_view remark = {},
                 const ButtonOptions& options = {});

bool toggle(Ui& ui, std::string_view name, std::string_view text, bool& on, std::string_view disabled = {});
bool checkbox(Ui& ui, std::string_view name, std::string_view text, bool& on, std::string_view disabled = {});
// The dots of the Layers and Heads tables: filled when on.
bool dot(Ui& ui, std::string_view name, bool& on, std::string_view tooltip = {},
         std::string_view disabled = {});

// ---- Choices (choices.cpp) ----

struct Choice {
  std::string_view name;  // last part of the control's name
  std::string_view text;
  std::string_view remark{};    // dim, at the right (shortcut, size)
  std::string_view disabled{};  // why it cannot be chosen
  bool separator_above = false;
};
// One of a few, side by side. width: pixels, 0: to the right edge.
bool segmented(Ui& ui, std::string_view name, std::span<const Choice> choices, int& chosen, float width = 0);
// One of many, in a drop-down list. width: pixels.
bool combo(Ui& ui, std::string_view name, std::span<const Choice> choices, int& chosen, float width);
bool tab_bar(Ui& ui, std::string_view name, std::span<const Choice> tabs, int& chosen);
// Rows of an open popup; the chosen row, and the popup is closed.
// `marked` gets a tick; `cursor` is the row that Enter would choose, drawn as if the mouse were on it.
std::optional<int> menu_items(Ui& ui, std::string_view name, std::span<const Choice> items, int marked = -1,
                              int cursor = -1);

// ---- Values (values.cpp) ----

// `changed` in each frame of a drag; `finished` when it ends (one step of undo).
struct Edited {
  bool changed = false, finished = false;
  explicit operator bool() const { return changed; }
};
struct SliderOptions {
  bool logarithmic = false;
  float start = 0;  // what a double click returns to
  bool has_start = false;
  float width = 0;  // pixels; 0: to the right edge
  std::string_view disabled{};
};
// A label, its value at the right, and the track under them.
Edited slider(Ui& ui, std::string_view name, std::string_view text, float& value, float least, float most,
              const char* format, const SliderOptions& options = {});
// Two handles on a colour bar; `draw_bar` paints the bar. Values in [least, most], low < high.
Edited range_bar(Ui& ui, std::string_view name, float& low, float& high, float least, float most, float width,
                 const std::function<void(ImDrawList&, const Rect&)>& draw_bar);
void progress(Ui& ui, std::string_view name, float fraction, std::string_view text);  // < 0: unknown
// A name and a value at the right edge (aligned on the point when all have as many decimals).
void value_row(Ui& ui, std::string_view name, std::string_view text, std::string_view value,
               bool strong = false, bool dimmed = false);
// A word, a bar of length `fraction`, and a value: "animal ▬▬▬▬ 0.99". Clickable: true when clicked.
// widest: the longest value of its list, so that all of its bars begin in one line.
bool bar_row(Ui& ui, std::string_view name, std::string_view text, float fraction, std::string_view value,
             Colour colour = 0, std::string_view widest = {});

// ---- Text fields (text_field.cpp) ----

struct TextMark {
  std::size_t begin = 0, end = 0;  // bytes of the text
  Colour colour = 0;
};
struct TextFieldOptions {
  std::string_view hint{};
  TextRole role = TextRole::body;
  float width = 0;  // pixels; 0: to the right edge
  std::string_view disabled{};
  std::span<const TextMark> marks{};  // coloured grounds behind letters
};
struct TextEdited {
  bool changed = false, submitted = false;  // Enter
  bool active = false;                      // has the caret
  std::size_t caret_byte = 0;               // in the text
};
// One line of text of any script; loses nothing that is typed, pasted or committed by an input method.
// `text` is UTF-8, at most `max_bytes` long; line breaks become spaces.
TextEdited text_field(Ui& ui, std::string_view name, std::string& text, const TextFieldOptions& options = {});
void focus_text_field(Ui& ui, std::string_view name);

// ---- Over the window (popups.cpp) ----

// Shown when the mouse rests on the last control, or at once when the keyboard is on it.
void tooltip(Ui& ui, std::string_view text);
// At once, beside the mouse: a preview; `body` draws.
void preview(Ui& ui, const std::function<void()>& body);

void open_popup(Ui& ui, std::string_view name);
void close_popup(Ui& ui);
// Under `anchor` while open. Closed by Escape, a click outside, or close_popup() in `body`.
bool popup(Ui& ui, std::string_view name, const Rect& anchor, float width, const std::function<void()>& body);
// In the middle, over a shade, while `open`. Escape or the cross set it to false.
void modal(Ui& ui, std::string_view name, std::string_view title, bool& open, float width,
           const std::function<void()>& body);

enum class BadgeLook { calm, warning };
// What is in force: "As trained", "Causal mask". As wide as the room; true when its ✕ was clicked.
bool badge(Ui& ui, std::string_view name, std::string_view text, BadgeLook look, bool removable = false);
// A banner at the top of a view that says what went wrong and what to do. action empty: no button.
bool banner(Ui& ui, std::string_view name, std::string_view text, std::string_view action = {});

// A token of a sentence at the cursor: shaded by weight, outlined when chosen, its index beneath.
struct TokenLook {
  float shade = 0;          // 0 … 1
  Colour shade_colour = 0;  // 0: accent
  bool chosen = false, lit = false, dimmed = false;
  std::string_view index{};  // under it; empty: none
  TextRole role = TextRole::sentence;
};
ImVec2 token_size(Ui& ui, std::string_view text, const TokenLook& look);
Touch token(Ui& ui, std::string_view name, std::string_view text, const TokenLook& look);

}  // namespace attn::app

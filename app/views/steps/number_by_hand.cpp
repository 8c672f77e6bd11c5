#include <algorithm>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

constexpr float kBoxWidth = 300;  // design units

// The typed number becomes an intervention.
void set_typed(Board& board, NumberBox& box, float value) {
  OverwrittenNumber number = box.number;
  number.value = value;
  board.intents.edit([number](Study& s) { set_number(s.a.interventions, number); });
}

void take_off(Board& board, const OverwrittenNumber& number) {
  board.intents.edit([number](Study& s) { clear_number(s.a.interventions, number); });
}

}  // namespace

OverwrittenNumber number_at(const Board& board, NumberPlace place, int token) {
  const HeadId& id = board.walk.head;
  OverwrittenNumber number;
  number.place = place;
  number.token = token < 0 ? board.walk.query : token;
  number.at = id;
  if (place == NumberPlace::key || place == NumberPlace::value) {
    const int heads_to_a_key = board.walk.spec.n_heads / board.walk.spec.n_kv_heads;
    number.at.head -= number.at.head % heads_to_a_key;
  }
  if (!belongs_to_head(place)) {
    number.at.head = 0;
    if (place != NumberPlace::attention && id.stack == Stack::cross) number.at.stack = Stack::decoder;
  }
  if (!belongs_to_layer(place)) number.at.layer = 0;
  return number;
}

const OverwrittenNumber* find_set(const Board& board, const OverwrittenNumber& number) {
  const std::vector<OverwrittenNumber>& all = board.trace.interventions.numbers;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const OverwrittenNumber& other) { return other.same_number(number); });
  return found == all.end() ? nullptr : &*found;
}

int draw_strip_row(Board& board, const Rect& row, StripRow what, const OverwrittenNumber& first) {
  std::vector<int> by_hand;
  for (const OverwrittenNumber& one : board.trace.interventions.numbers) {
    OverwrittenNumber name = one;
    name.entry = first.entry;
    if (name.same_number(first)) by_hand.push_back(one.entry);
  }
  what.by_hand = by_hand;
  what.hint = board.ui.words("steps.number.hint");
  const StripTouch touch = draw_strip_row(board.ui, row, what);
  if (touch.clicked) {
    OverwrittenNumber number = first;
    number.entry = touch.entry;
    number.value = what.values[static_cast<std::size_t>(touch.entry)];
    const float mouse = ImGui::GetIO().MousePos.x;
    ask_for_number(board, number, what.label + " [" + std::to_string(touch.entry) + "]",
                   {mouse, row.y0, mouse, row.y1});
  }
  return touch.entry;
}

void ask_for_number(Board& board, const OverwrittenNumber& number, const std::string& title,
                    const Rect& anchor) {
  NumberBox& box = board.cache.number_box;
  box.number = number;
  box.title = title;
  box.typed = number_text(static_cast<double>(number.value), 4);
  box.anchor = anchor;
  box.opening = true;
}

void draw_number_box(Board& board) {
  Ui& ui = board.ui;
  const Words& words = ui.words;
  NumberBox& box = board.cache.number_box;
  if (box.opening) {
    open_popup(ui, "steps.number");
    focus_text_field(ui, "steps.number.value");
    box.opening = false;
  }
  popup(ui, "steps.number", box.anchor, ui.px(kBoxWidth), [&] {
    heading(ui, box.title);
    const TextEdited edited =
        text_field(ui, "steps.number.value", box.typed, {.role = TextRole::small, .width = ui.px(110)});
    const std::optional<float> typed = parse_number(box.typed);
    const std::string wrong = typed ? "" : std::string(words("steps.number.wrong"));
    beside(ui);
    const bool set = button(ui, "steps.number.set", words("steps.number.set"),
                            {.look = ButtonLook::primary, .disabled = wrong});
    if (typed && (set || edited.submitted)) {
      set_typed(board, box, *typed);
      close_popup(ui);
    }
    if (find_set(board, box.number)) {
      beside(ui);
      if (button(ui, "steps.number.back", words("steps.number.back"), {.icon = Icon::reset})) {
        take_off(board, box.number);
        close_popup(ui);
      }
    }
    note(ui, typed ? words("steps.number.note") : wrong);
  });
}

}  // namespace attn::app

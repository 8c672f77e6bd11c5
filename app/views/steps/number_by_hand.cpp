#include <algorithm>
#include <functional>

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
    if (!belongs_to_attention(place) && id.stack == Stack::cross) number.at.stack = Stack::decoder;
  }
  if (!belongs_to_layer(place)) number.at.layer = 0;
  return number;
}

OverwrittenNumber stream_before(const Board& board, int token) {
  const HeadWalk& w = board.walk;
  if (w.head.stack == Stack::cross) {  // what this layer's self-attention left
    const bool normed = w.norm_place == NormPlace::after && w.has_norms;
    OverwrittenNumber number =
        number_at(board, normed ? NumberPlace::attention_norm : NumberPlace::attention_sum, token);
    number.at.stack = Stack::decoder;
    return number;
  }
  OverwrittenNumber number =
      number_at(board, w.head.layer == 0 ? NumberPlace::embedding : NumberPlace::stream, token);
  if (w.head.layer > 0) --number.at.layer;
  return number;
}

OverwrittenNumber read_by_attention(const Board& board, int token) {
  return board.walk.norm_before ? number_at(board, NumberPlace::attention_norm, token)
                                : stream_before(board, token);
}

OverwrittenNumber encoder_output(const Board& board, int token) {
  const StackSpec& encoder = *board.trace.model->spec.encoder;
  OverwrittenNumber number;
  number.place = encoder.final_norm ? NumberPlace::final_norm : NumberPlace::stream;
  number.at = {Stack::encoder, encoder.final_norm ? 0 : encoder.n_layers() - 1, 0};
  number.token = token;
  return number;
}

const OverwrittenNumber* find_set(const Board& board, const OverwrittenNumber& number) {
  const std::vector<OverwrittenNumber>& all = board.trace.interventions.numbers;
  if (all.empty()) return nullptr;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const OverwrittenNumber& other) { return other.same_number(number); });
  return found == all.end() ? nullptr : &*found;
}

int draw_strip_row(Board& board, const Rect& row, StripRow what,
                   const std::function<OverwrittenNumber(int)>& number_of) {
  std::vector<int> by_hand;
  for (int entry = 0; entry < static_cast<int>(what.values.size()); ++entry)
    if (find_set(board, number_of(entry))) by_hand.push_back(entry);
  what.by_hand = by_hand;
  what.hint = board.ui.words("steps.number.hint");
  const StripTouch touch = draw_strip_row(board.ui, row, what);
  if (touch.clicked) {
    OverwrittenNumber number = number_of(touch.entry);
    number.value = what.values[static_cast<std::size_t>(touch.entry)];
    const float mouse = ImGui::GetIO().MousePos.x;
    ask_for_number(board, number, what.label + " [" + std::to_string(touch.entry) + "]",
                   {mouse, row.y0, mouse, row.y1});
  }
  return touch.entry;
}

int draw_strip_row(Board& board, const Rect& row, const StripRow& what, const OverwrittenNumber& first) {
  return draw_strip_row(board, row, what, [&](int entry) {
    OverwrittenNumber number = first;
    number.entry = entry;
    return number;
  });
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

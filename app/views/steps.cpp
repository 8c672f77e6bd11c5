#include "app/views/steps.h"

#include <algorithm>
#include <array>

#include "app/look/wording.h"
#include "app/views/steps/board.h"
#include "core/analysis/head_script.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

constexpr float kSideText = 300, kSideFrom = 1060;  // design units: where the text stands beside the board
constexpr float kBottomText = 98;
constexpr std::array<const char*, kSteps> kNames = {"start",    "projections", "products", "scale",
                                                    "mask",     "softmax",     "values",   "output",
                                                    "residual", "feed_forward"};

const char* name_of_step(Step step) {
  return kNames[static_cast<std::size_t>(step)];
}

void go_to(Intents& intents, int step) {
  const auto to = static_cast<Step>(std::clamp(step, 0, kSteps - 1));
  intents.look([to](ViewState& v) { v.steps.step = to; });
}

// What is asked for: the present head, token and key of this computation.
struct Asked {
  std::string key;
  HeadId head;
  int query = 0, at_key = -1;
};

Asked asked_of(const Side& side, const HeadId& head, const Selection& selection, bool covered) {
  const int n = static_cast<int>(side.trace->query_tokens(head.stack).size());
  Asked asked;
  asked.head = head;
  asked.query = std::clamp(selection.query, 0, std::max(0, n - 1));
  // The strongest key, but not where that would give away what the class shall predict.
  asked.at_key = selection.key.value_or(covered ? 0 : -1);
  asked.key = std::to_string(side.id) + "/" + to_text(head, true) + "/" + std::to_string(asked.query) + "/" +
              std::to_string(asked.at_key);
  return asked;
}

// Asks for the walk and takes what has come; the reason why there is none, if that is so.
Wording update_walk(const Frame& frame, const Asked& asked, StepsCache& cache, Intents& intents) {
  const std::string key = "steps/" + asked.key;
  const auto answer = frame.answer<HeadWalk>(key);
  if (answer.value && answer.value != cache.walk) {
    cache.walk = answer.value;
    cache.trace = frame.a->trace;
  }
  if (!answer.problem.empty()) return answer.problem;
  if (frame.a->id != 0)
    intents.want<HeadWalk>(key, [trace = frame.a->trace, asked](JobControl&) {
      return walk_head(*trace, asked.head, asked.query, asked.at_key);
    });
  return {};
}

void draw_step_button(Ui& ui, const Rect& place, int step, int now, const std::string& text,
                      Intents& intents) {
  const std::string name = kNames[static_cast<std::size_t>(step)];
  const std::string_view title = ui.words("steps.title." + name);
  const Touch touch = touch_area(ui, "steps.step." + name, place, title, step == now ? "on" : "off", true);
  tooltip(ui, title);
  if (touch.clicked || touch.pressed_key) go_to(intents, step);
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Colour ground = step == now ? t.accent : step < now ? t.accent_soft : t.hover;
  list.AddRectFilled(ImVec2(place.x0, place.y0), ImVec2(place.x1, place.y1), ground, ui.px(5));
  if (touch.hovered && step != now)
    list.AddRect(ImVec2(place.x0, place.y0), ImVec2(place.x1, place.y1), t.accent, ui.px(5));
  draw_text_in(ui, list, TextRole::note, place,
               step == now  ? t.on_accent
               : step < now ? t.ink
                            : t.dim,
               text, 0.5f);
}

// Each step as a button, and the two that walk.
float draw_step_bar(Ui& ui, const Rect& rect, Step present, Intents& intents) {
  const int now = static_cast<int>(present);
  const float height = ui.px(metric::kControlSmall), gap = ui.px(4);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (button(ui, "steps.previous", "◀",
             {.width = 32,
              .small = true,
              .tooltip = ui.words("steps.previous_tip"),
              .disabled = now == 0 ? ui.words("steps.first") : ""}))
    go_to(intents, now - 1);
  const float arrow = last_rect().width();
  ImGui::SetCursorScreenPos(ImVec2(rect.x1 - arrow, rect.y0));
  if (button(ui, "steps.next", "▶",
             {.width = 32,
              .small = true,
              .tooltip = ui.words("steps.next_tip"),
              .disabled = now == kSteps - 1 ? ui.words("steps.last") : ""}))
    go_to(intents, now + 1);
  // Each as wide as its name, and what is left shared out evenly; only numbers where there is little room.
  const float x0 = rect.x0 + arrow + gap, x1 = rect.x1 - arrow - gap;
  std::array<std::string, kSteps> texts;
  std::array<float, kSteps> widths{};
  float wide = gap * (kSteps - 1);
  const auto measure = [&](bool names) {
    wide = gap * (kSteps - 1);
    for (std::size_t i = 0; i < kSteps; ++i) {
      texts[i] = std::to_string(i + 1);
      if (names) texts[i] += " " + std::string(ui.words(std::string("steps.short.") + kNames[i]));
      wide += widths[i] = text_size(ui, TextRole::note, texts[i]).x + ui.px(8);
    }
    return wide <= x1 - x0;
  };
  if (!measure(true)) measure(false);
  const float more = std::max(0.0f, (x1 - x0 - wide) / kSteps);
  float left = x0;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const Rect place{std::floor(left), rect.y0, std::floor(left + widths[i] + more), rect.y0 + height};
    left += widths[i] + more + gap;
    draw_step_button(ui, place, static_cast<int>(i), now, texts[i], intents);
  }
  return height;
}

// Which token, key and head; the key can be chosen here.
float draw_title(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  const float height = ui.px(metric::kControlSmall);
  const HeadWalk& w = board.walk;
  std::vector<std::string> names;
  std::vector<std::string> indices;
  for (int k = 0; k < w.n_keys(); ++k) {
    names.push_back(board.key_name(k));
    indices.push_back(std::to_string(k));
  }
  std::vector<Choice> choices;
  for (std::size_t k = 0; k < names.size(); ++k)
    choices.push_back({.name = indices[k], .text = names[k], .remark = indices[k]});
  const float wide = std::min(ui.px(132), rect.width() * 0.35f);
  ImGui::SetCursorScreenPos(ImVec2(rect.x1 - wide, rect.y0));
  int chosen = w.key;
  if (combo(ui, "steps.key_chooser", choices, chosen, wide)) choose_query(board.intents, w.query, chosen);
  const std::string_view label_text = ui.words("steps.looked_at");
  const float label_width = text_size(ui, TextRole::note, label_text).x + ui.px(8);
  const float label_x = rect.x1 - wide - label_width;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text_in(ui, list, TextRole::note, {label_x, rect.y0, rect.x1 - wide - ui.px(6), rect.y0 + height},
               ui.theme.dim, label_text, 1);
  const std::string step = std::to_string(static_cast<int>(board.step()) + 1) + ". " +
                           std::string(ui.words(std::string("steps.title.") + name_of_step(board.step())));
  const std::string who = ui.words("steps.who", {{"word", board.query_name()}, {"head", board.head()}});
  const float title_width =
      std::min(text_size(ui, TextRole::sentence_bold, step).x, label_x - rect.x0 - ui.px(8));
  draw_text_in(ui, list, TextRole::sentence_bold,
               {rect.x0, rect.y0, rect.x0 + title_width + 1, rect.y0 + height}, ui.theme.ink, step);
  const float who_x = rect.x0 + title_width + ui.px(12);
  if (label_x - who_x > ui.px(60))
    draw_text_in(ui, list, TextRole::small, {who_x, rect.y0, label_x - ui.px(8), rect.y0 + height},
                 ui.theme.dim, who);
  return height;
}

// The formula with its present term lit, and that term in numbers under it.
float draw_formula(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::vector<FormulaPiece> pieces = formula_of(board.walk, board.step());
  float wide = 0;
  for (const FormulaPiece& piece : pieces) wide += text_size(ui, TextRole::sentence, piece.text).x;
  const bool fits = wide <= rect.width();
  const TextRole plain = fits ? TextRole::sentence : TextRole::note,
                 bold = fits ? TextRole::sentence_bold : TextRole::note;
  const float height = ui.px(26);
  float x = rect.x0;
  for (const FormulaPiece& piece : pieces) {
    const TextRole role = piece.lit ? bold : plain;
    const float width = std::min(text_size(ui, role, piece.text).x, rect.x1 - x);
    if (width <= 0) break;
    const Rect place{x, rect.y0, x + width + 1, rect.y0 + height};
    if (piece.lit)
      list.AddRectFilled(ImVec2(place.x0 - 1, place.y0 + ui.px(1)), ImVec2(place.x1, place.y1 - ui.px(1)),
                         ui.theme.accent_soft, ui.px(3));
    draw_text_in(ui, list, role, place, piece.lit ? ui.theme.accent : ui.theme.ink, piece.text);
    x += width;
  }
  const bool hide = board.covered() && board.reached(Step::products);
  const std::string numbers =
      hide ? "" : in_numbers(board.walk, board.step(), board.key_name(board.walk.key));
  const float line = ui.px(20);
  draw_text_in(ui, list, TextRole::small, {rect.x0, rect.y0 + height, rect.x1, rect.y0 + height + line},
               ui.theme.dim, numbers);
  if (!numbers.empty())
    mark(ui, "steps.in_numbers", {rect.x0, rect.y0 + height, rect.x1, rect.y0 + height + line}, numbers);
  return height + line;
}

float draw_sheet(Board& board, const Rect& rect) {
  if (board.now(Step::start)) return draw_start_sheet(board, rect);
  if (board.now(Step::projections)) return draw_projection_sheet(board, rect);
  if (board.covered() && board.reached(Step::output)) {
    note(board.ui, board.ui.words("details.covered"));
    return board.ui.px(40);
  }
  return board.reached(Step::output) ? draw_output_sheet(board, rect) : draw_key_sheet(board, rect);
}

std::string file_name(const Board& board) {
  return "steps/script/" + std::to_string(reinterpret_cast<std::uintptr_t>(board.cache.trace.get())) + "/" +
         to_text(board.walk.head, true);
}

// The script of this head goes to the clipboard when it is made.
void draw_copy_button(Board& board, const Frame& frame) {
  Ui& ui = board.ui;
  StepsCache& cache = board.cache;
  const std::string key = file_name(board);
  const bool done = cache.script_done == key;
  if (button(
          ui, "steps.copy", ui.words(done ? "steps.copied" : "steps.copy"),
          {.icon = done ? Icon::check : Icon::none, .small = true, .tooltip = ui.words("steps.copy_tip")})) {
    cache.script_wanted = key;
    cache.script_done.clear();
  }
  if (cache.script_wanted != key) return;
  const auto answer = frame.answer<std::string>(key);
  if (answer.value) {
    ImGui::SetClipboardText(ui.fonts.wide.encode(*answer.value).c_str());
    cache.script_done = key;
    cache.script_wanted.clear();
  } else if (!answer.problem.empty()) {
    note(ui, in_words(ui.words, answer.problem));
  } else {
    board.intents.want<std::string>(key, [trace = cache.trace, head = board.walk.head](JobControl&) {
      return numpy_script(*trace, head);
    });
  }
}

// From the upper edge of `rect` on, as high as it needs: what is too long goes on in the next line. Returns
// the height.
float draw_code(Board& board, const Rect& rect) {
  Ui& ui = board.ui;
  const float wrap = rect.width() - ui.px(12), gap = ui.px(2), inset = ui.px(4);
  const std::vector<std::string> code = code_of(board.walk, board.step());
  float box = 2 * inset;
  for (const std::string& line : code) box += text_size(ui, TextRole::small, line, wrap).y + gap;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y0 + box), ui.theme.hover, ui.px(4));
  float y = rect.y0 + inset;
  for (const std::string& line : code) {
    draw_text(ui, list, TextRole::small, ImVec2(rect.x0 + ui.px(8), y), ui.theme.ink, line, wrap);
    y += text_size(ui, TextRole::small, line, wrap).y + gap;
  }
  return box;
}

// What happens in this step, in words and in code.
void draw_text_panel(Board& board, const Rect& rect, const Frame& frame, bool side_by_side) {
  Ui& ui = board.ui;
  panel(
      ui, "steps.text", rect, PanelLook::flat,
      [&] {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float gap = ui.px(16);
        const float wide = side_by_side ? (rect.width() - gap) * 0.56f : rect.width() - ui.px(4);
        const std::string explain = ui.words(
            "steps.explain." + explanation_key(board.walk, board.step()),
            {{"word", board.query_name()},
             {"key", board.key_name(board.walk.key)},
             {"d", std::to_string(board.walk.d_head())},
             {"heads", std::to_string(board.walk.spec.n_heads)},
             {"n", ui.words(board.walk.feed_forward.gated ? "steps.explain.three" : "steps.explain.two")}});
        const ImVec2 size = text_size(ui, TextRole::small, explain, wide);
        draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::small, at, ui.theme.ink, explain, wide);
        const float code_x = side_by_side ? at.x + wide + gap : at.x;
        float y = side_by_side ? at.y : at.y + size.y + ui.px(12);
        y += draw_code(board, {code_x, y, rect.x1 - ui.px(4), y}) + ui.px(6);
        ImGui::SetCursorScreenPos(ImVec2(code_x, y));
        draw_copy_button(board, frame);
        const float end = std::max(last_rect().y1, at.y + size.y) + ui.px(4);
        ImGui::SetCursorScreenPos(ImVec2(at.x, end));
        ImGui::Dummy(ImVec2(1, 1));
      },
      0);
}

// What was drawn by places reaches so far down: a panel scrolls by it.
void end_of_page(ImVec2 from, float used) {
  ImGui::SetCursorScreenPos(ImVec2(from.x, from.y + used - 1));
  ImGui::Dummy(ImVec2(1, 1));
}

// Board and text: beside one another on wide screens, else one under the other; all of it scrolls where there
// is too little height.
void draw_body(Board& board, const Rect& rect, const Frame& frame) {
  Ui& ui = board.ui;
  if (rect.width() >= ui.px(kSideFrom)) {
    const float text = ui.px(kSideText), gap = ui.px(20);
    const Rect board_place{rect.x0, rect.y0, rect.x1 - text - gap, rect.y1};
    panel(
        ui, "steps.board", board_place, PanelLook::flat,
        [&] {
          const ImVec2 at = ImGui::GetCursorScreenPos();
          end_of_page(at, draw_sheet(board, {at.x, at.y, board_place.x1 - ui.px(12), at.y + rect.height()}));
        },
        0);
    return draw_text_panel(board, {rect.x1 - text, rect.y0, rect.x1, rect.y1}, frame, false);
  }
  const float text = ui.px(kBottomText);
  const bool fixed_text = rect.height() > ui.px(360);
  const float board_height = fixed_text ? rect.height() - text - ui.px(8) : rect.height();
  panel(
      ui, "steps.board", {rect.x0, rect.y0, rect.x1, rect.y0 + board_height}, PanelLook::flat,
      [&] {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float right = rect.x1 - ui.px(12);
        float used = draw_sheet(board, {at.x, at.y, right, at.y + board_height});
        if (!fixed_text) {
          used += ui.px(12);
          draw_text_panel(board, {at.x, at.y + used, right, at.y + used + ui.px(220)}, frame,
                          right - at.x > ui.px(560));
          used += ui.px(220);
        }
        end_of_page(at, used);
      },
      0);
  if (fixed_text) draw_text_panel(board, {rect.x0, rect.y1 - text, rect.x1, rect.y1}, frame, true);
}

}  // namespace

void draw_steps(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                StepsCache& cache, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!frame.a || !frame.a->trace)
    return draw_nothing_yet(ui, rect, frame, "steps.empty", "steps.empty_hint");
  if (!frame.a->trace->model)
    return empty_state(ui, rect, ui.words("steps.recording"), ui.words("steps.recording_hint"));
  if (!head) return empty_state(ui, rect, ui.words("map.no_attention"), ui.words("map.no_attention_hint"));
  const Asked asked = asked_of(*frame.a, *head, study.selection, view.covered);
  const Wording problem = update_walk(frame, asked, cache, intents);
  if (!problem.empty()) return empty_state(ui, rect, ui.words("steps.cannot"), in_words(ui.words, problem));
  if (!cache.walk) return empty_state(ui, rect, ui.words("map.computing"), ui.words("steps.computing_hint"));

  cache.lit_entry = cache.next_lit_entry;
  cache.next_lit_entry = -1;
  Board board{ui, *cache.walk, *cache.trace, study, view, cache, intents};
  Rect rest = rect;
  rest.y0 += draw_step_bar(ui, rest, view.steps.step, intents) + ui.px(6);
  rest.y0 += draw_title(board, rest) + ui.px(2);
  rest.y0 += draw_formula(board, rest) + ui.px(6);
  draw_body(board, rest, frame);
  draw_number_box(board);
  if (cache.next_lit_entry != cache.lit_entry) ui.want_frames(2);
}

}  // namespace attn::app

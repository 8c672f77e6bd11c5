#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/matrix_view.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostRanked = 8;

// What stands on the right-hand side.
struct Other {
  const Side* side = nullptr;
  HeadId head;
  std::string title;  // of this side, and of the one in front
  std::string of_front;
  std::string why_not;  // there is nothing to compare with, and how to get it
};

Other find_other(Ui& ui, CompareWith with, const Frame& frame, const Study& study, const HeadId& head,
                 const ViewState& view) {
  const auto computed = [](const std::shared_ptr<const Side>& side) {
    return side && side->trace ? side.get() : nullptr;
  };
  Other other;
  other.head = head;
  switch (with) {
    case CompareWith::nothing:
      break;
    case CompareWith::other_head:
      if (study.selection.pinned && has_head(*frame.a->trace, *study.selection.pinned)) {
        other.side = frame.a.get();
        other.head = *study.selection.pinned;
        other.title = head_name(*frame.a->trace, other.head, view);
        other.of_front = head_name(*frame.a->trace, head, view);
      }
      other.why_not = ui.words("compare.no_pin");
      break;
    case CompareWith::twin:
      other.side = computed(frame.other);
      if (study.twin) {
        const bool flipped = study.flipped;
        other.title =
            ui.words("compare.with_word", {{"word", flipped ? study.twin->word : study.twin->alternative}});
        other.of_front =
            ui.words("compare.with_word", {{"word", flipped ? study.twin->alternative : study.twin->word}});
      }
      other.why_not = ui.words("compare.no_twin");
      break;
    case CompareWith::as_trained:
      other.side = computed(frame.baseline);
      other.title = ui.words("compare.as_trained");
      other.of_front = ui.words("compare.now");
      other.why_not = ui.words("compare.no_interventions");
      break;
    case CompareWith::other_subject:
      other.side = computed(frame.b);
      if (study.b) other.title = study.b->model;
      other.of_front = study.a.model;
      other.why_not = ui.words("compare.no_subject");
      break;
  }
  if (other.side && !has_head(*other.side->trace, other.head)) other.side = nullptr;
  return other;
}

// What to compare with; the first that is possible where nothing was chosen. Returns what is shown.
Other choose_other(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const HeadId& head,
                   const ViewState& view, Intents& intents) {
  static constexpr std::array kWays = {CompareWith::other_head, CompareWith::twin, CompareWith::as_trained};
  static constexpr std::array kNames = {"other_head", "twin", "as_trained"};
  std::array<Other, 3> others;
  std::array<std::string, 3> reasons;
  std::vector<Choice> choices;
  int chosen = -1;
  for (std::size_t i = 0; i < kWays.size(); ++i) {
    others[i] = find_other(ui, kWays[i], frame, study, head, view);
    reasons[i] = others[i].side ? "" : others[i].why_not;
    choices.push_back({kNames[i], ui.words("compare." + std::string(kNames[i])), {}, reasons[i]});
    if (kWays[i] == study.compare) chosen = static_cast<int>(i);
  }
  const Other subject = find_other(ui, CompareWith::other_subject, frame, study, head, view);
  if (study.compare != CompareWith::other_subject &&
      (chosen < 0 || !others[static_cast<std::size_t>(chosen)].side))
    for (std::size_t i = 0; i < others.size(); ++i)
      if (others[i].side) {
        chosen = static_cast<int>(i);
        break;
      }
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (segmented(ui, "compare.with", choices, chosen, std::min(rect.width(), ui.px(360))))
    intents.edit([to = kWays[static_cast<std::size_t>(chosen)]](Study& s) { s.compare = to; });
  if (study.compare == CompareWith::other_subject && subject.side) return subject;
  return chosen >= 0 ? others[static_cast<std::size_t>(chosen)] : Other{};
}

// A titled matrix that lights up rows and columns and lets a query be chosen. `chooses`: its tokens are those
// of the sentence in front.
void draw_one(Ui& ui, const Rect& rect, std::string_view name, std::string_view title,
              const ShownMatrix& matrix, const gl::HeatmapStack& stack, MatrixLook look, bool chooses,
              const Study& study, const ViewState& view, Intents& intents) {
  const float line = ui.px(22);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::heading,
               {rect.x0, rect.y0, rect.x1, rect.y0 + line}, ui.theme.ink, title);
  look.name = name;
  look.covered = view.covered;
  look.chosen_row = place_of_token(matrix.row_of, study.selection.query);
  look.lit_row = place_of_token(matrix.row_of, view.hover.query);
  look.lit_column = place_of_token(matrix.column_of, view.hover.key);
  const MatrixPlace place = place_matrix(ui, {rect.x0, rect.y0 + line, rect.x1, rect.y1}, matrix, look);
  draw_matrix(ui, matrix, stack, look, place);
  const Touch touch = touch_area(ui, std::string(name) + ".cells", place.cells);
  const int row = place.row_at(place.cells.y0 + touch.mouse.y),
            column = place.column_at(place.cells.x0 + touch.mouse.x);
  if (!touch.hovered || row < 0 || column < 0) return;
  const int query = matrix.query_of[static_cast<std::size_t>(row)],
            key = matrix.key_of[static_cast<std::size_t>(column)];
  if (view.covered) {
    if (touch.clicked) intents.look([](ViewState& v) { v.covered = false; });
    return;
  }
  light_up_tokens(ui, view, intents, query, key);
  if (touch.clicked && chooses) choose_query(intents, query, key);
  const float value = matrix.values(row, column);
  preview(ui, [&] {
    label(
        ui, {},
        matrix.rows[static_cast<std::size_t>(row)] + " → " + matrix.columns[static_cast<std::size_t>(column)],
        TextRole::heading);
    label(ui, {},
          std::isnan(value) ? std::string(ui.words(look.differences ? "compare.no_partner" : "map.masked"))
          : look.differences && value > 0 ? "+" + fixed(static_cast<double>(value), 3)
                                          : fixed(static_cast<double>(value), 3),
          TextRole::small);
  });
}

void draw_legend(Ui& ui, const Rect& rect, const gl::HeatmapLook& look, const std::string& left,
                 const std::string& right) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float bar = ui.px(90), high = ui.px(10);
  const std::string least = "−" + fixed(static_cast<double>(look.high), 2),
                    most = "+" + fixed(static_cast<double>(look.high), 2);
  const float number = text_size(ui, TextRole::note, most).x + ui.px(6);
  const float top = rect.y0 + std::floor((rect.height() - high) / 2);
  draw_text_in(ui, list, TextRole::note, {rect.x0, rect.y0, rect.x0 + number, rect.y1}, ui.theme.dim, least);
  const float x0 = rect.x0 + number;
  constexpr int kSteps = 33;
  for (int i = 0; i < kSteps; ++i) {
    const auto at = [&](int step) { return x0 + bar * static_cast<float>(step) / kSteps; };
    list.AddRectFilled(ImVec2(at(i), top), ImVec2(at(i + 1), top + high),
                       colour_of(look, look.high * (2 * (static_cast<float>(i) + 0.5f) / kSteps - 1)));
  }
  list.AddRect(ImVec2(x0, top), ImVec2(x0 + bar, top + high), ui.theme.line);
  draw_text_in(ui, list, TextRole::note,
               {x0 + bar + ui.px(6), rect.y0, x0 + bar + number + ui.px(6), rect.y1}, ui.theme.dim, most);
  draw_text_in(ui, list, TextRole::note, {x0 + bar + number + ui.px(18), rect.y0, rect.x1, rect.y1},
               ui.theme.dim, ui.words("compare.legend", {{"left", left}, {"right", right}}));
}

void draw_ranking(Ui& ui, const Rect& rect, const std::vector<HeadDifference>& ranking, const Frame& frame,
                  const HeadId& head, const ViewState& view, Intents& intents) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (ranking.empty()) return;
  const float title = text_size(ui, TextRole::note, ui.words("compare.ranking")).x + ui.px(8);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::note,
               {rect.x0, rect.y0, rect.x0 + title, rect.y0 + ui.px(metric::kControlSmall)}, ui.theme.dim,
               ui.words("compare.ranking"));
  float x = rect.x0 + title;
  for (std::size_t i = 0; i < std::min(kMostRanked, ranking.size()); ++i) {
    const HeadId id = ranking[i].head;
    const std::string text = head_name(*frame.a->trace, id, view) + "  " + fixed(ranking[i].distance, 2);
    const float width = text_size(ui, TextRole::note, text).x + ui.px(24);
    if (x + width > rect.x1) break;
    ImGui::SetCursorScreenPos(ImVec2(x, rect.y0));
    if (button(ui, "compare.rank." + std::to_string(i), text, {.small = true, .selected = id == head}))
      intents.edit([id](Study& s) { s.selection.head = id; });
    x += width + ui.px(6);
  }
}

}  // namespace

void draw_compare(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                  ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, {}, intents);
  const Other other = choose_other(ui, rect, frame, study, *head, view, intents);
  const Rect below{rect.x0, rect.y0 + ui.px(metric::kControlSmall + metric::kGap), rect.x1, rect.y1};
  if (!other.side) return empty_state(ui, below, ui.words("compare.empty"), ui.words("compare.empty_hint"));

  ComparePictures& pictures = caches.compare;
  const ShownOptions options = shown_options(view);
  const ShownMatrix* left = pictures.left.update(*frame.a, *head, options);
  const ShownMatrix* right = pictures.right.update(*other.side, other.head, options);
  const ShownMatrix* difference =
      pictures.update(*frame.a, *head, *other.side, other.head,
                      {options.hide_special, options.hide_first, options.words_merged});
  if (!left || !right || !difference) {
    if (!left) intents.want_weights(*head);
    if (!right) intents.want_weights(other.head);
    return empty_state(ui, below, ui.words("map.computing"), ui.words("map.computing_hint"));
  }

  const bool same_text = other.side == frame.a.get() || other.side == frame.baseline.get();
  const bool ranked = other.side != frame.a.get();
  const auto titled = [&](const std::string& what) {
    return ranked ? head_name(*frame.a->trace, *head, view) + " · " + what : what;
  };
  const float foot = ui.px(ranked ? 64 : 28);
  const Rect maps{below.x0, below.y0, below.x1, below.y1 - foot};
  MatrixLook weights;
  weights.colours = weights_look(ui, view);
  weights.per_row = options.per_row;
  MatrixLook signed_look;
  signed_look.colours = difference_look(ui, pictures.largest());
  signed_look.differences = true;

  // Two small maps above one another and the difference beside them; side by side where it is low.
  const float gap = ui.px(16);
  const bool stacked = maps.height() > ui.px(360);
  const float small = stacked ? maps.width() * 0.36f : (maps.width() - 2 * gap) / 3;
  const float half = stacked ? (maps.height() - ui.px(8)) / 2 : maps.height();
  const Rect first{maps.x0, maps.y0, maps.x0 + small, maps.y0 + half};
  const Rect second = stacked ? Rect{maps.x0, maps.y1 - half, maps.x0 + small, maps.y1}
                              : Rect{first.x1 + gap, maps.y0, first.x1 + gap + small, maps.y1};
  const Rect third{(stacked ? first.x1 : second.x1) + gap, maps.y0, maps.x1, maps.y1};
  draw_one(ui, first, "compare.left", titled(other.of_front), *left, pictures.left.stack(), weights, true,
           study, view, intents);
  draw_one(ui, second, "compare.right", titled(other.title), *right, pictures.right.stack(), weights,
           same_text, study, view, intents);
  draw_one(ui, third, "compare.difference",
           view.covered ? std::string(ui.words("compare.difference_covered"))
                        : ui.words("compare.difference", {{"distance", fixed(pictures.distance(), 3)}}),
           *difference, pictures.difference(), signed_look, true, study, view, intents);
  if (view.covered) return;
  draw_legend(ui, {stacked ? third.x0 : below.x0, maps.y1 + ui.px(4), below.x1, maps.y1 + ui.px(24)},
              signed_look.colours, other.of_front, other.title);
  if (ranked)
    draw_ranking(ui, {below.x0, below.y1 - ui.px(32), below.x1, below.y1},
                 pictures.ranking(*frame.a, *other.side), frame, *head, view, intents);
}

}  // namespace attn::app

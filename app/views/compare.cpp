#include <algorithm>
#include <array>
#include <cmath>

#include "app/views/compare/other.h"
#include "app/views/map_values.h"
#include "app/views/matrix_view.h"
#include "app/views/value_grid.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostRanked = 8;
constexpr float kLow = 250;       // design units: less height has room for one map at a time
constexpr float kLeastMap = 260;  // title and names included
constexpr float kLegend = 42, kMapTitle = 22;
constexpr float kRanking = 560;  // narrower: no room for the ranking beside the maps

// A titled matrix that lights up rows and columns and lets a query be chosen. `chooses`: its tokens are those
// of the sentence in front.
void draw_one(Ui& ui, const Rect& rect, std::string_view name, std::string_view title,
              const ShownMatrix& matrix, const gl::HeatmapStack& stack, MatrixLook look, bool chooses,
              const Study& study, const ViewState& view, Intents& intents) {
  const float line = ui.px(kMapTitle);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::heading,
               {rect.x0, rect.y0, rect.x1, rect.y0 + line}, ui.theme.ink, title);
  if (look.differences) {
    touch_area(ui, "compare.distance", {rect.x0, rect.y0, rect.x1, rect.y0 + line}, title);
    tooltip(ui, ui.words("compare.distance_tip"));
  }
  look.name = name;
  look.covered = view.covered;
  look.chosen_row = place_of_token(matrix.row_of, study.selection.query);
  if (view.covered) look.named_column = -1;
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

// The lower edge of a matrix that draw_one puts into `rect`.
float end_of_map(Ui& ui, const Rect& rect, const ShownMatrix& matrix, const MatrixLook& look) {
  return place_matrix(ui, {rect.x0, rect.y0 + ui.px(kMapTitle), rect.x1, rect.y1}, matrix, look).cells.y1;
}

// The colours under the difference map, and under them what they mean.
void draw_legend(Ui& ui, const Rect& rect, const gl::HeatmapLook& look, const std::string& meaning) {
  const float middle = rect.y0 + std::floor(rect.height() / 2);
  draw_signed_scale(ui, {rect.x0, rect.y0, rect.x1, middle}, look.high);
  draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(rect.x0, middle), ui.theme.dim, meaning,
            rect.width());
}

// How much every head differs: between the two sides, or on one side from the chosen head.
Answer<std::vector<HeadDifference>> want_ranking(const Frame& frame, const Other& other, const HeadId& head,
                                                 Intents& intents) {
  using Ranking = std::vector<HeadDifference>;
  const std::shared_ptr<const Side>& a = frame.a;
  if (a->id == 0 || other.side->id == 0) return {};
  const bool within = other.side == a;
  const std::string key = "compare/" + std::to_string(a->id) + "/" + std::to_string(other.side->id) +
                          (within ? "/" + to_text(head, true) : "");
  intents.want<Ranking>(key,
                        [trace_a = a->trace, trace_b = other.side->trace, within, head](JobControl& control) {
                          return within ? heads_like(*trace_a, head, &control.pool())
                                        : rank_differences(*trace_a, *trace_b, &control.pool());
                        });
  return frame.answer<Ranking>(key);
}

// The ranking as a grid, and the heads that differ most under it.
void draw_ranking(Ui& ui, const Rect& rect, const Frame& frame, const Other& other, const HeadId& head,
                  const ViewState& view, Intents& intents) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool within = other.side == frame.a;
  const float line = ui.px(20);
  const std::string title =
      within ? ui.words("compare.ranking_within", {{"head", head_name(*frame.a->trace, head, view)}})
             : std::string(ui.words("compare.ranking"));
  const ImVec2 size = text_size(ui, TextRole::note, title, rect.width());
  draw_text(ui, list, TextRole::note, ImVec2(rect.x0, rect.y0), ui.theme.dim, title, rect.width());
  const auto ranking = want_ranking(frame, other, head, intents);
  if (!ranking.value || ranking.value->empty()) return;
  std::map<HeadId, double> distances;
  double most = 0;
  for (const HeadDifference& difference : *ranking.value) {
    distances[difference.head] = difference.distance;
    most = std::max(most, difference.distance);
  }
  ValueGrid grid;
  grid.name = "compare.grid";
  grid.stack = head.stack;
  grid.n_layers = frame.a->trace->n_layers(head.stack);
  grid.n_heads = frame.a->trace->n_heads(head.stack);
  grid.high = static_cast<float>(most);
  grid.value = [&](const HeadId& id) {
    const auto found = distances.find(id);
    return found == distances.end() ? std::nan("") : found->second;
  };
  const float top = rect.y0 + size.y + ui.px(4);
  const float rows = line * static_cast<float>(std::min(kMostRanked, ranking.value->size()));
  const Rect place{rect.x0, top, rect.x1, std::max(top + ui.px(72), rect.y1 - rows - ui.px(8))};
  if (const auto clicked = draw_value_grid(ui, place, grid, head, view, intents))
    choose_head(intents, *clicked);
  std::vector<HeadDifference> order = *ranking.value;
  if (within) std::reverse(order.begin(), order.end());
  float y = lay_out_grid(ui, place, grid.n_layers, grid.n_heads).area.y1 + ui.px(4);
  for (std::size_t i = 0; i < std::min(kMostRanked, order.size()) && y + line <= rect.y1; ++i, y += line) {
    const HeadId id = order[i].head;
    const Rect row{rect.x0, y, rect.x1, y + line};
    const std::string name = head_name(*frame.a->trace, id, view);
    const Touch touch =
        touch_area(ui, "compare.rank." + std::to_string(i), row, name, fixed(order[i].distance, 3), true);
    if (touch.hovered) {
      list.AddRectFilled(ImVec2(row.x0, row.y0), ImVec2(row.x1, row.y1), ui.theme.hover, ui.px(4));
      light_up(ui, view, intents, id, -1, -1);
    }
    draw_text_in(ui, list, id == head ? TextRole::heading : TextRole::note,
                 {row.x0 + ui.px(4), y, row.x1 - ui.px(44), row.y1},
                 id == head ? ui.theme.accent : ui.theme.ink, name);
    draw_text_in(ui, list, TextRole::note, {row.x1 - ui.px(44), y, row.x1 - ui.px(4), row.y1}, ui.theme.ink,
                 fixed(order[i].distance, 3), 1);
    if (touch.clicked || touch.pressed_key) choose_head(intents, id);
  }
}

// The two maps and their difference, ready to be drawn.
struct Maps {
  const ShownMatrix *left = nullptr, *right = nullptr, *difference = nullptr;
};

Maps update_maps(const Frame& frame, const Other& other, const HeadId& head, const ViewState& view,
                 ComparePictures& pictures, Intents& intents) {
  const ShownOptions options = shown_options(view);
  std::shared_ptr<const Matrix> values_a, values_b;
  if (view.compare_layers) {
    values_a = want_map_values(frame, frame.a, head, MapValues::layer_mean, -1, intents).value;
    values_b = want_map_values(frame, other.side, other.head, MapValues::layer_mean, -1, intents).value;
    if (!values_a || !values_b) return {};
  }
  Maps maps;
  maps.left = pictures.left.update(*frame.a, head, options, values_a);
  maps.right = pictures.right.update(*other.side, other.head, options, values_b);
  maps.difference =
      pictures.update(*frame.a, head, *other.side, other.head,
                      {options.hide_special, options.hide_first, options.words_merged}, values_a, values_b);
  if (!maps.left) intents.want_weights(head);
  if (!maps.right) intents.want_weights(other.head);
  return maps;
}

// Where the three maps stand: two small ones above one another and the difference beside them; side by side
// where it is low.
std::array<Rect, 3> place_maps(Ui& ui, const Rect& rect) {
  const float gap = ui.px(16);
  const bool stacked = rect.height() > ui.px(360);
  const float small = stacked ? rect.width() * 0.36f : (rect.width() - 2 * gap) / 3;
  const float half = stacked ? std::floor((rect.height() - ui.px(8)) / 2) : rect.height();
  const Rect first{rect.x0, rect.y0, rect.x0 + small, rect.y0 + half};
  const Rect second = stacked ? Rect{rect.x0, rect.y1 - half, rect.x0 + small, rect.y1}
                              : Rect{first.x1 + gap, rect.y0, first.x1 + gap + small, rect.y1};
  return {first, second, {(stacked ? first.x1 : second.x1) + gap, rect.y0, rect.x1, rect.y1}};
}

// Heads or whole layers.
void choose_layers(Ui& ui, const Rect& rect, const ViewState& view, Intents& intents) {
  const std::array<Choice, 2> choices = {Choice{"heads", ui.words("compare.heads")},
                                         Choice{"layers", ui.words("compare.layers")}};
  int chosen = view.compare_layers ? 1 : 0;
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (segmented(ui, "compare.whole", choices, chosen, rect.width()))
    intents.look([chosen](ViewState& v) { v.compare_layers = chosen == 1; });
}

// Once after another token was chosen: a map that is higher than its place shows its row.
void scroll_to_row(Ui& ui, int row, int n_rows, float high, float seen) {
  double& last = ui.memory.numbers["compare.scrolled_to"];
  if (row < 0 || last == row + 1) return;
  last = row + 1;
  const float names = high * 0.3f;  // over the rows
  const float y =
      names + (high - names) * (static_cast<float>(row) + 0.5f) / static_cast<float>(std::max(1, n_rows));
  ImGui::SetScrollY(std::max(0.0f, y - seen * 0.7f));
}

// Which of the three is shown where there is room for one.
int choose_map(Ui& ui, const Rect& rect, const Other& other) {
  double& remembered = ui.memory.numbers["compare.one"];
  int chosen = static_cast<int>(remembered);
  const std::array<Choice, 3> choices = {Choice{"difference", ui.words("compare.difference_covered")},
                                         Choice{"left", other.of_front}, Choice{"right", other.title}};
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (segmented(ui, "compare.one", choices, chosen, rect.width())) remembered = chosen;
  return chosen;
}

}  // namespace

void draw_compare(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                  const Desk& desk, ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, {}, intents);
  const float row = ui.px(metric::kControlSmall), gap = ui.px(metric::kGap);
  const float layers = ui.px(150);
  CompareWith with = CompareWith::nothing;
  const Other other = choose_other(ui, {rect.x0, rect.y0, rect.x1 - layers - gap, rect.y1}, frame, study,
                                   *head, view, with, intents);
  choose_layers(ui, {rect.x1 - layers, rect.y0, rect.x1, rect.y0 + row}, view, intents);
  Rect below{rect.x0, rect.y0 + row + gap, rect.x1, rect.y1};
  if (with == CompareWith::other_subject) {
    draw_second_subject(ui, below, study, desk, intents);
    below.y0 += ui.px(metric::kControl) + gap;
  }
  if (!other.side) {
    const bool asked = with == CompareWith::other_subject;
    return empty_state(ui, below, ui.words("compare.empty"),
                       asked                   ? std::string_view(other.why_not)
                       : frame.a->trace->model ? ui.words("compare.empty_hint")
                                               : ui.words("compare.empty_recording"));
  }
  ComparePictures& pictures = caches.compare;
  const Maps drawn = update_maps(frame, other, *head, view, pictures, intents);
  if (!drawn.left || !drawn.right || !drawn.difference)
    return empty_state(ui, below, ui.words("map.computing"), ui.words("map.computing_hint"));

  const bool low = below.height() < ui.px(kLow);
  const bool ranked = rect.width() >= ui.px(kRanking) && !view.covered;
  const float cells = least_grid_width(ui, frame.a->trace->n_heads(head->stack));
  const float ranking = ranked ? std::max(std::min(cells, rect.width() * 0.4f),
                                          std::clamp(rect.width() * 0.2f, ui.px(140), ui.px(300)))
                               : 0;
  const float x1 = below.x1 - (ranked ? ranking + ui.px(20) : 0);
  if (ranked)
    draw_ranking(ui, {below.x1 - ranking, below.y0, below.x1, below.y1}, frame, other, *head, view, intents);

  MatrixLook weights;
  // The strongest key of the sentence in front keeps its name on both small maps: they name the same keys.
  weights.named_column =
      strongest_column(*drawn.left, place_of_token(drawn.left->row_of, study.selection.query));
  weights.colours = weights_look(ui, view);
  weights.per_row = view.map.scale == ValueScale::per_row;
  MatrixLook signed_look;
  signed_look.colours = difference_look(ui, pictures.largest());
  signed_look.number_from *= std::min(1.0f, signed_look.colours.high);
  signed_look.differences = true;
  signed_look.named_column = strongest_column(
      *drawn.difference, place_of_token(drawn.difference->row_of, study.selection.query), true);
  const bool same_text = other.side == frame.a || other.side == frame.baseline;
  const std::string what = view.compare_layers
                               ? "L" + std::to_string(head->layer + (view.count_heads_from_one ? 1 : 0))
                               : head_name(*frame.a->trace, *head, view);
  const auto titled = [&](const std::string& side) {
    return other.side != frame.a ? what + " · " + side : side;
  };
  const std::string difference =
      view.covered ? std::string(ui.words("compare.difference_covered"))
                   : ui.words("compare.difference", {{"distance", fixed(pictures.distance(), 3)}});
  const auto draw_left = [&](const Rect& at) {
    draw_one(ui, at, "compare.left", titled(other.of_front), *drawn.left, pictures.left.stack(), weights,
             true, study, view, intents);
  };
  const auto draw_right = [&](const Rect& at) {
    if (drawn.right->n_columns() != drawn.left->n_columns())
      weights.named_column =
          strongest_column(*drawn.right, place_of_token(drawn.right->row_of, study.selection.query));
    draw_one(ui, at, "compare.right", titled(other.title), *drawn.right, pictures.right.stack(), weights,
             same_text, study, view, intents);
  };
  const auto draw_difference = [&](const Rect& at) {
    draw_one(ui, at, "compare.difference", difference, *drawn.difference, pictures.difference(), signed_look,
             true, study, view, intents);
  };
  if (low) {
    const int one = choose_map(ui, {below.x0, below.y0, x1, below.y0 + row}, other);
    const Rect place{below.x0, below.y0 + row + ui.px(4), x1, below.y1};
    const auto draw_map = [&](const Rect& map) {
      return one == 1 ? draw_left(map) : one == 2 ? draw_right(map) : draw_difference(map);
    };
    // Where even one map would be a sliver it keeps its size and scrolls.
    const float least = std::min(ui.px(kLeastMap), place.width());
    if (place.height() >= least) return draw_map(place);
    return panel(
        ui, "compare.scroll", place, PanelLook::flat,
        [&] {
          const ImVec2 at = ImGui::GetCursorScreenPos();
          scroll_to_row(ui, place_of_token(drawn.left->row_of, study.selection.query), drawn.left->n_rows(),
                        least, place.height());
          draw_map({at.x, at.y, at.x + place.width() - ui.px(14), at.y + least});
          ImGui::SetCursorScreenPos(at);
          ImGui::Dummy(ImVec2(1, least));
        },
        0);
  }
  const Rect maps{below.x0, std::floor(below.y0), x1, std::floor(below.y1) - ui.px(kLegend)};
  const std::array<Rect, 3> places = place_maps(ui, maps);
  draw_left(places[0]);
  draw_right(places[1]);
  draw_difference(places[2]);
  if (view.covered) return;
  const std::string_view zero =
      ui.words(ui.theme.name == ThemeName::light ? "compare.zero_white" : "compare.zero_dark");
  const std::string meaning =
      other.same
          ? std::string(ui.words("compare.same_so_far_note"))
          : ui.words("compare.legend", {{"left", other.of_front}, {"right", other.title}, {"zero", zero}});
  const float under = std::min(maps.y1, end_of_map(ui, places[2], *drawn.difference, signed_look)) + ui.px(6);
  // Beside the other maps one line has to do: it may begin under them.
  const bool stacked = places[1].x0 == places[0].x0;
  const float one_line = std::max(maps.x0, x1 - text_size(ui, TextRole::note, meaning).x - 1);
  const float from = stacked ? places[2].x0 : std::min(places[2].x0, one_line);
  draw_legend(ui, {from, under, x1, under + ui.px(kLegend - 4)}, signed_look.colours, meaning);
}

}  // namespace attn::app

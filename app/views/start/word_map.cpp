#include <algorithm>
#include <cmath>

#include "app/views/start/sections.h"

namespace attn::app {

namespace {

struct PlacedPoint {
  int word = 0;
  ImVec2 at;
  int importance = 0;  // 3: the chosen word, 2: of the text, 1: its neighbours, 0: others
  bool near = false;   // one of the chosen word's neighbours
};

bool overlaps(const Rect& a, const Rect& b) {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

// The line from a to b goes through the rectangle: looked at every few pixels.
bool crosses(ImVec2 a, ImVec2 b, const Rect& rect) {
  const int n = 1 + static_cast<int>(std::hypot(b.x - a.x, b.y - a.y) / 3);
  for (int i = 0; i <= n; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(n);
    if (rect.contains(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))) return true;
  }
  return false;
}

// The first token of the text with this id, -1: none.
int token_of(const StartPage& page, int id) {
  const auto& ids = page.facts.start.ids;
  const auto at = std::find(ids.begin(), ids.end(), id);
  return at == ids.end() ? -1 : static_cast<int>(at - ids.begin());
}

// Both axes in the same scale, so that distances can be compared.
std::vector<PlacedPoint> place_points(const StartPage& page, const WordMap& map, const Rect& rect,
                                      float margin) {
  const Matrix& points = map.plane.points;
  const Eigen::RowVector2f low = points.colwise().minCoeff(), high = points.colwise().maxCoeff();
  const Eigen::RowVector2f span = (high - low).cwiseMax(1e-6f);
  const float scale = std::min((rect.width() - 2 * margin) / span(0), (rect.height() - 2 * margin) / span(1));
  const Eigen::RowVector2f middle = (low + high) / 2;
  const WordPoint* chosen = nullptr;
  for (const WordPoint& word : map.words)
    if (word.in_text && word.id == page.id()) chosen = &word;
  std::vector<PlacedPoint> placed;
  for (std::size_t i = 0; i < map.words.size(); ++i) {
    const int word = static_cast<int>(i);
    const auto p = points.row(word);
    const bool near =
        chosen && std::find(chosen->near.begin(), chosen->near.end(), word) != chosen->near.end();
    placed.push_back({word,
                      ImVec2(rect.x0 + rect.width() / 2 + (p(0) - middle(0)) * scale,
                             rect.y0 + rect.height() / 2 - (p(1) - middle(1)) * scale),
                      &map.words[i] == chosen ? 3
                      : map.words[i].in_text  ? 2
                      : near                  ? 1
                                              : 0,
                      near});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const PlacedPoint& a, const PlacedPoint& b) { return a.importance > b.importance; });
  return placed;
}

// Names stand beside their points where there is room: the chosen word's first, then those of the text, then
// the neighbours'.
void draw_names(StartPage& page, const WordMap& map, const std::vector<PlacedPoint>& placed,
                const Rect& rect) {
  Ui& ui = page.ui;
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  std::vector<Rect> taken;
  const float half = ui.px(4), gap = ui.px(7);
  for (const PlacedPoint& p : placed)
    taken.push_back({p.at.x - half, p.at.y - half, p.at.x + half, p.at.y + half});
  const auto crossed = [&](const Rect& label) {
    return std::any_of(placed.begin(), placed.end(), [&](const PlacedPoint& p) {
      return p.near && crosses(placed.front().at, p.at, label);
    });
  };
  for (const PlacedPoint& p : placed) {
    const WordPoint& word = map.words[static_cast<std::size_t>(p.word)];
    const TextRole role = p.importance == 3 ? TextRole::body_bold
                          : word.in_text    ? TextRole::heading
                                            : TextRole::note;
    const ImVec2 size = text_size(ui, role, word.word);
    // Right, left, above, below, and the corners between.
    static constexpr float kSides[8][2] = {{1, 0},  {-1, 0}, {0, -1},  {0, 1},
                                           {1, -1}, {1, 1},  {-1, -1}, {-1, 1}};
    for (const auto& side : kSides) {
      const bool corner = side[0] != 0 && side[1] != 0;
      const float away = corner ? gap * 0.6f : gap;
      const float x = p.at.x + side[0] * (away + size.x / 2), y = p.at.y + side[1] * (away + size.y / 2);
      const Rect label{x - size.x / 2, y - size.y / 2, x + size.x / 2, y + size.y / 2};
      const bool inside =
          label.x0 >= rect.x0 && label.x1 <= rect.x1 && label.y0 >= rect.y0 && label.y1 <= rect.y1;
      if (!inside || crossed(label) ||
          std::any_of(taken.begin(), taken.end(), [&](const Rect& r) { return overlaps(r, label); }))
        continue;
      taken.push_back(label);
      draw_text(ui, list, role, ImVec2(label.x0, label.y0),
                p.importance == 3 || p.near ? t.accent
                : word.in_text              ? t.ink
                                            : t.dim,
                word.word);
      break;
    }
  }
}

void draw_points(StartPage& page, const WordMap& map, const std::vector<PlacedPoint>& placed,
                 const Rect& rect, int under) {
  Ui& ui = page.ui;
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  // Lines to the chosen word's neighbours.
  for (const PlacedPoint& p : placed)
    if (p.near) list.AddLine(placed.front().at, p.at, with_alpha(t.accent, 0.45f), ui.px(1.5f));
  for (auto p = placed.rbegin(); p != placed.rend(); ++p) {
    const bool text = map.words[static_cast<std::size_t>(p->word)].in_text;
    const Colour colour = p->importance == 3 ? t.accent : text ? t.ink : t.dim;
    list.AddCircleFilled(p->at, ui.px(p->importance == 3 ? 6 : text ? 4.5f : 3), colour);
    if (p->word == under) list.AddCircle(p->at, ui.px(9), t.accent, 0, ui.px(1.5f));
  }
  draw_names(page, map, placed, rect);
}

void say_nearest(StartPage& page, const WordMap& map, const WordPoint& word) {
  preview(page.ui, [&] {
    label(page.ui, {}, word.word, TextRole::heading);
    if (!word.in_text) return;
    std::string near;
    for (const int other : word.near)
      near += (near.empty() ? "" : ", ") + map.words[static_cast<std::size_t>(other)].word;
    label(page.ui, {}, page.ui.words("start.nearest", {{"word", word.word}}) + ": " + near, TextRole::small);
  });
}

}  // namespace

void draw_word_map(StartPage& page, const Rect& rect) {
  Ui& ui = page.ui;
  const WordMap* map = page.cache.map.get();
  const std::string share = map ? fixed(static_cast<double>(map->plane.share) * 100, 0) + " %" : "…";
  const float top = draw_section_title(page, rect, ui.words("start.map_title"),
                                       ui.words("start.map_note", {{"share", share}})) +
                    ui.px(4);
  const Rect area{rect.x0, top, rect.x1, rect.y1};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect(ImVec2(area.x0, area.y0), ImVec2(area.x1, area.y1), ui.theme.line, ui.px(metric::kRadius));
  if (!map || map->words.empty())
    return empty_state(ui, area, map ? ui.words("start.no_words") : ui.words("start.map_waiting"), "");
  const std::vector<PlacedPoint> placed = place_points(page, *map, area, ui.px(30));
  const Touch touch = touch_area(ui, "start.map", area);
  int under = -1;
  float nearest = ui.px(16);
  for (const PlacedPoint& p : placed) {
    const float away = std::hypot(p.at.x - area.x0 - touch.mouse.x, p.at.y - area.y0 - touch.mouse.y);
    if (touch.hovered && away < nearest) nearest = away, under = p.word;
  }
  draw_points(page, *map, placed, area, under);
  for (const PlacedPoint& p : placed) {
    const WordPoint& word = map->words[static_cast<std::size_t>(p.word)];
    if (word.in_text)
      mark(ui, "start.map." + std::to_string(token_of(page, word.id)),
           {p.at.x - ui.px(5), p.at.y - ui.px(5), p.at.x + ui.px(5), p.at.y + ui.px(5)}, word.word);
  }
  if (under < 0) return;
  const WordPoint& word = map->words[static_cast<std::size_t>(under)];
  say_nearest(page, *map, word);
  const int token = token_of(page, word.id);
  if (touch.clicked && token >= 0) choose_query(page.intents, token);
}

}  // namespace attn::app

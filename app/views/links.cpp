#include <algorithm>
#include <cmath>

#include "app/views/attention_map/together.h"
#include "app/views/grid_layout.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"

namespace attn::app {

namespace {

constexpr float kWordGap = 12;      // design units, between words
constexpr float kMostHeight = 340;  // of the curves
constexpr float kWidest = 9;        // of a curve of weight 1
// From this height on there is room for links under one map, and under three.
constexpr float kLinksUnderMap = 420, kLinksUnderThree = 640;

struct DrawnHead {
  HeadId id;
  HeadWeights weights;
  Colour colour = 0;
};

std::vector<HeadId> heads_to_draw(const Trace& trace, const Study& study, const HeadId& selected) {
  std::vector<HeadId> heads;
  for (const HeadId& id : study.selection.shown)
    if (id.stack == selected.stack && has_head(trace, id)) heads.push_back(id);
  // The selected head is always there, so that the lines follow a click in the grid.
  if (std::find(heads.begin(), heads.end(), selected) == heads.end()) heads.push_back(selected);
  return heads;
}

// A head keeps the colour of its place among the shown ones; the selected head, if it is none of them, is
// drawn in ink.
Colour colour_of_head(const Theme& theme, const Study& study, const HeadId& head) {
  const auto& shown = study.selection.shown;
  const auto found = std::find(shown.begin(), shown.end(), head);
  if (found == shown.end()) return shown.empty() ? theme.accent : theme.ink;
  return theme.hues[static_cast<std::size_t>(found - shown.begin()) % theme.hues.size()];
}

// Long lines are scrolled by the wheel, and follow the chosen token when another one is chosen.
float scrolled(Ui& ui, const Rect& rect, const WordLine& line, int chosen, const Touch& touch) {
  double& offset = ui.memory.numbers["links.scroll"];
  double& followed = ui.memory.numbers["links.followed"];
  const double most = static_cast<double>(std::max(0.0f, line.length - rect.width()));
  if (chosen >= 0 && chosen < line.n() && static_cast<int>(followed) != chosen + 1) {
    followed = chosen + 1;
    offset = static_cast<double>(line.middle[static_cast<std::size_t>(chosen)] - rect.width() / 2);
  }
  if (touch.wheel != 0) offset -= static_cast<double>(touch.wheel * ui.px(60));
  offset = std::clamp(offset, 0.0, most);
  return static_cast<float>(offset);
}

void draw_scroll_mark(Ui& ui, ImDrawList& list, const Rect& rect, float length, float offset) {
  if (length <= rect.width()) return;
  const float height = ui.px(4);
  const float x0 = rect.x0 + offset / length * rect.width();
  list.AddRectFilled(ImVec2(rect.x0, rect.y1 - height), ImVec2(rect.x1, rect.y1), ui.theme.hover, height / 2);
  list.AddRectFilled(ImVec2(x0, rect.y1 - height), ImVec2(x0 + rect.width() * rect.width() / length, rect.y1),
                     ui.theme.dim, height / 2);
}

void draw_words(Ui& ui, ImDrawList& list, const Rect& rect, const WordLine& line, bool sentence, int chosen,
                int lit, const std::vector<int>& strong) {
  const Theme& t = ui.theme;
  const TextRole plain = sentence ? TextRole::sentence : TextRole::body;
  const TextRole bold = sentence ? TextRole::sentence_bold : TextRole::body_bold;
  for (int i = 0; i < line.n(); ++i) {
    const float half = line.width[static_cast<std::size_t>(i)] / 2 + ui.px(2);
    if (line.x(i) + half < rect.x0 || line.x(i) - half > rect.x1) continue;
    const bool is_strong = i == chosen || std::find(strong.begin(), strong.end(), i) != strong.end();
    draw_text_in(ui, list, is_strong ? bold : plain, {line.x(i) - half, rect.y0, line.x(i) + half, rect.y1},
                 i == chosen || i == lit ? t.accent : t.ink, line.names[static_cast<std::size_t>(i)], 0.5f);
  }
}

void draw_curve(Ui& ui, ImDrawList& list, ImVec2 from, ImVec2 to, Colour colour, float weight) {
  const float middle = (to.y - from.y) * 0.55f;
  const float thick = std::max(1.0f, (0.75f + weight * kWidest) * ui.scale);
  list.AddBezierCubic(from, ImVec2(from.x, from.y + middle), ImVec2(to.x, to.y - middle), to,
                      with_alpha(colour, 0.22f + 0.78f * std::min(1.0f, weight)), thick, 40);
}

// What is chosen and under the mouse, as places of the two lines (a word's where pieces are merged); -1:
// none.
struct Focus {
  int chosen = -1, lit_query = -1, lit_key = -1;
};

// Which rows have their lines drawn.
std::pair<int, int> rows_drawn(const ViewState& view, const Focus& focus, int n_rows) {
  const int only = focus.lit_query >= 0 ? focus.lit_query : view.links_of_all_tokens ? -1 : focus.chosen;
  if (only >= 0) return {std::min(only, n_rows), std::min(only + 1, n_rows)};
  return {0, view.links_of_all_tokens || (focus.chosen < 0 && focus.lit_key >= 0) ? n_rows : 0};
}

// All curves inside `rect`, from between[0] down to between[1]. Returns each head's strongest key of the
// chosen token (-1: none is drawn).
std::vector<int> draw_curves(Ui& ui, ImDrawList& list, const Rect& rect, const float (&between)[2],
                             const std::vector<DrawnHead>& heads, const WordLine& queries,
                             const WordLine& keys, const Focus& focus, const ViewState& view) {
  // A word of the lower line under the mouse isolates what reaches it; a cell elsewhere only its row.
  const int only_key = focus.lit_query >= 0 ? -1 : focus.lit_key;
  const int chosen = focus.chosen;
  std::vector<int> strongest;
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const HeadWeights& weights = heads[h].weights;
    // Heads that meet at a word end beside one another.
    const float aside =
        (static_cast<float>(h) - static_cast<float>(heads.size() - 1) / 2) * ui.px(heads.size() > 1 ? 5 : 0);
    const int n_rows = std::min(queries.n(), static_cast<int>(weights.rows()));
    const int n_columns = std::min(keys.n(), static_cast<int>(weights.cols()));
    const auto [first, end] = rows_drawn(view, focus, n_rows);
    int best = -1;
    for (int q = first; q < end; ++q) {
      const float x = queries.x(q) + aside;
      for (int k = 0; k < n_columns; ++k) {
        const float weight = weights.at(q, k);
        if (weight < view.link_threshold || (only_key >= 0 && k != only_key)) continue;
        const float to = keys.x(k) + aside;
        if (std::max(x, to) < rect.x0 || std::min(x, to) > rect.x1) continue;
        draw_curve(ui, list, ImVec2(x, between[0]), ImVec2(to, between[1]), heads[h].colour, weight);
        if (q == chosen && (best < 0 || weight > weights.at(q, best))) best = k;
      }
    }
    strongest.push_back(best);
  }
  return strongest;
}

}  // namespace

void draw_links(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> selected = head_on_screen(frame, study.selection.head);
  if (!selected) return draw_missing_weights(ui, rect, frame, selected, caches.map.problem(), intents);
  if (keys_are_media(frame, *selected))
    return draw_media(ui, rect, "media", frame, study, view, caches.media, intents);
  const Trace& trace = *frame.a->trace;
  std::vector<DrawnHead> heads;
  for (const HeadId& id : heads_to_draw(trace, study, *selected)) {
    if (const auto weights = caches.word_weights.update(*frame.a, id, view.words_merged))
      heads.push_back({id, *weights, colour_of_head(ui.theme, study, id)});
    else if (trace.complete)
      intents.want_weights(id);
  }
  const bool sentence = rect.height() > ui.px(150);
  const TextRole bold = sentence ? TextRole::sentence_bold : TextRole::body_bold;
  const float gap = ui.px(kWordGap);
  WordLine queries =
      caches.query_words.update(ui, bold, frame.a->trace, selected->stack, true, gap, view.words_merged);
  WordLine keys =
      caches.key_words.update(ui, bold, frame.a->trace, selected->stack, false, gap, view.words_merged);
  const float line = ui.fonts[bold].size_px + ui.px(6);
  const float height = std::min(rect.height() - ui.px(6), ui.px(kMostHeight));
  const Rect top{rect.x0, rect.y0, rect.x1, rect.y0 + line};
  const Rect bottom{rect.x0, rect.y0 + height - line, rect.x1, rect.y0 + height};
  const Rect all{rect.x0, rect.y0, rect.x1, bottom.y1 + ui.px(6)};
  const Touch touch = touch_area(ui, "links.area", all);
  const WordLine& longer = queries.length >= keys.length ? queries : keys;
  const Focus focus{place_of_token(queries.of_token, study.selection.query),
                    place_of_token(queries.of_token, view.hover.query),
                    place_of_token(keys.of_token, view.hover.key)};
  const float offset = scrolled(ui, rect, longer, focus.chosen, touch);
  const float margin = std::min(ui.px(8), std::max(0.0f, (rect.width() - longer.length) / 2));
  queries.start = keys.start = rect.x0 + margin - offset;

  const ImVec2 mouse(all.x0 + touch.mouse.x, all.y0 + touch.mouse.y);
  const bool over_top = touch.hovered && mouse.y < top.y1,
             over_bottom = touch.hovered && mouse.y >= bottom.y0;
  const int query_under = place_of_token(queries.first_token, over_top ? queries.at(mouse.x, gap) : -1);
  const int key_under = place_of_token(keys.first_token, over_bottom ? keys.at(mouse.x, gap) : -1);
  if (query_under >= 0 || key_under >= 0) light_up_tokens(ui, view, intents, query_under, key_under);
  if (touch.clicked && query_under >= 0) choose_query(intents, query_under);
  if (touch.clicked && key_under >= 0 && study.selection.query >= 0)
    choose_query(intents, study.selection.query, key_under);

  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, all.y1), true);
  const float between[2] = {top.y1, bottom.y0};
  const std::vector<int> strongest =
      view.covered ? std::vector<int>()
                   : draw_curves(ui, list, rect, between, heads, queries, keys, focus, view);
  if (view.covered)
    draw_text_in(ui, list, TextRole::title,
                 {rect.x0, top.y1, std::min(rect.x1, rect.x0 + longer.length), bottom.y0}, ui.theme.dim, "?",
                 0.5f);
  draw_words(ui, list, top, queries, sentence, focus.chosen, focus.lit_query, {});
  draw_words(ui, list, bottom, keys, sentence, -1, focus.lit_key, strongest);
  draw_scroll_mark(ui, list, all, longer.length, offset);
  list.PopClipRect();
  for (int i = 0; i < queries.n() && queries.n() <= 256; ++i)
    mark(ui, "links.query." + std::to_string(i),
         {queries.x(i) - queries.width[static_cast<std::size_t>(i)] / 2, top.y0,
          queries.x(i) + queries.width[static_cast<std::size_t>(i)] / 2, top.y1});
}

void draw_shaded_sentence(Ui& ui, const Rect& rect, const Frame& frame, const Study& study,
                          const ViewState& view, ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, caches.map.problem(), intents);
  const bool merged = view.words_merged;
  const std::optional<HeadWeights> weights = caches.word_weights.update(*frame.a, *head, merged);
  const float gap = ui.px(kWordGap);
  constexpr TextRole kRole = TextRole::sentence_bold;
  const std::shared_ptr<const Trace>& trace = frame.a->trace;
  const WordLine& queries = caches.query_words.update(ui, kRole, trace, head->stack, true, gap, merged);
  const WordLine& keys = caches.key_words.update(ui, kRole, trace, head->stack, false, gap, merged);
  const int query =
      place_of_token(queries.of_token, view.hover.query >= 0 ? view.hover.query : study.selection.query);
  const bool own = head->stack != Stack::cross;
  const bool known = weights && query >= 0 && query < weights->rows() && !view.covered;
  panel(
      ui, "shaded", rect, PanelLook::flat,
      [&] {
        const float right = rect.x1;
        float x = ImGui::GetCursorScreenPos().x, y = ImGui::GetCursorScreenPos().y;
        const float left = x;
        for (std::size_t k = 0; k < keys.names.size(); ++k) {
          const int index = static_cast<int>(k), token_of_word = keys.first_token[k];
          TokenLook look;
          const std::string number = known ? cell_text(weights->at(query, index)) : view.covered ? "?" : "";
          look.index = number.empty() ? std::string_view(" ") : std::string_view(number);
          look.shade = known ? weights->at(query, index) : 0.0f;
          look.chosen = own && index == place_of_token(keys.of_token, study.selection.query);
          look.lit = index == place_of_token(keys.of_token, view.hover.key);
          const std::string& name = keys.names[k];
          const ImVec2 size = token_size(ui, name, look);
          if (x > left && x + size.x > right) {
            x = left;
            y += size.y + ui.px(8);
          }
          const float next_x = x + size.x + ui.px(4);
          if (y + size.y < rect.y0 || y > rect.y1) {  // scrolled away
            x = next_x;
            continue;
          }
          ImGui::SetCursorScreenPos(ImVec2(x, y));
          const Touch touch = token(ui, "shaded." + std::to_string(k), name, look);
          if (touch.hovered) light_up_tokens(ui, view, intents, -1, token_of_word);
          if ((touch.clicked || touch.pressed_key) && own) choose_query(intents, token_of_word);
          x = next_x;
        }
        TokenLook last;
        last.index = " ";
        ImGui::SetCursorScreenPos(ImVec2(left, y));
        ImGui::Dummy(ImVec2(1, token_size(ui, "x", last).y));
      },
      0);
}

namespace {

// Which heads are drawn, each in its colour; a click takes one away.
void draw_head_chips(Ui& ui, const Frame& frame, const Study& study, const ViewState& view,
                     const HeadId& selected, Intents& intents) {
  const Trace& trace = *frame.a->trace;
  const auto& shown = study.selection.shown;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const HeadId id = shown[i];
    if (id.stack != selected.stack || !has_head(trace, id)) continue;
    const float side = ui.px(12), high = ui.px(metric::kControlSmall);
    const Rect spot = here(ui, side, high);
    const float top = spot.y0 + std::floor((high - side) / 2);
    list.AddRectFilled(ImVec2(spot.x0, top), ImVec2(spot.x1, top + side), colour_of_head(ui.theme, study, id),
                       ui.px(3));
    ImGui::Dummy(ImVec2(side, high));
    beside(ui, 4);
    const std::string name = head_name(trace, id, view);
    if (button(ui, "links.head." + std::to_string(id.layer) + "." + std::to_string(id.head), name,
               {.look = ButtonLook::quiet,
                .icon = Icon::close,
                .small = true,
                .tooltip = ui.words("links.remove_head")}))
      intents.edit([id](Study& s) { std::erase(s.selection.shown, id); });
    beside(ui, 8);
  }
  const bool has = std::find(shown.begin(), shown.end(), selected) != shown.end();
  if (!has &&
      button(ui, "links.add_head", ui.words("links.add_head", {{"head", head_name(trace, selected, view)}}),
             {.icon = Icon::plus, .small = true, .tooltip = ui.words("links.add_head_tip")}))
    intents.edit([selected](Study& s) { s.selection.shown.push_back(selected); });
  else if (has)
    ImGui::NewLine();
}

void draw_link_controls(Ui& ui, const ViewState& view, Intents& intents) {
  bool all = view.links_of_all_tokens;
  if (checkbox(ui, "links.all_tokens", ui.words("links.all_tokens"), all))
    intents.look([all](ViewState& v) { v.links_of_all_tokens = all; });
  beside(ui, 24);
  float threshold = view.link_threshold;
  if (slider(ui, "links.threshold", ui.words("links.threshold"), threshold, 0, 0.5f, "%.2f",
             {.start = 0.05f, .has_start = true, .width = ui.px(220)}))
    intents.look([threshold](ViewState& v) { v.link_threshold = threshold; });
}

}  // namespace

void draw_links_view(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                     ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, caches.map.problem(), intents);
  if (keys_are_media(frame, *head))
    return draw_media(ui, rect, "media", frame, study, view, caches.media, intents);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  draw_head_chips(ui, frame, study, view, *head, intents);
  const float below_chips = rect.y0 + ui.px(metric::kControlSmall + metric::kGap);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, below_chips));
  draw_link_controls(ui, view, intents);
  const float first = below_chips + ui.px(48);
  // Where the window is low, the lines need all of it.
  const bool shaded = rect.height() > ui.px(280);
  const float sentence = shaded ? std::clamp(rect.height() * 0.24f, ui.px(72), ui.px(200)) + ui.px(32) : 0;
  const float links_end = std::min(rect.y1 - sentence, first + ui.px(kMostHeight + 16));
  draw_links(ui, {rect.x0, first, rect.x1, links_end}, frame, study, view, caches, intents);
  if (!shaded) return;
  const bool chosen = study.selection.query >= 0 || view.hover.query >= 0;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string title =
      chosen ? ui.words("links.shaded_title", {{"head", head_name(*frame.a->trace, *head, view)}})
             : std::string(ui.words("links.choose_word"));
  draw_text_in(ui, list, TextRole::heading, {rect.x0, links_end + ui.px(8), rect.x1, links_end + ui.px(28)},
               ui.theme.ink, title);
  draw_shaded_sentence(ui, {rect.x0, links_end + ui.px(32), rect.x1, rect.y1}, frame, study, view, caches,
                       intents);
}

void draw_heads_view(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                     ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, caches.map.problem(), intents);
  // A picture or sound stands at the top already, where the words would.
  const bool above = keys_are_media(frame, *head) && head->stack == Stack::encoder;
  const float from = wants_stacks_together(*frame.a->trace, view) ? kLinksUnderThree : kLinksUnderMap;
  const bool links = rect.height() >= ui.px(from) && !above;
  const bool grid = rect.width() >= ui.px(480);
  const float links_height = links ? ui.px(112) : 0;
  const float bottom = rect.y1 - (links ? links_height + ui.px(8) : 0);
  float x = rect.x0;
  if (grid) {
    const Rect part{rect.x0, rect.y0, rect.x1, bottom};
    const float width = head_grid_width(ui, part, frame, study);
    draw_head_grid(ui, {rect.x0, rect.y0, rect.x0 + width, bottom}, frame, study, view, caches, intents);
    x += width + ui.px(16);
  }
  draw_attention_map(ui, {x, rect.y0, rect.x1, bottom}, frame, study, view, caches, intents);
  if (links)
    draw_links(ui, {rect.x0, bottom + ui.px(8), rect.x1, rect.y1}, frame, study, view, caches, intents);
}

}  // namespace attn::app

#include <algorithm>

#include "app/views/shell.h"
#include "app/views/shown_matrix.h"
#include "app/views/unknown_word.h"
#include "app/views/view_caches.h"
#include "app/views/writing.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

constexpr float kTokenGap = 8;   // between tokens, design units
constexpr float kPieceGap = -6;  // between pieces of one word, whose boxes have room of their own
constexpr float kStripPadding = 8;
constexpr std::size_t kLongText = 400;
constexpr int kMostLines = 3;  // then the strip scrolls

// A token that the vocabulary does not have, or that a known word is read in the place of.
std::optional<Stranger> find_stranger(const Frame& frame, Stack stack, std::size_t index) {
  const bool of_text = stack != Stack::cross && !(stack == Stack::decoder && frame.a->text.target);
  return of_text ? stranger_at(*frame.a, index) : std::nullopt;
}

std::string unknown_name(const Frame& frame) {
  const Tokenizer& tokenizer = *frame.a->loaded.tokenizer;
  return tokenizer.token(tokenizer.unknown_id().value_or(0));
}

// The text that a token stands for; empty: it stands for none (special, of the pair, of the target).
std::string text_of(const Frame& frame, Stack stack, std::size_t index) {
  const auto letters = letters_of(*frame.a, stack, static_cast<int>(index));
  return letters ? frame.a->subject.text.substr(letters->first, letters->second - letters->first)
                 : std::string();
}

// Whether a token goes on with the word of the one before it.
bool continues_word(const Frame& frame, Stack stack, int token) {
  const Trace& trace = *frame.a->trace;
  const bool of_target = &trace.query_tokens(stack) == &trace.target_tokens;
  const std::vector<int>& words = of_target ? trace.target_words : trace.words;
  const auto t = static_cast<std::size_t>(token);
  return t > 0 && t < words.size() && words[t] >= 0 && words[t] == words[t - 1];
}

// The text of this token's word and of the next one, where they stand side by side and no space between.
std::string joined_with_next(const Frame& frame, Stack stack, std::size_t index) {
  const Encoding& source = frame.a->text.source;
  const std::string own = text_of(frame, stack, index);
  if (own.empty() || source.words.size() != source.ids.size()) return {};
  std::size_t first = index, last = index;
  const auto same = [&](std::size_t a, std::size_t b) {
    return source.words[a] >= 0 && source.words[a] == source.words[b];
  };
  while (first > 0 && same(first - 1, index)) --first;
  while (last + 1 < source.ids.size() && same(last + 1, index)) ++last;
  if (last + 1 >= source.ids.size() || text_of(frame, stack, last + 1).empty()) return {};
  std::size_t end = last + 1;
  while (end + 1 < source.ids.size() && same(end + 1, last + 1)) ++end;
  if (source.begin[last + 1] != source.end[last]) return {};  // a space stands between
  return frame.a->subject.text.substr(source.begin[first], source.end[end] - source.begin[first]);
}

// What a right click on a token offers: pieces become one word, or part again.
void draw_token_menu(Ui& ui, const Frame& frame, const Study& study, Stack stack, Intents& intents) {
  const auto index = static_cast<std::size_t>(ui.memory.numbers["tokens.menu_of"]);
  const Control* token = ui.registry.find("tokens." + std::to_string(index));
  if (!token) return;
  popup(ui, "tokens.menu", token->rect, ui.px(300), [&] {
    if (const std::optional<Stranger> stranger = stranger_at(*frame.a, index)) {
      draw_kinds(ui, frame, *stranger, intents);
      space(ui, 6);
    }
    const std::string joined = joined_with_next(frame, stack, index);
    const std::string own = text_of(frame, stack, index);
    std::string part_of;
    for (const std::string& word : study.a.joined_words)
      if (!own.empty() && word.find(own) != std::string::npos) part_of = word;
    ButtonOptions row;
    row.look = ButtonLook::quiet;
    row.small = true;
    if (joined.empty()) row.disabled = ui.words("tokens.join_none");
    if (button(ui, "tokens.menu.join",
               joined.empty() ? std::string(ui.words("tokens.join"))
                              : ui.words("tokens.join_as", {{"word", joined}}),
               row)) {
      intents.edit([joined, part_of](Study& s) {
        std::erase(s.a.joined_words, part_of);
        s.a.joined_words.push_back(joined);
      });
      intents.look([](ViewState& v) { v.words_merged = true; });
      close_popup(ui);
    }
    row.disabled = part_of.empty() ? ui.words("tokens.part_none") : std::string_view();
    if (button(ui, "tokens.menu.part",
               part_of.empty() ? std::string(ui.words("tokens.part"))
                               : ui.words("tokens.part_word", {{"word", part_of}}),
               row)) {
      intents.edit([part_of](Study& s) { std::erase(s.a.joined_words, part_of); });
      close_popup(ui);
    }
  });
}

// Where each token stands when the strip is `width` wide: upper left corners, and the height of all.
struct Layout {
  std::vector<ImVec2> at;
  float height = 0;
  int n_lines = 1;
};

// What `from` gives to `to`: the mean over the pieces that look of the sum over the pieces looked at.
float weight_between(const HeadWeights& weights, const std::vector<int>& from, const std::vector<int>& to) {
  float sum = 0;
  for (const int query : from)
    for (const int key : to)
      if (query < weights.rows() && key < weights.cols()) sum += weights.at(query, key);
  return sum / static_cast<float>(std::max<std::size_t>(1, from.size()));
}

bool holds(const std::vector<int>& tokens, int token) {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

// The hyphen between two pieces of one word.
void draw_tie(Ui& ui, const Rect& piece) {
  const float x = piece.x0 - ui.px(kPieceGap) / 2 - ui.px(3),
              y = piece.y0 + ui.fonts[TokenLook{}.role].size_px + ui.px(5);
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(x - ui.px(5), y), ImVec2(x + ui.px(5), y + ui.px(2)),
                                            ui.theme.line);
}

// No further than `most_lines` lines; 0: all.
Layout lay_out(Ui& ui, const std::vector<std::string>& names, const std::vector<bool>& continues, float width,
               int most_lines = 0) {
  Layout layout;
  float x = 0, y = 0, line = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    TokenLook look;
    look.index = "0";
    const ImVec2 size = token_size(ui, names[i], look);
    if (i > 0) x += ui.px(continues[i] ? kPieceGap : kTokenGap);
    if (x > 0 && x + size.x > width) {
      if (layout.n_lines == most_lines) break;
      x = 0;
      y += line + ui.px(kStripPadding);  // the next line stays out of sight when there is room for one
      ++layout.n_lines;
    }
    layout.at.push_back({x, y});
    x += size.x;
    line = std::max(line, size.y);
  }
  layout.height = y + line;
  return layout;
}

std::vector<bool> continuing(const Frame& frame, Stack stack, const WordGroups& places) {
  std::vector<bool> out;
  for (const std::vector<int>& tokens : places.groups)
    out.push_back(continues_word(frame, stack, tokens.front()));
  return out;
}

}  // namespace

float token_strip_height(Ui& ui, float width, const Study& study, const ViewState& view, const Frame& frame,
                         PlacesCache& cache) {
  const Stack stack = study.selection.head.stack;
  const WordGroups& places = cache.update(frame.a ? frame.a->trace : nullptr, stack, view.words_merged);
  if (places.names.empty()) return ui.px(64);
  const int most = ui.logical_size().y < 500 ? 1 : kMostLines;
  return lay_out(ui, places.names, continuing(frame, stack, places), width - ui.px(40), most).height +
         ui.px(2 * kStripPadding);
}

void draw_token_strip(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                      PlacesCache& cache, Intents& intents) {
  const Stack stack = study.selection.head.stack;
  const WordGroups& places = cache.update(frame.a ? frame.a->trace : nullptr, stack, view.words_merged);
  const std::vector<std::string>& names = places.names;
  if (names.empty()) {
    if (!frame.loading) draw_nothing_yet(ui, rect, frame, "tokens.empty", "tokens.empty_hint");
    return;
  }
  const int chosen = study.selection.query;
  const int looking = view.hover.query >= 0 ? view.hover.query : chosen;
  // Beside a model that learns, the trained one's weights would tell another story.
  const std::optional<HeadWeights> weights =
      view.tab == Tab::training ? std::nullopt
                                : frame.a->weights(view.hover.head.value_or(study.selection.head));
  const std::vector<bool>& special = frame.a->text.source.special;
  const auto from = std::find_if(places.groups.begin(), places.groups.end(),
                                 [&](const std::vector<int>& tokens) { return holds(tokens, looking); });
  panel(
      ui, "tokens", rect, PanelLook::flat,
      [&] {
        ImVec2 start = ImGui::GetCursorScreenPos();
        start.x += ui.px(16 - kStripPadding);
        const std::vector<bool> continues = continuing(frame, stack, places);
        const Layout layout = lay_out(ui, names, continues, rect.width() - ui.px(40));
        const bool long_text = names.size() > kLongText;  // only what is near the strip is drawn
        for (std::size_t i = 0; i < names.size(); ++i) {
          const std::vector<int>& tokens = places.groups[i];
          const int index = tokens.front();
          const float y = start.y + layout.at[i].y;
          if (long_text && (y + 2 * rect.height() < rect.y0 || y - rect.height() > rect.y1)) continue;
          TokenLook look;
          const std::string number = std::to_string(index);
          look.index = number;
          look.chosen = holds(tokens, chosen);
          look.lit = holds(tokens, view.hover.query) || holds(tokens, view.hover.key);
          const auto first = static_cast<std::size_t>(index);
          look.dimmed = stack == Stack::encoder && first < special.size() && special[first];
          const bool shaded =
              weights && !view.covered && from != places.groups.end() && stack != Stack::cross;
          if (shaded) look.shade = weight_between(*weights, *from, tokens);
          ImGui::SetCursorScreenPos({start.x + layout.at[i].x, start.y + layout.at[i].y});
          const std::optional<Stranger> stranger = find_stranger(frame, stack, first);
          if (stranger && !shaded) {
            look.shade = 1;
            look.shade_colour = ui.theme.warn_soft;
          }
          const Touch touch = token(ui, "tokens." + number, names[i], look);
          if (continues[i]) draw_tie(ui, last_rect());
          if (stranger) {
            const Rect box = last_rect();
            ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.x0 + ui.px(4), box.y0),
                                                      ImVec2(box.x1 - ui.px(4), box.y0 + ui.px(2)),
                                                      ui.theme.warn);
            tooltip(ui, stranger->known.empty() ? ui.words("tokens.unknown", {{"token", unknown_name(frame)}})
                                                : ui.words("tokens.stands_in", {{"word", stranger->word},
                                                                                {"known", stranger->known}}));
          }
          if (touch.right_clicked && !text_of(frame, stack, first).empty()) {
            ui.memory.numbers["tokens.menu_of"] = static_cast<double>(index);
            open_popup(ui, "tokens.menu");
          }
          if (touch.hovered) {
            intents.look([index](ViewState& v) { v.hover.query = index; });
          }
          if (touch.clicked || touch.pressed_key) {
            intents.edit(
                [index, was = look.chosen](Study& s) {
                  s.selection.query = was ? -1 : index;
                  s.selection.key.reset();
                },
                "");
          }
        }
        // A decoder can go on with its text: the buttons stand where its next token would.
        const float wide = stack == Stack::decoder ? writing_width(ui, frame, view) : 0;
        const float x =
            start.x + layout.at.back().x + token_size(ui, names.back(), {.index = "0"}).x + ui.px(16);
        if (wide > 0 && x + wide < rect.x1 - ui.px(16)) {
          ImGui::SetCursorScreenPos({x, start.y + layout.at.back().y + ui.px(4)});
          draw_writing(ui, "tokens", true, frame, study, view, intents);
        }
        ImGui::SetCursorScreenPos({start.x, start.y + layout.height});
        draw_token_menu(ui, frame, study, stack, intents);
      },
      kStripPadding);
}

}  // namespace attn::app

#include <algorithm>
#include <cmath>

#include "app/look/wording.h"
#include "app/views/predictions/parts.h"
#include "app/views/writing.h"
#include "core/study/generate.h"
#include "core/study/written_tokens.h"

namespace attn::app {

namespace {

constexpr float kCardWidth = 264, kCardWidthBoth = 480;  // design units
constexpr int kMostCards = 24;                           // places that are drawn at once
constexpr int kMostTokenLines = 3;
constexpr const char* kWidestNumber = "<0.001";
constexpr double kLeastWhole = 0.2;  // the probability that a whole bar stands for, at least

// What the person covered, where it belongs to this text.
std::vector<int> masked_here(const PredictionsPart& part) {
  const PredictionsState& state = part.view.predictions;
  if (part.spec().output != OutputKind::masked_words || state.masked_text != part.side().subject.text)
    return {};
  return state.masked;
}

// Places that the text itself leaves open: [MASK] was typed there.
std::vector<int> masks_in_text(const PredictionsPart& part) {
  std::vector<int> places;
  const std::optional<int> mask = mask_token(part.spec(), part.side().loaded.tokenizer.get());
  const std::vector<int>& ids = part.side().trace->inputs.ids;
  for (std::size_t t = 0; mask && t < ids.size(); ++t)
    if (ids[t] == *mask) places.push_back(static_cast<int>(t));
  return places;
}

void toggle_mask(const PredictionsPart& part, int token, const std::vector<int>& masked) {
  const std::vector<int> pieces = pieces_of_word(part.side(), token);
  std::vector<int> next = masked;
  const bool was = std::find(masked.begin(), masked.end(), token) != masked.end();
  for (const int piece : pieces) {
    std::erase(next, piece);
    if (!was) next.push_back(piece);
  }
  std::sort(next.begin(), next.end());
  part.intents.look([next, text = part.side().subject.text](ViewState& v) {
    v.predictions.masked = next;
    v.predictions.masked_text = text;
  });
  part.choose_place(token);
}

// The text with the word at `token` exchanged for another.
void put_word(const PredictionsPart& part, int token, int id) {
  const Encoding& source = part.side().text.source;
  const std::vector<int> pieces = pieces_of_word(part.side(), token);
  const auto first = static_cast<std::size_t>(pieces.front()), last = static_cast<std::size_t>(pieces.back());
  const bool of_text = source.type_ids.empty() || source.type_ids[first] == 0;
  if (!of_text || source.end[last] <= source.begin[first]) return;
  const std::string word = readable_token(part.side().loaded.tokenizer->token(id));
  const std::string& text = part.side().subject.text;
  const std::string next = text.substr(0, source.begin[first]) + word + text.substr(source.end[last]);
  part.intents.edit([next](Study& s) {
    s.a.text = next;
    s.flipped = false;
  });
}

// The last place of a decoder: its text goes on with this token.
void go_on_with(const PredictionsPart& part, int id) {
  const Tokenizer& tokenizer = *part.side().loaded.tokenizer;
  std::vector<int> ids = part.side().trace->inputs.ids;
  const std::vector<int> before = ids;
  ids.push_back(id);
  const std::string next = part.side().subject.text + continuation(tokenizer, before, ids);
  part.intents.edit([next, id, shown = part.side().subject](Study& s) {
    s.a.text = shown.text;  // of the twin, where that one is shown
    s.a.written = shown.written;
    append_written(s.a, next, id);
    s.flipped = false;
  });
}

std::string title_of(const PredictionsPart& part, const Place& place) {
  const Ui& ui = part.ui;
  switch (part.spec().output) {
    case OutputKind::next_words:
      return ui.words("predictions.after", {{"word", place.name}});
    case OutputKind::sequence_label:
      return std::string(ui.words("predictions.label_of_text"));
    case OutputKind::masked_words:
      return ui.words(place.masked ? "predictions.instead_of" : "predictions.at", {{"word", place.name}});
    default:
      return place.name;
  }
}

std::string hint_of(const PredictionsPart& part) {
  switch (part.spec().output) {
    case OutputKind::masked_words:
      return std::string(part.ui.words("predictions.hint_masked"));
    case OutputKind::next_words:
      return std::string(part.ui.words(part.spec().is_encoder_decoder() ? "predictions.hint_target"
                                                                        : "predictions.hint_next"));
    case OutputKind::token_label:
      return std::string(part.ui.words("predictions.hint_token_label"));
    case OutputKind::replaced_words:
      return std::string(part.ui.words("predictions.hint_replaced"));
    case OutputKind::question:
      return std::string(part.ui.words("predictions.hint_question"));
    default:
      return std::string(part.ui.words("predictions.hint_label"));
  }
}

// Tokens with one label each: a row a token.
void draw_rows(const PredictionsPart& part, const Said& said) {
  Ui& ui = part.ui;
  const bool replaced = said.kind == OutputKind::replaced_words;
  const auto value_of = [&](const Place& place) {
    std::string value = weight_text(place.now.front().probability);
    if (place.before.empty()) return value;
    const Prediction& was = place.before.front();
    const std::string old =
        replaced ? weight_text(was.probability) : was.name + " " + weight_text(was.probability);
    return value + "   " + ui.words("predictions.was", {{"what", old}});
  };
  std::string widest;
  for (const Place& place : said.places)
    if (std::string value = value_of(place);
        text_size(ui, TextRole::small, value).x > text_size(ui, TextRole::small, widest).x)
      widest = std::move(value);
  for (std::size_t i = 0; i < said.places.size(); ++i) {
    const Place& place = said.places[i];
    const Prediction& best = place.now.front();
    std::string text = place.name;
    if (!replaced) text += "  →  " + best.name;
    if (bar_row(ui, "predictions.row." + std::to_string(i), text, static_cast<float>(best.probability),
                value_of(place), 0, widest))
      part.choose_place(place.token);
  }
}

void draw_answer(const PredictionsPart& part, const Said& said) {
  Ui& ui = part.ui;
  heading(ui, ui.words("predictions.answer"));
  label(ui, "predictions.answer", said.answer.empty() ? ui.words("predictions.no_answer") : said.answer,
        TextRole::sentence);
  note(ui, ui.words("predictions.answer_share", {{"share", weight_text(said.span.probability)}}));
  if (!part.frame.baseline) return;
  space(ui);
  heading(ui, ui.words("predictions.as_trained"));
  label(ui, "predictions.answer_before", said.answer_before, TextRole::sentence);
  note(ui, ui.words("predictions.answer_share", {{"share", weight_text(said.span_before.probability)}}));
}

// Cards beside one another, as many as fit.
void draw_cards(const PredictionsPart& part, const Rect& rect, const Said& said) {
  Ui& ui = part.ui;
  const bool both = part.frame.baseline != nullptr;
  panel(
      ui, "predictions.cards", rect, PanelLook::flat,
      [&] {
        const ImVec2 start = ImGui::GetCursorScreenPos();
        const float width = std::min(ui.px(both ? kCardWidthBoth : kCardWidth), rect.width() - ui.px(12));
        const float gap = ui.px(20);
        const int a_row = std::max(1, static_cast<int>((rect.width() - ui.px(12) + gap) / (width + gap)));
        const int n = std::min<int>(kMostCards, static_cast<int>(said.places.size()));
        int most = 0;
        for (int i = 0; i < n; ++i)
          most = std::max(most, static_cast<int>(said.places[static_cast<std::size_t>(i)].now.size()));
        const float high = ui.px(metric::kRow) * static_cast<float>(most + 2 + (both ? 1 : 0)) + ui.px(20);
        for (int i = 0; i < n; ++i) {
          const Place& place = said.places[static_cast<std::size_t>(i)];
          const float x = start.x + static_cast<float>(i % a_row) * (width + gap);
          const float y = start.y + static_cast<float>(i / a_row) * high;
          const std::optional<int> clicked =
              draw_place(part, {x, y, x + width, y + high}, "predictions." + std::to_string(i), place,
                         title_of(part, place));
          if (!clicked || !part.side().loaded.tokenizer) continue;
          const bool last = place.token + 1 == static_cast<int>(part.side().trace->inputs.ids.size());
          if (said.kind == OutputKind::masked_words) put_word(part, place.token, *clicked);
          if (said.kind == OutputKind::next_words && last && !part.spec().is_encoder_decoder())
            go_on_with(part, *clicked);
        }
        ImGui::SetCursorScreenPos(
            ImVec2(start.x, start.y + high * std::ceil(static_cast<float>(n) / static_cast<float>(a_row))));
        if (n < static_cast<int>(said.places.size()))
          note(ui, ui.words("predictions.more_places",
                            {{"n", std::to_string(static_cast<int>(said.places.size()) - n)}}));
      },
      0);
}

}  // namespace

TokenFlow draw_token_flow(const PredictionsPart& part, const Rect& rect, std::string_view name,
                          const std::vector<int>& masked, int chosen) {
  Ui& ui = part.ui;
  const std::vector<std::string>& tokens = output_tokens(*part.side().trace);
  const std::optional<int> mask = mask_token(part.spec(), part.side().loaded.tokenizer.get());
  const std::string cover = mask && part.side().loaded.tokenizer
                                ? readable_token(part.side().loaded.tokenizer->token(*mask))
                                : "[MASK]";
  std::vector<std::string> names;
  std::vector<ImVec2> sizes;
  float widest_line = 0, line = 0;
  int n_lines = 1;
  const float gap = ui.px(6), width = rect.width() - ui.px(14);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const bool covered = std::find(masked.begin(), masked.end(), static_cast<int>(t)) != masked.end();
    names.push_back(covered ? cover : readable_token(tokens, t));
    sizes.push_back(token_size(ui, names.back(), {.role = TextRole::body}));
    if (line > 0 && line + sizes.back().x > width) {
      ++n_lines;
      line = 0;
    }
    line += sizes.back().x + gap;
    widest_line = std::max(widest_line, line);
  }
  if (sizes.empty()) return {};
  const float high = sizes.front().y + ui.px(4);
  TokenFlow flow;
  flow.height = high * static_cast<float>(std::min(n_lines, kMostTokenLines));
  panel(
      ui, name, {rect.x0, rect.y0, rect.x1, rect.y0 + flow.height}, PanelLook::flat,
      [&] {
        const ImVec2 start = ImGui::GetCursorScreenPos();
        float x = 0, y = 0;
        for (std::size_t t = 0; t < names.size(); ++t) {
          const int index = static_cast<int>(t);
          if (x > 0 && x + sizes[t].x > width) {
            x = 0;
            y += high;
          }
          TokenLook look;
          look.role = TextRole::body;
          look.chosen = index == chosen;
          look.lit = index == part.view.hover.query;
          if (std::find(masked.begin(), masked.end(), index) != masked.end()) {
            look.shade = 1;
            look.shade_colour = ui.theme.warn_soft;
          }
          ImGui::SetCursorScreenPos(ImVec2(start.x + x, start.y + y));
          const Touch touch = token(ui, std::string(name) + "." + std::to_string(index), names[t], look);
          if (touch.clicked || touch.pressed_key) flow.clicked = index;
          x += sizes[t].x + gap;
        }
        ImGui::SetCursorScreenPos(ImVec2(start.x, start.y + y + high));
        ImGui::Dummy(ImVec2(1, 0));
      },
      0);
  return flow;
}

std::optional<int> draw_place(const PredictionsPart& part, const Rect& rect, std::string_view name,
                              const Place& place, std::string_view title) {
  Ui& ui = part.ui;
  std::optional<int> clicked;
  const bool both = !place.before.empty();
  const float gap = ui.px(16);
  const float half = both ? (rect.width() - gap) / 2 : rect.width();
  const auto column = [&](const Rect& at, const std::string& id, const std::vector<Prediction>& entries,
                          const std::optional<Prediction>& own, std::string_view head, Colour colour) {
    panel(
        ui, id, at, PanelLook::flat,
        [&] {
          if (!head.empty()) note(ui, head);
          bool own_shown = false;
          // Where even the likeliest is unlikely, the bars are drawn beside it.
          const double whole = entries.empty() ? 1 : std::max(entries.front().probability, kLeastWhole);
          const auto number = [](double p) { return p < 0.0005 ? kWidestNumber : fixed(p, 3); };
          for (std::size_t i = 0; i < entries.size(); ++i) {
            const Prediction& entry = entries[i];
            const bool is_own = own && entry.id == own->id;
            own_shown = own_shown || is_own;
            const std::string text = readable_token(entry.name) + (is_own ? "  ✓" : "");
            if (bar_row(ui, id + "." + std::to_string(i), text, static_cast<float>(entry.probability / whole),
                        number(entry.probability), colour, kWidestNumber))
              clicked = entry.id;
          }
          if (own && !own_shown)
            bar_row(ui, id + ".own", readable_token(own->name) + "  ✓",
                    static_cast<float>(own->probability / whole), number(own->probability), ui.theme.dim,
                    kWidestNumber);
        },
        0);
  };
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::heading,
               {rect.x0, rect.y0, rect.x1, rect.y0 + ui.px(metric::kRow)}, ui.theme.ink, title);
  mark(ui, std::string(name) + ".title", {rect.x0, rect.y0, rect.x1, rect.y0 + ui.px(metric::kRow)}, title);
  const float top = rect.y0 + ui.px(metric::kRow);
  column({rect.x0, top, rect.x0 + half, rect.y1}, std::string(name) + ".now", place.now, place.own_now,
         both ? ui.words("predictions.now") : std::string_view(), 0);
  if (both)
    column({rect.x0 + half + gap, top, rect.x1, rect.y1}, std::string(name) + ".before", place.before,
           place.own_before, ui.words("predictions.as_trained"), ui.theme.dim);
  return clicked;
}

void draw_words_part(const PredictionsPart& part, const Rect& rect) {
  Ui& ui = part.ui;
  const OutputKind kind = part.spec().output;
  const std::vector<int> masked = masked_here(part);
  SaidWish wish;
  wish.masked = masked;
  if (kind == OutputKind::masked_words) {
    wish.rows = masks_in_text(part);
    wish.rows.insert(wish.rows.end(), masked.begin(), masked.end());
    std::sort(wish.rows.begin(), wish.rows.end());
  }
  if (wish.rows.empty() && (kind == OutputKind::masked_words || kind == OutputKind::next_words))
    wish.rows = {part.place()};
  if (kind == OutputKind::sequence_label) wish.most = 12;

  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  const std::string hint = hint_of(part);
  const float hint_height = text_size(ui, TextRole::note, hint, rect.width()).y + ui.px(6);
  draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(rect.x0, rect.y0), ui.theme.dim, hint,
            rect.width());
  float y = rect.y0 + hint_height;
  const bool by_place = kind == OutputKind::masked_words || kind == OutputKind::next_words;
  if (by_place) {
    const TokenFlow flow = draw_token_flow(part, {rect.x0, y, rect.x1, rect.y1}, "predictions.tokens", masked,
                                           masked.empty() ? part.place() : -1);
    if (flow.clicked >= 0 && kind == OutputKind::masked_words &&
        flow.clicked < static_cast<int>(part.side().text.source.special.size()) &&
        !part.side().text.source.special[static_cast<std::size_t>(flow.clicked)])
      toggle_mask(part, flow.clicked, masked);
    else if (flow.clicked >= 0)
      part.choose_place(flow.clicked);
    y += flow.height + ui.px(8);
    if (kind == OutputKind::next_words && !part.spec().is_encoder_decoder()) {
      ImGui::SetCursorScreenPos(ImVec2(rect.x0, y));
      const float width =
          draw_writing(ui, "predictions", true, part.frame, part.study, part.view, part.intents);
      draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::note,
                   {rect.x0 + width + ui.px(12), y, rect.x1, y + ui.px(metric::kControlSmall)}, ui.theme.dim,
                   in_words(ui.words, part.view.predictions.writing.ended));
      y += ui.px(metric::kControlSmall + 8);
    }
    if (!masked.empty()) {
      ImGui::SetCursorScreenPos(ImVec2(rect.x0, y));
      if (button(ui, "predictions.uncover", ui.words("predictions.uncover"), {.small = true}))
        part.intents.look([](ViewState& v) { v.predictions.masked.clear(); });
      y += ui.px(metric::kControlSmall + 8);
    }
  }
  const Rect below{rect.x0, y, rect.x1, rect.y1};
  const Said* said = ask_said(part, part.cache.words, wish);
  if (!draw_progress_or_problem(part, below, said != nullptr, part.cache.words.problem,
                                part.cache.words.fraction))
    return;
  if (said->kind == OutputKind::token_label || said->kind == OutputKind::replaced_words ||
      said->kind == OutputKind::question) {
    panel(
        ui, "predictions.rows", below, PanelLook::flat,
        [&] {
          if (said->kind == OutputKind::question)
            draw_answer(part, *said);
          else
            draw_rows(part, *said);
        },
        0);
  } else {
    draw_cards(part, below, *said);
  }
}

}  // namespace attn::app

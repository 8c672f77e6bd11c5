#include <algorithm>
#include <array>

#include "app/views/coreference/parts.h"

namespace attn::app {

namespace {

constexpr float kShade = 0.75f;
constexpr int kMostLines = 3;  // then it scrolls

// What a token is in the question.
struct Role {
  bool pronoun = false, place = false;
  int candidate = -1;
};

bool holds(const std::vector<int>& tokens, int token) {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

Role role_of(const CorefContext& c, const std::vector<int>& place, int token) {
  Role role;
  role.pronoun = holds(c.question.pronoun.tokens, token);
  role.place = holds(place, token);
  for (std::size_t k = 0; k < c.question.candidates.size(); ++k)
    if (holds(c.question.candidates[k].tokens, token)) role.candidate = static_cast<int>(k);
  return role;
}

// The candidates after these words were pointed at: added, taken away, or in the place of those that they
// overlap. What was proposed becomes the person's own by it.
std::vector<std::string> with_words(const CorefQuestion& question, const std::string& name, int first,
                                    int last) {
  std::vector<std::string> names;
  bool there = false, placed = false;
  for (const Mention& candidate : question.candidates) {
    there = there || candidate.word == name;
    const bool overlaps = std::any_of(candidate.tokens.begin(), candidate.tokens.end(),
                                      [&](int token) { return token >= first && token <= last; });
    if (!overlaps) {
      names.push_back(candidate.word);
    } else if (!there && !placed) {
      names.push_back(name);
      placed = true;
    }
  }
  if (!there && !placed) names.push_back(name);
  return names;
}

// The tokens [first, last] were pointed at.
void choose_words(const CorefContext& c, int first, int last) {
  const std::optional<std::string> name = name_of_tokens(c.question, first, last);
  if (!name) return;
  switch (c.view.coreference.mark) {
    case CorefMark::pronoun: {
      change_coref(c.intents, [name = *name](CoreferenceState& s) {
        s.pronoun = name;
        std::erase(s.candidates, name);
        s.mark = CorefMark::candidates;
      });
      choose_query(c.intents, std::min(first, last));
      return;
    }
    case CorefMark::candidates: {
      if (*name == c.question.pronoun.word) return;
      change_coref(c.intents, [names = with_words(c.question, *name, first, last)](CoreferenceState& s) {
        s.candidates = names;
      });
      return;
    }
    case CorefMark::place:
      change_coref(c.intents, [name = *name](CoreferenceState& s) { s.place = name; });
      return;
  }
}

std::vector<int> tokens_of_place(const CorefContext& c) {
  if (c.view.coreference.section != CorefSection::sweep || c.view.coreference.place.empty()) return {};
  for (std::size_t t = 0; t < c.question.encoding.tokens.size(); ++t) {
    const auto name = name_of_tokens(c.question, static_cast<int>(t), static_cast<int>(t));
    if (name == c.view.coreference.place) return {static_cast<int>(t)};
  }
  return {};
}

void draw_tokens(const CorefContext& c, const ImVec2& start, const std::vector<ImVec2>& at,
                 const std::vector<std::string>& names) {
  Ui& ui = c.ui;
  const std::vector<int> place = tokens_of_place(c);
  std::vector<Rect> rects;
  int pressed = -1, released = -1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto index = static_cast<int>(i);
    const Role role = role_of(c, place, index);
    TokenLook look;
    look.role = TextRole::body;
    look.chosen = role.pronoun;
    look.lit = role.place || index == c.view.hover.query || index == c.view.hover.key;
    look.dimmed = i < c.question.encoding.special.size() && c.question.encoding.special[i];
    if (role.candidate >= 0) {
      look.shade = kShade;
      look.shade_colour = side_colour(ui, role.candidate == 0);
    }
    ImGui::SetCursorScreenPos({start.x + at[i].x, start.y + at[i].y});
    const Touch touch = token(ui, "coref.token." + std::to_string(i), names[i], look);
    rects.push_back(last_rect());
    if (touch.hovered) c.intents.look([index](ViewState& v) { v.hover.query = index; });
    if (touch.held) pressed = index;
    if (touch.released) released = index;
    if (touch.pressed_key) choose_words(c, index, index);
  }
  const int from = released >= 0 ? released : pressed;
  if (from < 0) return;
  // The token that a drag has come to: the nearest one on the line under the mouse.
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  int to = from;
  for (std::size_t i = 0; i < rects.size(); ++i)
    if (mouse.x >= rects[i].x0 - ui.px(3) && mouse.x < rects[i].x1 + ui.px(3) && mouse.y >= rects[i].y0 &&
        mouse.y < rects[i].y1)
      to = static_cast<int>(i);
  if (released >= 0) return choose_words(c, std::min(from, to), std::max(from, to));
  for (int i = std::min(from, to); i <= std::max(from, to); ++i) {
    const Rect& r = rects[static_cast<std::size_t>(i)];
    ImGui::GetWindowDrawList()->AddRect(ImVec2(r.x0, r.y0), ImVec2(r.x1, r.y1), ui.theme.accent,
                                        ui.px(metric::kRadius));
  }
}

std::string proposal_note(const CorefContext& c) {
  Ui& ui = c.ui;
  if (!c.question.missing.empty()) {
    std::string words;
    for (const std::string& word : c.question.missing) words += (words.empty() ? "" : ", ") + word;
    return ui.words("coref.missing", {{"words", words}});
  }
  if (c.question.pronoun.tokens.empty()) return std::string(ui.words("coref.no_pronoun"));
  switch (c.question.by) {
    case ProposedBy::person:
      return std::string(ui.words("coref.by_person"));
    case ProposedBy::example:
      return std::string(ui.words("coref.by_example"));
    case ProposedBy::word_lists_and_unknown:
      return std::string(ui.words("coref.by_word_lists_and_unknown"));
    case ProposedBy::word_lists:
      return std::string(ui.words("coref.by_word_lists"));
    case ProposedBy::articles:
      return std::string(ui.words("coref.by_articles"));
    case ProposedBy::nobody:
      break;
  }
  return std::string(ui.words("coref.by_nobody"));
}

}  // namespace

void draw_coref_sentence(const CorefContext& c) {
  Ui& ui = c.ui;
  const std::vector<std::string> names = readable_tokens(c.side().trace->tokens);
  const float width = room(ui) - ui.px(12), gap = ui.px(2);
  std::vector<ImVec2> at;
  float x = 0, y = 0, line = 0;
  for (const std::string& name : names) {
    TokenLook look;
    look.role = TextRole::body;
    const ImVec2 size = token_size(ui, name, look);
    if (x > 0 && x + size.x > width) {
      x = 0;
      y += line;
    }
    at.push_back({x, y});
    x += size.x + gap;
    line = std::max(line, size.y);
  }
  const float height = std::min(y + line, static_cast<float>(kMostLines) * line);
  scroll_area(ui, "coref.sentence", height + ui.px(2), [&] {
    const ImVec2 start = ImGui::GetCursorScreenPos();
    draw_tokens(c, start, at, names);
    ImGui::SetCursorScreenPos({start.x, start.y + y + line});
  });

  std::vector<Choice> marks = {
      {"pronoun", ui.words("coref.mark.pronoun"), ui.words("coref.mark.pronoun_tip")},
      {"candidates", ui.words("coref.mark.candidates"), ui.words("coref.mark.candidates_tip")}};
  const bool sweeping = c.view.coreference.section == CorefSection::sweep;
  if (sweeping) marks.push_back({"place", ui.words("coref.mark.place"), ui.words("coref.mark.place_tip")});
  int chosen = static_cast<int>(c.view.coreference.mark);
  if (chosen >= static_cast<int>(marks.size())) chosen = 1;
  const ImVec2 row = ImGui::GetCursorScreenPos();
  const float right = row.x + room(ui);
  const float segment = std::min(ui.px(sweeping ? 300 : 210), room(ui));
  if (segmented(ui, "coref.mark", marks, chosen, segment))
    change_coref(c.intents, [chosen](CoreferenceState& s) { s.mark = static_cast<CorefMark>(chosen); });
  const float high = ui.px(metric::kControlSmall);
  float x0 = row.x + segment + ui.px(10);
  const CoreferenceState& state = c.view.coreference;
  if (!state.pronoun.empty() || !state.candidates.empty()) {
    ImGui::SetCursorScreenPos(ImVec2(x0, row.y));
    if (icon_button(ui, "coref.reset", Icon::reset, ui.words("coref.reset_tip"), {.small = true}))
      change_coref(c.intents, [](CoreferenceState& s) {
        s.pronoun.clear();
        s.candidates.clear();
      });
    x0 = last_rect().x1 + ui.px(8);
  }
  const bool warns = !c.question.missing.empty() || !c.question.complete();
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::note, {x0, row.y, right, row.y + high},
               warns ? ui.theme.warn : ui.theme.dim, proposal_note(c));
  ImGui::SetCursorScreenPos(ImVec2(row.x, row.y + high));
  space(ui, 8);
}

}  // namespace attn::app

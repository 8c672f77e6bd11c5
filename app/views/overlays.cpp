#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

#include "app/views/shell.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostRecent = 5;
constexpr std::size_t kMostShown = 12;

std::string words_of(const Ui& ui, const Action& action) {
  return std::string(ui.words("action." + std::string(action.name)));
}

char32_t lowered(char c) {
  return static_cast<char32_t>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

// "Ctrl+←": as the arrows stand on the keys and in the status bar.
std::string shown_chord(std::string_view chord) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kArrows = {
      {{"Left", "←"}, {"Right", "→"}, {"Up", "↑"}, {"Down", "↓"}}};
  const std::size_t plus = chord.rfind('+'), from = plus == std::string_view::npos ? 0 : plus + 1;
  for (const auto& [name, arrow] : kArrows)
    if (chord.substr(from) == name) return std::string(chord.substr(0, from)) + std::string(arrow);
  return std::string(chord);
}

// How well `typed` fits `text`: its letters must come in order; fewer gaps are better, and the beginning of a
// word counts more. < 0: it does not fit.
int fit(std::string_view typed, std::string_view text) {
  int score = 0;
  std::size_t at = 0;
  for (const char c : typed) {
    if (c == ' ') continue;
    std::size_t found = at;
    while (found < text.size() && lowered(text[found]) != lowered(c)) ++found;
    if (found == text.size()) return -1;
    score += found == at ? 3 : 0;
    score += found == 0 || text[found - 1] == ' ' ? 2 : 0;
    at = found + 1;
  }
  return score;
}

std::vector<const Action*> matching(const Ui& ui, const PaletteState& state) {
  std::vector<std::pair<int, const Action*>> ranked;
  for (const Action& action : all_actions()) {
    const std::string text = words_of(ui, action) + " " + std::string(action.name);
    int score = fit(state.typed, text);
    if (score < 0) continue;
    const auto recent = std::find(state.recent.begin(), state.recent.end(), action.name);
    if (recent != state.recent.end()) score += 4;
    ranked.emplace_back(score, &action);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const Action*> actions;
  for (const auto& [score, action] : ranked) actions.push_back(action);
  if (actions.size() > kMostShown) actions.resize(kMostShown);
  return actions;
}

void run(const Action& action, PaletteState& state, const ActionContext& context, Intents& intents) {
  intents.look([](ViewState& v) { v.palette_open = false; });
  action.act(context, intents);
  std::erase(state.recent, action.name);
  state.recent.insert(state.recent.begin(), std::string(action.name));
  if (state.recent.size() > kMostRecent) state.recent.resize(kMostRecent);
  state.typed.clear();
  state.chosen = 0;
}

void draw_keys(Ui& ui, std::initializer_list<std::string_view> groups) {
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  for (const std::string_view group : groups) {
    heading(ui, ui.words("help.group_" + std::string(group)));
    space(ui, 2);
    for (const Action& action : all_actions()) {
      if (action.group != group || action.chord.empty()) continue;
      value_row(ui, "help." + std::string(action.name), words_of(ui, action), shown_chord(action.chord));
    }
    space(ui, 12);
  }
  ImGui::PopStyleVar();
}

void draw_mouse_help(Ui& ui) {
  heading(ui, ui.words("help.group_mouse"));
  for (const char* key : {"help.mouse_head", "help.mouse_pin", "help.mouse_map", "help.mouse_zoom",
                          "help.mouse_drag", "help.mouse_drop", "help.digits"})
    note(ui, ui.words(key));
}

}  // namespace

void draw_help(Ui& ui, const ViewState& view, Intents& intents) {
  bool open = view.help_open;
  modal(ui, "help", ui.words("help.title"), open, 860.0f, [&] {
    const float height = ui.px(std::min(620.0f, ui.logical_size().y - 100));
    const Rect all = here(ui, room(ui), height);
    // Side by side where there is room, so that most keys are seen at once.
    const bool two = all.width() >= ui.px(640);
    const float middle = two ? all.x0 + std::floor(all.width() / 2) : all.x1;
    panel(
        ui, "help.list", {all.x0, all.y0, middle - (two ? ui.px(16) : 0), all.y1}, PanelLook::flat,
        [&] {
          draw_keys(ui, {"sentence", "heads", "model"});
          if (!two) draw_keys(ui, {"view", "file"});
          if (!two) draw_mouse_help(ui);
        },
        0);
    if (two)
      panel(
          ui, "help.more", {middle + ui.px(16), all.y0, all.x1, all.y1}, PanelLook::flat,
          [&] {
            draw_keys(ui, {"view", "file"});
            draw_mouse_help(ui);
          },
          0);
  });
  if (open != view.help_open) intents.look([](ViewState& v) { v.help_open = false; });
}

void draw_palette(Ui& ui, PaletteState& state, const ViewState& view, const ActionContext& context,
                  Intents& intents) {
  bool open = view.palette_open;
  const Action* chosen_action = nullptr;
  modal(ui, "palette", ui.words("palette.title"), open, 560.0f, [&] {
    if (!state.opened) focus_text_field(ui, "palette.field");
    state.opened = true;
    TextFieldOptions options;
    options.hint = ui.words("palette.hint");
    const TextEdited edited = text_field(ui, "palette.field", state.typed, options);
    if (edited.changed) state.chosen = 0;
    const std::vector<const Action*> actions = matching(ui, state);
    const int n = static_cast<int>(actions.size());
    if (ui.keys.pressed(parse_chord("Down"))) ++state.chosen;
    if (ui.keys.pressed(parse_chord("Up"))) --state.chosen;
    state.chosen = std::clamp(state.chosen, 0, std::max(0, n - 1));
    std::vector<std::string> texts;
    std::vector<Choice> rows;
    for (const Action* action : actions) texts.push_back(words_of(ui, *action));
    for (int i = 0; i < n; ++i) {
      rows.push_back({actions[static_cast<std::size_t>(i)]->name,
                      texts[static_cast<std::size_t>(i)],
                      actions[static_cast<std::size_t>(i)]->chord,
                      {},
                      false});
    }
    if (n == 0) note(ui, ui.words("palette.nothing"));
    if (const std::optional<int> clicked = menu_items(ui, "palette", rows, -1, state.chosen)) {
      chosen_action = actions[static_cast<std::size_t>(*clicked)];
    } else if (edited.submitted && n > 0) {
      chosen_action = actions[static_cast<std::size_t>(state.chosen)];
    }
  });
  if (ui.keys.pressed(parse_chord("Escape"))) open = false;
  if (!open || chosen_action) state.opened = false;
  if (chosen_action) {
    run(*chosen_action, state, context, intents);
  } else if (open != view.palette_open) {
    state.typed.clear();
    intents.look([](ViewState& v) { v.palette_open = false; });
  }
}

void draw_about(Ui& ui, const ViewState& view, Intents& intents) {
  bool open = view.about_open;
  modal(ui, "about", ui.words("about.title"), open, 560.0f, [&] {
    label(ui, "about.version", std::string("Attention Lab ") + ATTN_VERSION, TextRole::heading);
    space(ui);
    note(ui, ui.words("about.nothing_sent"));
    space(ui);
    note(ui, ui.words("about.models"));
    space(ui);
    heading(ui, ui.words("about.licences"));
    note(ui, ui.words("about.licence_own"));
    for (const char* line :
         {"Dear ImGui (MIT) · GLFW (Zlib) · libepoxy (MIT) · Eigen (MPL-2.0) · Highway (Apache-2.0)",
          "nlohmann-json (MIT) · CLI11 (BSD-3) · utf8proc (MIT) · PCRE2 (BSD-3) · zlib, minizip (Zlib)",
          "pugixml (MIT) · xxHash (BSD-2) · FreeType (FTL) · fontconfig (MIT) · libpng",
          "libjpeg-turbo (BSD-3, IJG) · cairo, pango (LGPL) · libsndfile (LGPL)"})
      note(ui, line);
  });
  if (open != view.about_open) intents.look([](ViewState& v) { v.about_open = false; });
}

void draw_log(Ui& ui, const ViewState& view, const Desk& desk, Intents& intents) {
  bool open = view.log_open;
  modal(ui, "log", ui.words("log.title"), open, 760.0f, [&] {
    scroll_area(ui, "log.lines", ui.px(std::min(480.0f, ui.logical_size().y - 140)), [&] {
      if (desk.log.empty()) note(ui, ui.words("log.empty"));
      for (const std::string& line : desk.log) note(ui, line);
    });
  });
  if (open != view.log_open) intents.look([](ViewState& v) { v.log_open = false; });
}

}  // namespace attn::app

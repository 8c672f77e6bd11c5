#include <algorithm>

#include "app/views/shell.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

constexpr float kTokenGap = 8;  // between tokens, design units
constexpr float kStripPadding = 8;
constexpr int kMostLines = 3;  // then the strip scrolls

// Where each token stands when the strip is `width` wide: upper left corners, and the height of all.
struct Layout {
  std::vector<ImVec2> at;
  float height = 0;
  int n_lines = 1;
};

std::vector<std::string> names_of(const Frame& frame, Stack stack) {
  std::vector<std::string> names;
  if (!frame.a || !frame.a->trace) return names;
  for (const std::string& token : frame.a->trace->query_tokens(stack)) names.push_back(readable_token(token));
  return names;
}

Layout lay_out(Ui& ui, const std::vector<std::string>& names, float width) {
  Layout layout;
  const float gap = ui.px(kTokenGap);
  float x = 0, y = 0, line = 0;
  for (const std::string& name : names) {
    TokenLook look;
    look.index = "0";
    const ImVec2 size = token_size(ui, name, look);
    if (x > 0 && x + size.x > width) {
      x = 0;
      y += line + ui.px(kStripPadding);  // the next line stays out of sight when there is room for one
      ++layout.n_lines;
    }
    layout.at.push_back({x, y});
    x += size.x + gap;
    line = std::max(line, size.y);
  }
  layout.height = y + line;
  return layout;
}

}  // namespace

float token_strip_height(Ui& ui, float width, const Study& study, const ViewState&, const Frame& frame) {
  const std::vector<std::string> names = names_of(frame, study.selection.head.stack);
  if (names.empty()) return ui.px(64);
  const Layout layout = lay_out(ui, names, width - ui.px(40));
  const float between = ui.px(kStripPadding);
  const float a_line =
      (layout.height + between) / static_cast<float>(layout.n_lines);  // and the gap under it
  const int most = ui.logical_size().y < 500 ? 1 : kMostLines;
  return std::min(layout.height, a_line * static_cast<float>(most) - between) + ui.px(2 * kStripPadding);
}

void draw_token_strip(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                      Intents& intents) {
  const Stack stack = study.selection.head.stack;
  const std::vector<std::string> names = names_of(frame, stack);
  if (names.empty()) {
    empty_state(ui, rect, ui.words("tokens.empty"), ui.words("tokens.empty_hint"));
    return;
  }
  const int chosen = study.selection.query;
  const int looking = view.hover.query >= 0 ? view.hover.query : chosen;
  const std::optional<HeadWeights> weights = frame.a->weights(view.hover.head.value_or(study.selection.head));
  const std::vector<bool>& special = frame.a->text.source.special;
  panel(
      ui, "tokens", rect, PanelLook::flat,
      [&] {
        ImVec2 start = ImGui::GetCursorScreenPos();
        start.x += ui.px(16 - kStripPadding);
        const Layout layout = lay_out(ui, names, rect.width() - ui.px(40));
        for (std::size_t i = 0; i < names.size(); ++i) {
          const int index = static_cast<int>(i);
          TokenLook look;
          const std::string number = std::to_string(index);
          look.index = number;
          look.chosen = index == chosen;
          look.lit = index == view.hover.query || index == view.hover.key;
          look.dimmed = stack == Stack::encoder && i < special.size() && special[i];
          const bool shaded = weights && !view.covered && looking >= 0 && looking < weights->rows() &&
                              index < weights->cols() && stack != Stack::cross;
          if (shaded) look.shade = weights->at(looking, index);
          ImGui::SetCursorScreenPos({start.x + layout.at[i].x, start.y + layout.at[i].y});
          const Touch touch = token(ui, "tokens." + number, names[i], look);
          if (touch.hovered) {
            intents.look([index](ViewState& v) { v.hover.query = index; });
          }
          if (touch.clicked || touch.pressed_key) {
            intents.edit(
                [index](Study& s) {
                  s.selection.query = s.selection.query == index ? -1 : index;
                  s.selection.key.reset();
                },
                "");
          }
        }
        ImGui::SetCursorScreenPos({start.x, start.y + layout.height});
      },
      kStripPadding);
}

}  // namespace attn::app

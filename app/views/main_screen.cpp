#include "app/views/main_screen.h"

#include <algorithm>
#include <array>

#include "app/look/wording.h"
#include "app/state/writing.h"
#include "app/widgets/drawer.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

// Below these widths of the window (design units) a side panel folds away by itself.
constexpr float kRightPanelFrom = 1080, kLeftPanelFrom = 860;
// Below this height too: what is left of a panel shows a heading and two buttons.
constexpr float kPanelsFromHeight = 480;
constexpr float kLeftDrawer = 260, kRightDrawer = 280;
constexpr float kStatusHeight = 28;
constexpr float kLeastViewHeight = 320;
constexpr float kStepHeight = 640;  // of a step that scrolls: all of it, so that nothing inside scrolls again
constexpr float kNarrowestMiddle = 360;

// What went wrong, what is offered: one line over the views, the most urgent. Returns how much height it
// took.
float draw_banners(Ui& ui, const Rect& rect, MainScreen& screen, const Frame& frame, const Study& study,
                   const Desk& desk, Intents& intents) {
  const Wording warning = frame.a ? frame.a->warning : Wording();
  const Wording& problem = !screen.problem.empty()  ? screen.problem
                           : !frame.problem.empty() ? frame.problem
                                                    : warning;
  const bool show_problem = !problem.empty() && problem != screen.dismissed;
  const std::string offer = better_model_for(study.shown().text, frame, desk);
  if (!show_problem && !desk.model_changed && offer.empty()) return 0;
  const float height = ui.px(48);
  const auto one_line = [&] {
    if (show_problem) {
      if (banner(ui, "problem", in_words(ui.words, problem), ui.words("offer.dismiss"))) {
        screen.dismissed = problem;
        screen.problem = {};
      }
    } else if (desk.model_changed) {
      const std::string text = ui.words("notice.model_changed", {{"model", short_model_name(study.a.model)}});
      if (banner(ui, "model_changed", text, ui.words("notice.read_again")))
        intents.ask(Command::reload_model);
    } else if (banner(ui, "offer", ui.words("offer.other_language", {{"model", offer}}),
                      ui.words("offer.use", {{"model", offer}}))) {
      intents.edit([offer](Study& s) {
        s.a.model = offer;
        s.a.interventions = {};
        s.selection = {};
        s.compare = CompareWith::nothing;
      });
    }
  };
  panel(ui, "banner", {rect.x0, rect.y0, rect.x1, rect.y0 + height}, PanelLook::flat, one_line, 4);
  return height;
}

void draw_tab(Ui& ui, Tab tab, const Rect& rect, MainScreen& screen, const Frame& frame, const Study& study,
              const ViewState& view, const Desk& desk, Intents& intents) {
  switch (tab) {
    case Tab::links:
      return draw_links_view(ui, rect, frame, study, view, screen.caches, intents);
    case Tab::compare:
      return draw_compare(ui, rect, frame, study, view, desk, screen.caches, intents);
    case Tab::steps:
      return draw_steps(ui, rect, frame, study, view, screen.steps, intents);
    case Tab::coreference:
      return draw_coreference(ui, rect, frame, study, view, screen.coreference, intents);
    case Tab::predictions:
      return draw_predictions(ui, rect, frame, study, view, screen.predictions, intents);
    case Tab::heads_table:
      return draw_heads_table(ui, rect, frame, study, view, screen.heads_table, intents);
    case Tab::start:
      return draw_start(ui, rect, frame, study, view, screen.start, intents);
    case Tab::training:
      return draw_training(ui, rect, frame, study, view, screen.training, intents);
    case Tab::heads:
      return draw_heads_view(ui, rect, frame, study, view, screen.caches, intents);
  }
}

void draw_middle(Ui& ui, const Rect& rect, MainScreen& screen, const Frame& frame, const Study& study,
                 const ViewState& view, const Desk& desk, Intents& intents) {
  // From what a class begins with to what a researcher ends with.
  struct Shown {
    Tab tab;
    const char* name;
  };
  static constexpr std::array<Shown, kTabs> kShown = {{{Tab::heads, "heads"},
                                                       {Tab::links, "links"},
                                                       {Tab::compare, "compare"},
                                                       {Tab::steps, "steps"},
                                                       {Tab::coreference, "coreference"},
                                                       {Tab::predictions, "predictions"},
                                                       {Tab::heads_table, "heads_table"},
                                                       {Tab::start, "start"},
                                                       {Tab::training, "training"}}};
  std::vector<Choice> names;
  for (const Shown& shown : kShown)
    names.push_back({shown.name, ui.words("action.tab_" + std::string(shown.name))});
  panel(ui, "middle", rect, PanelLook::bordered, [&] {
    const Tab present = view.tab;
    int chosen = 0;
    while (kShown[static_cast<std::size_t>(chosen)].tab != present) ++chosen;
    if (tab_bar(ui, "tabs", names, chosen)) {
      intents.look([tab = kShown[static_cast<std::size_t>(chosen)].tab](ViewState& v) { v.tab = tab; });
    }
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const Rect inside{at.x, at.y + ui.px(4), rect.x1 - ui.px(metric::kPadding),
                      rect.y1 - ui.px(metric::kPadding)};
    // Links and comparisons need some height to mean anything: where there is less, they scroll.
    const float least = ui.px(kLeastViewHeight);
    // The others fit themselves in.
    const bool fits_itself = present == Tab::heads || present == Tab::compare || present == Tab::heads_table;
    if (!fits_itself && inside.height() < least) {
      scroll_area(ui, "middle.scroll", inside.height(), [&] {
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const float height = present == Tab::steps ? ui.px(kStepHeight) : least;
        const Rect tall{inside.x0, corner.y, inside.x1 - ui.px(12), corner.y + height};
        draw_tab(ui, present, tall, screen, frame, study, view, desk, intents);
        ImGui::SetCursorScreenPos({corner.x, tall.y1});
        space(ui, 1);
      });
    } else {
      draw_tab(ui, present, inside, screen, frame, study, view, desk, intents);
    }
  });
}

// What the shading above means and what to do next, at the end of the tokens' line where there is room.
void draw_strip_hint(Ui& ui, const Rect& rect, const Frame& frame, const Study& study,
                     const ViewState& view) {
  const Stack stack = study.selection.head.stack;
  if (!frame.a || !frame.a->trace || view.covered || stack == Stack::cross) return;
  const std::vector<std::string>& tokens = frame.a->trace->query_tokens(stack);
  const Control* last =
      tokens.empty() ? nullptr : ui.registry.find("tokens." + std::to_string(tokens.size() - 1));
  if (!last || last->rect.y1 > rect.y1) return;
  // The buttons that let the model go on stand there first.
  for (const char* name : {"tokens.write_one", "tokens.stop"})
    if (const Control* buttons = ui.registry.find(name)) last = buttons;
  const int query = study.selection.query;
  const bool chosen = query >= 0 && query < static_cast<int>(tokens.size());
  const std::string text =
      chosen ? ui.words("tokens.hint", {{"word", readable_token(tokens, static_cast<std::size_t>(query))}})
             : std::string(ui.words("tokens.hint_none"));
  const float right = rect.x1 - ui.px(16), width = text_size(ui, TextRole::note, text).x;
  if (last->rect.x1 + ui.px(32) > right - width) return;
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::note,
               {right - width, last->rect.y0, right, last->rect.y1}, ui.theme.dim, text, 1);
}

void draw_controls_panel(Ui& ui, MainScreen& screen, const Frame& frame, const Study& study,
                         const ViewState& view, Intents& intents) {
  if (is_suspended(study.shown())) {
    badge(ui, "controls.suspended", ui.words("controls.suspended"), BadgeLook::warning);
    note(ui, ui.words("controls.suspended_note"));
  }
  draw_controls(ui, frame, study, view, screen.caches, intents);
}

// Which side panels stand beside the views, and which one lies over them.
struct Panels {
  bool left = false, right = false;
  SidePanel drawer = SidePanel::none;
};

// A panel that has room is shown or put away; one that has none comes as a drawer, one at a time.
Panels place_panels(Ui& ui, MainScreen& screen, const ViewState& view, Intents& intents) {
  // Training has controls of its own: what is switched off on the trained model is another thing.
  const bool alone = view.tab == Tab::training;
  const ImVec2 size = ui.logical_size();
  const bool left_fits = !alone && size.x >= kLeftPanelFrom && size.y >= kPanelsFromHeight;
  const bool right_fits = !alone && size.x >= kRightPanelFrom && size.y >= kPanelsFromHeight;
  if (view.switched_panel != SidePanel::none) {
    const SidePanel side = view.switched_panel;
    const bool fits = side == SidePanel::left ? left_fits : right_fits;
    if (!fits) screen.drawer = screen.drawer == side ? SidePanel::none : side;
    intents.look([side, fits](ViewState& v) {
      bool& shown = side == SidePanel::left ? v.left_panel : v.right_panel;
      if (fits) shown = !shown;
      v.switched_panel = SidePanel::none;
    });
  }
  if (screen.drawer == SidePanel::left ? left_fits : right_fits) screen.drawer = SidePanel::none;
  return {view.left_panel && left_fits, view.right_panel && right_fits, screen.drawer};
}

void draw_drawer(Ui& ui, MainScreen& screen, const Rect& body, const Frame& frame, const Study& study,
                 const ViewState& view, const Desk& desk, Intents& intents) {
  const bool left = screen.drawer == SidePanel::left;
  const float width = std::min(body.width(), ui.px(left ? kLeftDrawer : kRightDrawer));
  Rect rect = body;
  (left ? rect.x1 : rect.x0) = left ? body.x0 + width : body.x1 - width;
  bool open = true;
  drawer(ui, left ? "controls" : "details", ui.words(left ? "panel.controls" : "panel.details"), rect, open,
         [&] {
           if (left)
             draw_controls_panel(ui, screen, frame, study, view, intents);
           else
             draw_details(ui, frame, study, view, desk, screen.caches, intents);
         });
  if (!open) screen.drawer = SidePanel::none;
}

}  // namespace

void draw_main_screen(Ui& ui, MainScreen& screen, const Frame& frame, const Study& study,
                      const ViewState& view, const Desk& desk, Intents& intents) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  const float gap = ui.px(metric::kGap);
  const Panels panels = place_panels(ui, screen, view, intents);
  const PanelsAway away{!panels.left, !panels.right};

  float top = top_bar_height(ui, size.x, frame);
  panel(
      ui, "top", {0, 0, size.x, top}, PanelLook::flat,
      [&] {
        draw_top_bar(ui, {0, 0, size.x, top}, study, view, frame, desk, away, intents);
      },
      0);
  // Where a picture or sound is read, it stands in the place of the words.
  const bool media =
      study.selection.head.stack == Stack::encoder && keys_are_media(frame, study.selection.head);
  const float tokens_bottom =
      top + (media ? media_strip_height(ui)
                   : token_strip_height(ui, size.x, study, view, frame, screen.caches.strip));
  const Rect strip{0, top, size.x, tokens_bottom};
  if (media) {
    panel(
        ui, "tokens", strip, PanelLook::flat,
        [&] {
          const Rect inside{ui.px(16), top + ui.px(8), size.x - ui.px(16), tokens_bottom - ui.px(8)};
          draw_media(ui, inside, "tokens", frame, study, view, screen.caches.media, intents);
        },
        0);
  } else {
    draw_token_strip(ui, strip, study, view, frame, screen.caches.strip, intents);
    draw_strip_hint(ui, strip, frame, study, view);
  }
  const float bottom = size.y - ui.px(kStatusHeight);
  panel(
      ui, "status", {0, bottom, size.x, size.y}, PanelLook::flat,
      [&] {
        draw_status_bar(ui, {0, bottom, size.x, size.y}, study, view, frame, desk, away, intents);
      },
      0);

  Rect body{gap, tokens_bottom + gap, size.x - gap, bottom - gap};
  body.y0 += draw_banners(ui, body, screen, frame, study, desk, intents);
  Rect middle = body;
  if (panels.left) {
    const Rect rect{body.x0, body.y0, body.x0 + ui.px(screen.left_width), body.y1};
    panel(ui, "controls", rect, PanelLook::bordered,
          [&] { draw_controls_panel(ui, screen, frame, study, view, intents); });
    middle.x0 = rect.x1 + gap;
    splitter(ui, "split.left", {rect.x1, body.y0, middle.x0, body.y1}, true, +1, screen.left_width, 200, 420);
  }
  if (panels.right) {
    const Rect rect{body.x1 - ui.px(screen.right_width), body.y0, body.x1, body.y1};
    panel(ui, "details", rect, PanelLook::bordered,
          [&] { draw_details(ui, frame, study, view, desk, screen.caches, intents); });
    middle.x1 = rect.x0 - gap;
    splitter(ui, "split.right", {middle.x1, body.y0, rect.x0, body.y1}, true, -1, screen.right_width, 200,
             420);
  }
  if (middle.width() >= ui.px(kNarrowestMiddle) / 2)
    draw_middle(ui, middle, screen, frame, study, view, desk, intents);
  if (panels.drawer != SidePanel::none) draw_drawer(ui, screen, body, frame, study, view, desk, intents);

  const double again_s =
      take_in_writing(frame, study, view, ui.now_s, ui.memory.numbers["writing.taken_at"], intents);
  if (again_s >= 0) ui.wake_in(again_s);
  const ActionContext context{study, view, frame, desk};
  draw_file_dialog(ui, screen.file_dialog, frame, desk, intents);
  draw_help(ui, view, intents);
  draw_log(ui, view, desk, intents);
  draw_about(ui, view, intents);
  draw_palette(ui, screen.palette, view, context, intents);
}

}  // namespace attn::app

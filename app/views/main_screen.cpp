#include "app/views/main_screen.h"

#include <algorithm>
#include <array>

namespace attn::app {

namespace {

// Below these widths of the window (design units) a side panel folds away by itself.
constexpr float kRightPanelFrom = 1080, kLeftPanelFrom = 860;
constexpr float kStatusHeight = 28;
constexpr float kLeastViewHeight = 320;
constexpr float kNarrowestMiddle = 360;

// What went wrong, what is offered: one line over the views. Returns how much height it took.
float draw_banners(Ui& ui, const Rect& rect, MainScreen& screen, const Frame& frame, const Study& study,
                   const Desk& desk, Intents& intents) {
  const std::string& problem = !screen.problem.empty() ? screen.problem : frame.problem;
  const std::string offer = better_model_for(study.shown().text, frame, desk);
  const bool show_problem = !problem.empty() && problem != screen.dismissed;
  if (!show_problem && offer.empty()) return 0;
  const float height = ui.px(48);
  panel(
      ui, "banner", {rect.x0, rect.y0, rect.x1, rect.y0 + height}, PanelLook::flat,
      [&] {
        if (!offer.empty()) {
          const std::string text = ui.words("offer.other_language", {{"model", offer}});
          if (banner(ui, "offer", text, ui.words("offer.use", {{"model", offer}}))) {
            intents.edit([offer](Study& s) {
              s.a.model = offer;
              s.a.interventions = {};
              s.selection = {};
              s.compare = CompareWith::nothing;
            });
          }
        } else if (banner(ui, "problem", problem, ui.words("offer.dismiss"))) {
          screen.dismissed = problem;
          screen.problem.clear();
        }
      },
      4);
  return height;
}

void draw_tab(Ui& ui, Tab tab, const Rect& rect, MainScreen& screen, const Frame& frame, const Study& study,
              const ViewState& view, Intents& intents) {
  switch (tab) {
    case Tab::links:
      return draw_links_view(ui, rect, frame, study, view, screen.caches, intents);
    case Tab::compare:
      return draw_compare(ui, rect, frame, study, view, screen.caches, intents);
    default:
      return draw_heads_view(ui, rect, frame, study, view, screen.caches, intents);
  }
}

void draw_middle(Ui& ui, const Rect& rect, MainScreen& screen, const Frame& frame, const Study& study,
                 const ViewState& view, Intents& intents) {
  const std::array<Tab, 3> tabs = {Tab::heads, Tab::links, Tab::compare};
  const std::array<Choice, 3> names = {Choice{"heads", ui.words("action.tab_heads")},
                                       Choice{"links", ui.words("action.tab_links")},
                                       Choice{"compare", ui.words("action.tab_compare")}};
  panel(ui, "middle", rect, PanelLook::bordered, [&] {
    int chosen = static_cast<int>(std::find(tabs.begin(), tabs.end(), view.tab) - tabs.begin());
    if (chosen == static_cast<int>(tabs.size())) chosen = 0;
    const Tab present = tabs[static_cast<std::size_t>(chosen)];
    if (tab_bar(ui, "tabs", names, chosen)) {
      intents.look([tab = tabs[static_cast<std::size_t>(chosen)]](ViewState& v) { v.tab = tab; });
    }
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const Rect inside{at.x, at.y + ui.px(4), rect.x1 - ui.px(metric::kPadding),
                      rect.y1 - ui.px(metric::kPadding)};
    // Links and comparisons need some height to mean anything: where there is less, they scroll.
    const float least = ui.px(kLeastViewHeight);
    if (present != Tab::heads && inside.height() < least) {
      scroll_area(ui, "middle.scroll", inside.height(), [&] {
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const Rect tall{inside.x0, corner.y, inside.x1 - ui.px(12), corner.y + least};
        draw_tab(ui, present, tall, screen, frame, study, view, intents);
        ImGui::SetCursorScreenPos({corner.x, tall.y1});
        space(ui, 1);
      });
    } else {
      draw_tab(ui, present, inside, screen, frame, study, view, intents);
    }
  });
}

}  // namespace

void draw_main_screen(Ui& ui, MainScreen& screen, const Frame& frame, const Study& study,
                      const ViewState& view, const Desk& desk, Intents& intents) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  const float gap = ui.px(metric::kGap);
  const bool left = view.left_panel && ui.logical_size().x >= kLeftPanelFrom;
  const bool right = view.right_panel && ui.logical_size().x >= kRightPanelFrom;

  float top = top_bar_height(ui, size.x, frame);
  panel(
      ui, "top", {0, 0, size.x, top}, PanelLook::flat,
      [&] {
        draw_top_bar(ui, {0, 0, size.x, top}, study, view, frame, desk, intents);
      },
      0);
  const float tokens_bottom = top + token_strip_height(ui, size.x, study, view, frame);
  draw_token_strip(ui, {0, top, size.x, tokens_bottom}, study, view, frame, intents);
  const float bottom = size.y - ui.px(kStatusHeight);
  panel(
      ui, "status", {0, bottom, size.x, size.y}, PanelLook::flat,
      [&] {
        draw_status_bar(ui, {0, bottom, size.x, size.y}, study, view, frame, desk, intents);
      },
      0);

  Rect body{gap, tokens_bottom + gap, size.x - gap, bottom - gap};
  body.y0 += draw_banners(ui, body, screen, frame, study, desk, intents);
  Rect middle = body;
  if (left) {
    const Rect rect{body.x0, body.y0, body.x0 + ui.px(screen.left_width), body.y1};
    panel(ui, "controls", rect, PanelLook::bordered, [&] {
      if (is_suspended(study.shown())) {
        badge(ui, "controls.suspended", ui.words("controls.suspended"), BadgeLook::warning);
        note(ui, ui.words("controls.suspended_note"));
      }
      draw_controls(ui, frame, study, view, screen.caches, intents);
    });
    middle.x0 = rect.x1 + gap;
    splitter(ui, "split.left", {rect.x1, body.y0, middle.x0, body.y1}, true, +1, screen.left_width, 200, 420);
  }
  if (right) {
    const Rect rect{body.x1 - ui.px(screen.right_width), body.y0, body.x1, body.y1};
    panel(ui, "details", rect, PanelLook::bordered,
          [&] { draw_details(ui, frame, study, view, screen.caches, intents); });
    middle.x1 = rect.x0 - gap;
    splitter(ui, "split.right", {middle.x1, body.y0, rect.x0, body.y1}, true, -1, screen.right_width, 200,
             420);
  }
  if (middle.width() >= ui.px(kNarrowestMiddle) / 2)
    draw_middle(ui, middle, screen, frame, study, view, intents);

  const ActionContext context{study, view, frame, desk};
  draw_file_dialog(ui, screen.file_dialog, desk, intents);
  draw_help(ui, view, intents);
  draw_log(ui, view, desk, intents);
  draw_about(ui, view, intents);
  draw_palette(ui, screen.palette, view, context, intents);
}

}  // namespace attn::app

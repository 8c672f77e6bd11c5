#include "app/widgets/drawer.h"

#include "app/widgets/feel.h"

namespace attn::app {

void drawer(Ui& ui, std::string_view name, std::string_view title, const Rect& rect, bool& open,
            const std::function<void()>& body) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  // A window of its own: it is drawn over the views, and the mouse does not reach through it.
  const std::string id = part_name(name, "drawer");
  if (ImGui::BeginChild(id.c_str(), ImVec2(rect.width(), rect.height()), false, ImGuiWindowFlags_NoNav)) {
    ++ui.layer;
    ui.registry.add(id, "drawer", title, rect, rect, ui.layer);
    const float line = ui.px(metric::kControlSmall), padding = ui.px(metric::kPadding),
                radius = ui.px(metric::kRadius);
    panel(ui, name, {rect.x0, rect.y0 + line + ui.px(4), rect.x1, rect.y1}, PanelLook::flat, body);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    fill(list, {rect.x0, rect.y0, rect.x1, rect.y0 + line + ui.px(4)}, ui.theme.panel, 0);
    draw_text_in(ui, list, TextRole::heading,
                 {rect.x0 + padding, rect.y0 + ui.px(4), rect.x1 - padding - line, rect.y0 + ui.px(4) + line},
                 ui.theme.ink, title);
    ImGui::SetCursorScreenPos(ImVec2(rect.x1 - line - ui.px(4), rect.y0 + ui.px(4)));
    if (icon_button(ui, part_name(name, "close"), Icon::close, ui.words("common.close"),
                    {.look = ButtonLook::quiet, .small = true}))
      open = false;
    outline(ui, list, rect, ui.theme.dim, radius);
    if (ui.keys.pressed({Key::escape}) && !ui.memory.escape_used && ui.memory.active_text.empty()) {
      ui.memory.escape_used = true;
      open = false;
    }
    --ui.layer;
  }
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

}  // namespace attn::app

#include <algorithm>

#include "app/widgets/feel.h"

namespace attn::app {

Rect here(Ui&, float width, float height) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  return {std::floor(at.x), std::floor(at.y), std::floor(at.x) + width, std::floor(at.y) + height};
}

Rect last_rect() {
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  return {from.x, from.y, to.x, to.y};
}

void beside(Ui& ui, float gap) {
  ImGui::SameLine(0, gap > 0 ? ui.px(gap) : 0);
}

void space(Ui& ui, float height) {
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  ImGui::Dummy(ImVec2(1, ui.px(height)));
  ImGui::PopStyleVar();
}

void rule(Ui& ui) {
  const Rect rect = here(ui, room(ui), ui.px(1));
  fill(*ImGui::GetWindowDrawList(), rect, ui.theme.line, 0);
  ImGui::Dummy(ImVec2(rect.width(), rect.height()));
}

float room(Ui&) {
  return std::max(1.0f, ImGui::GetContentRegionAvail().x);
}

void panel(Ui& ui, std::string_view name, const Rect& rect, PanelLook look, const std::function<void()>& body,
           float padding) {
  if (rect.width() < 1 || rect.height() < 1) return;
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = look == PanelLook::bordered ? ui.px(metric::kRadius) : 0.0f;
  fill(list, rect, ui.theme.panel, radius);
  if (look == PanelLook::bordered) outline(ui, list, rect, ui.theme.line, radius);
  ui.registry.add(name, "panel", {}, rect, clipped(rect), ui.layer);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(padding), ui.px(padding)));
  ImGui::PushStyleVar(ImGuiStyleVar_ChildBorderSize, 0.0f);
  const std::string id(name);
  if (begin_padded_child(id.c_str(), ImVec2(rect.width(), rect.height()), ImGuiWindowFlags_NoNav)) {
    ImGui::PopStyleVar(2);
    body();
  } else {
    ImGui::PopStyleVar(2);
  }
  ImGui::EndChild();
}

void scroll_area(Ui& ui, std::string_view name, float height, const std::function<void()>& body) {
  const Rect rect = here(ui, room(ui), height);
  ui.registry.add(name, "scroll area", {}, rect, clipped(rect), ui.layer);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  const std::string id(name);
  if (ImGui::BeginChild(id.c_str(), ImVec2(rect.width(), height), false, ImGuiWindowFlags_NoNav)) body();
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

bool splitter(Ui& ui, std::string_view name, const Rect& rect, bool along_x, int grows, float& size,
              float least, float most) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  const Feel f = feel(ui, name, rect.width(), rect.height(), {.kind = "splitter"});
  if (f.hovered || f.held)
    ImGui::SetMouseCursor(along_x ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
  if (f.hovered || f.held || f.focused) {
    Rect line = f.rect;
    const float middle = along_x ? (line.x0 + line.x1) / 2 : (line.y0 + line.y1) / 2;
    const float half = ui.px(1);
    if (along_x)
      line.x0 = middle - half, line.x1 = middle + half;
    else
      line.y0 = middle - half, line.y1 = middle + half;
    fill(*ImGui::GetWindowDrawList(), line, ui.theme.accent, 0);
  }
  float moved = 0;
  if (f.held) {
    double& start = ui.memory.numbers[std::string(name)];
    if (ImGui::IsItemActivated()) start = static_cast<double>(size);
    const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
    moved =
        static_cast<float>(start) + (along_x ? drag.x : drag.y) * static_cast<float>(grows) / ui.scale - size;
  }
  if (f.focused) {
    const std::string_view less = along_x ? "Left" : "Up", more = along_x ? "Right" : "Down";
    if (ui.pressed(less)) moved -= 16.0f * static_cast<float>(grows);
    if (ui.pressed(more)) moved += 16.0f * static_cast<float>(grows);
  }
  const float before = size;
  if (moved != 0) size = std::clamp(size + moved, least, most);
  return size != before;
}

Touch touch_area(Ui& ui, std::string_view name, const Rect& rect, std::string_view text,
                 std::string_view state, bool focusable) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  const Feel f = feel(ui, name, rect.width(), rect.height(),
                      {.kind = "area", .text = text, .state = state, .focusable = focusable});
  const ImGuiIO& io = ImGui::GetIO();
  Touch touch;
  touch.hovered = f.hovered;
  touch.clicked = f.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  touch.double_clicked = f.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  touch.right_clicked = f.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
  touch.held = f.held;
  touch.released = ImGui::IsItemDeactivated();
  touch.focused = f.focused;
  touch.pressed_key = f.focused && ui.memory.press_focused;
  touch.mouse = ImVec2(io.MousePos.x - rect.x0, io.MousePos.y - rect.y0);
  if (f.held || touch.released) touch.dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
  touch.wheel = f.hovered ? io.MouseWheel : 0.0f;
  draw_focus_ring(ui, *ImGui::GetWindowDrawList(), f, ui.px(4));
  return touch;
}

void mark(Ui& ui, std::string_view name, const Rect& rect, std::string_view text, std::string_view state) {
  ui.registry.add(name, "mark", text, rect, clipped(rect), ui.layer).state.assign(state);
}

}  // namespace attn::app

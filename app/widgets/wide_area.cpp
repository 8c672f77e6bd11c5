#include "app/widgets/wide_area.h"

#include "app/widgets/feel.h"

namespace attn::app {

void wide_area(Ui& ui, std::string_view name, const Rect& rect, const std::function<void()>& body) {
  if (rect.width() < 1 || rect.height() < 1) return;
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  ui.registry.add(name, "scroll area", {}, rect, clipped(rect), ui.layer);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  const std::string id(name);
  if (ImGui::BeginChild(id.c_str(), ImVec2(rect.width(), rect.height()), false,
                        ImGuiWindowFlags_NoNav | ImGuiWindowFlags_HorizontalScrollbar))
    body();
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

}  // namespace attn::app

#include <algorithm>
#include <cmath>

#include "app/widgets/feel.h"

namespace attn::app {
namespace {

constexpr float kPopupPadding = 8;
constexpr ImGuiWindowFlags kBox = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoMove |
                                  ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoSavedSettings |
                                  ImGuiWindowFlags_NoNav;

void record_surface(Ui& ui, std::string_view name) {
  const ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  const Rect rect{at.x, at.y, at.x + size.x, at.y + size.y};
  ui.registry.add(name, "surface", {}, rect, rect, ui.layer);
}

// Draws `body` in a small box that takes no input, its upper left corner at or near `at`.
void floating_box(Ui& ui, const char* id, ImVec2 at, ImVec2 pivot, const std::function<void()>& body) {
  ImGui::SetNextWindowPos(at, ImGuiCond_Always, pivot);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(10), ui.px(6)));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::ColorConvertU32ToFloat4(ui.theme.panel));
  if (ImGui::Begin(id, nullptr,
                   kBox | ImGuiWindowFlags_Tooltip | ImGuiWindowFlags_NoInputs |
                       ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoFocusOnAppearing)) {
    ++ui.layer;
    body();
    --ui.layer;
  }
  ImGui::End();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
}

}  // namespace

void show_tooltip(Ui& ui, const Rect& rect, std::string_view text) {
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float wrap = ui.px(320), width = std::min(wrap, text_size(ui, TextRole::note, text).x) + ui.px(20);
  const bool above = rect.y1 + ui.px(64) > screen.y;
  const float x = std::clamp(rect.x0, ui.px(4), std::max(ui.px(4), screen.x - width - ui.px(4)));
  const ImVec2 at(x, above ? rect.y0 - ui.px(6) : rect.y1 + ui.px(6));
  floating_box(ui, "##tooltip", at, ImVec2(0, above ? 1.0f : 0.0f), [&] {
    const ImVec2 size = text_size(ui, TextRole::note, text, wrap);
    const Rect place = here(ui, size.x, size.y);
    draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(place.x0, place.y0), ui.theme.ink, text,
              wrap);
    ImGui::Dummy(size);
  });
}

void tooltip(Ui& ui, std::string_view text) {
  const Rect rect = last_rect();
  if (ImGui::IsItemHovered() && rested_on(ui, text)) show_tooltip(ui, rect, text);
}

void preview(Ui& ui, const std::function<void()>& body) {
  const ImVec2 mouse = ImGui::GetIO().MousePos, screen = ImGui::GetIO().DisplaySize;
  const bool left = mouse.x > screen.x * 0.6f, above = mouse.y > screen.y * 0.6f;
  floating_box(ui, "##preview",
               ImVec2(mouse.x + (left ? -ui.px(16) : ui.px(16)), mouse.y + (above ? -ui.px(16) : ui.px(16))),
               ImVec2(left ? 1.0f : 0.0f, above ? 1.0f : 0.0f), body);
}

void open_popup(Ui& ui, std::string_view name) {
  const std::string id(name);
  ImGui::OpenPopup(id.c_str());
  ui.want_frames(2);
}

void close_popup(Ui& ui) {
  ImGui::CloseCurrentPopup();
  ui.want_frames(2);
}

bool popup(Ui& ui, std::string_view name, const Rect& anchor, float width,
           const std::function<void()>& body) {
  const std::string id(name);
  if (!ImGui::IsPopupOpen(id.c_str())) return false;
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float gap = ui.px(4), margin = ui.px(8);
  const bool above = anchor.y1 > screen.y * 0.7f;
  const float most =
      std::max(ui.px(80), above ? anchor.y0 - margin - gap : screen.y - anchor.y1 - margin - gap);
  const float fitted = std::min(std::max(width, ui.px(80)), screen.x - 2 * margin);
  const float x = std::clamp(anchor.x0, margin, std::max(margin, screen.x - fitted - margin));
  ImGui::SetNextWindowPos(ImVec2(x, above ? anchor.y0 - gap : anchor.y1 + gap), ImGuiCond_Always,
                          ImVec2(0, above ? 1.0f : 0.0f));
  ImGui::SetNextWindowSizeConstraints(ImVec2(fitted, 0), ImVec2(fitted, most));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(kPopupPadding), ui.px(kPopupPadding)));
  const bool open = ImGui::BeginPopup(id.c_str(), kBox | ImGuiWindowFlags_AlwaysAutoResize);
  ImGui::PopStyleVar();
  if (!open) return false;
  ++ui.layer;
  record_surface(ui, name);
  body();
  if (ui.keys.pressed({Key::escape}) && !ui.memory.escape_used) {
    ui.memory.escape_used = true;
    close_popup(ui);
  }
  --ui.layer;
  ImGui::EndPopup();
  return true;
}

void modal(Ui& ui, std::string_view name, std::string_view title, bool& open, float width,
           const std::function<void()>& body) {
  const std::string id(name);
  if (open && !ImGui::IsPopupOpen(id.c_str())) open_popup(ui, name);
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float fitted = std::min(ui.px(width), screen.x - ui.px(32));
  ImGui::SetNextWindowPos(ImVec2(screen.x / 2, screen.y / 2), ImGuiCond_Always, ImVec2(0.5f, 0.5f));
  ImGui::SetNextWindowSizeConstraints(ImVec2(fitted, 0), ImVec2(fitted, screen.y - ui.px(32)));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(20), ui.px(16)));
  const bool drawn = ImGui::BeginPopupModal(id.c_str(), nullptr, kBox | ImGuiWindowFlags_AlwaysAutoResize);
  ImGui::PopStyleVar();
  if (!drawn) return;
  ++ui.layer;
  ui.memory.modal_open = true;
  // Nothing beside it can be reached either.
  const Rect everything{0, 0, screen.x, screen.y};
  ui.registry.add(name, "surface", title, everything, everything, ui.layer);
  const float close = ui.px(metric::kControlSmall);
  const Rect line = here(ui, room(ui), close);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::title, {line.x0, line.y0, line.x1 - close, line.y1},
               ui.theme.ink, title);
  ImGui::SetCursorScreenPos(ImVec2(line.x1 - close, line.y0));
  if (icon_button(ui, part_name(name, "close"), Icon::close, ui.words("common.close"),
                  {.look = ButtonLook::quiet, .small = true}))
    open = false;
  body();
  if (ui.keys.pressed({Key::escape}) && !ui.memory.escape_used) {
    ui.memory.escape_used = true;
    open = false;
  }
  if (!open) close_popup(ui);
  --ui.layer;
  ImGui::EndPopup();
}

bool badge(Ui& ui, std::string_view name, std::string_view text, BadgeLook look, bool removable) {
  const Theme& t = ui.theme;
  const Colour ground = look == BadgeLook::warning ? t.warn_soft : t.accent_soft;
  const Colour ink = look == BadgeLook::warning ? t.warn : t.accent;
  const float width = room(ui), side = removable ? ui.px(20) : 0.0f, padding = ui.px(10);
  const float wrap = width - 2 * padding - side;
  const ImVec2 size = text_size(ui, TextRole::note, text, wrap);
  const Rect rect = here(ui, width, size.y + ui.px(12));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  fill(list, rect, ground, ui.px(metric::kRadius));
  draw_text(ui, list, TextRole::note, ImVec2(rect.x0 + padding, rect.y0 + ui.px(6)), ink, text, wrap);
  ui.registry.add(name, "badge", text, rect, clipped(rect), ui.layer);
  bool removed = false;
  if (removable) {
    ImGui::SetCursorScreenPos(
        ImVec2(rect.x1 - side - ui.px(6), rect.y0 + std::floor((rect.height() - side) / 2)));
    const Feel f = feel(ui, part_name(name, "remove"), side, side,
                        {.text = ui.words("common.remove"), .tooltip = ui.words("common.remove")});
    if (f.hovered) fill(list, f.rect, mix(ground, ink, 0.15f), ui.px(4));
    draw_icon(list, Icon::close, f.rect.shrunk(ui.px(5)), ink, 1.5f * ui.scale);
    draw_focus_ring(ui, list, f, ui.px(4));
    removed = f.clicked;
  }
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  ImGui::Dummy(ImVec2(rect.width(), rect.height()));
  return removed;
}

bool banner(Ui& ui, std::string_view name, std::string_view text, std::string_view action) {
  const Theme& t = ui.theme;
  const float width = room(ui), padding = ui.px(12);
  const float button_width = action.empty() ? 0.0f : text_size(ui, TextRole::note, action).x + ui.px(24);
  const float wrap = width - 2 * padding - (button_width > 0 ? button_width + ui.px(8) : 0);
  const ImVec2 size = text_size(ui, TextRole::small, text, wrap);
  const Rect rect = here(ui, width, std::max(size.y + ui.px(16), ui.px(40)));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  fill(list, rect, t.warn_soft, ui.px(metric::kRadius));
  fill(list, {rect.x0, rect.y0, rect.x0 + ui.px(4), rect.y1}, t.warn, ui.px(2));
  draw_text(ui, list, TextRole::small, ImVec2(rect.x0 + padding, rect.y0 + (rect.height() - size.y) / 2),
            t.ink, text, wrap);
  ui.registry.add(name, "banner", text, rect, clipped(rect), ui.layer);
  bool clicked = false;
  if (button_width > 0) {
    ImGui::SetCursorScreenPos(
        ImVec2(rect.x1 - padding - button_width,
               rect.y0 + std::floor((rect.height() - ui.px(metric::kControlSmall)) / 2)));
    clicked =
        button(ui, part_name(name, "action"), action, {.width = button_width / ui.scale, .small = true});
  }
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  ImGui::Dummy(ImVec2(rect.width(), rect.height()));
  return clicked;
}

}  // namespace attn::app

#include "app/widgets/feel.h"

#include <algorithm>

namespace attn::app {
namespace {

constexpr double kTooltipDelay_s = 0.45;

}  // namespace

bool Ui::pressed(std::string_view text, bool also_repeated) const {
  const Chord chord = parse_chord(text);
  if (modal_open && layer == 0) return false;
  const bool plain = !chord.control && !chord.alt;
  if (plain && memory.focus_takes_arrows && chord.key >= Key::up && chord.key <= Key::end) return false;
  if (plain && memory.show_focus && !memory.focused.empty() &&
      (chord.key == Key::enter || chord.key == Key::space))
    return false;
  if (editing_text()) {
    const bool function_key = chord.key >= Key::f1 && chord.key <= Key::f12;
    const bool edits_text = chord.key == Key::a || chord.key == Key::c || chord.key == Key::v ||
                            chord.key == Key::x || chord.key == Key::y || chord.key == Key::z ||
                            (chord.key >= Key::up && chord.key <= Key::end) || chord.key == Key::backspace ||
                            chord.key == Key::del;
    if (!function_key && (!chord.control || (edits_text && !chord.shift && !chord.alt))) return false;
  }
  return keys.pressed(chord, also_repeated);
}

bool Ui::typed(char32_t character) const {
  return !editing_text() && !(modal_open && layer == 0) && keys.has_typed(character);
}

Rect clipped(const Rect& rect) {
  const ImVec2 from = ImGui::GetWindowDrawList()->GetClipRectMin(),
               to = ImGui::GetWindowDrawList()->GetClipRectMax();
  return intersection(rect, {from.x, from.y, to.x, to.y});
}

std::string part_name(std::string_view name, std::string_view part) {
  std::string whole(name);
  whole += '.';
  whole += part;
  return whole;
}

Feel feel(Ui& ui, std::string_view name, float width, float height, const FeelOptions& options) {
  Feel out;
  out.enabled = options.disabled.empty();
  out.rect = here(ui, std::max(1.0f, width), std::max(1.0f, height));
  ImGui::PushID(name.data(), name.data() + name.size());
  const bool pressed = ImGui::InvisibleButton("##", ImVec2(out.rect.width(), out.rect.height()));
  ImGui::PopID();
  out.hovered = ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  out.held = out.enabled && ImGui::IsItemActive();
  if (out.enabled && ImGui::IsItemActivated()) ui.memory.focused = std::string(name);
  const bool focused = options.focusable && ui.memory.focused == name;
  out.focused = focused && ui.memory.show_focus;
  out.clicked = out.enabled && (pressed || (out.focused && ui.memory.press_focused));

  Control& control = ui.registry.add(name, options.kind, options.text, out.rect, clipped(out.rect), ui.layer);
  control.state.assign(options.state);
  control.enabled = out.enabled;
  control.hovered = out.hovered;
  control.focused = out.focused;
  control.focusable = options.focusable;

  if (out.focused && control.visible.height() < out.rect.height() - 1) ImGui::SetScrollHereY(0.5f);
  const std::string_view hint = out.enabled ? options.tooltip : options.disabled;
  if (!hint.empty() && ((out.hovered && rested_on(ui, name)) || (out.focused && !out.enabled)))
    show_tooltip(ui, out.rect, hint);
  return out;
}

bool rested_on(Ui& ui, std::string_view name) {
  const ImVec2 moved = ImGui::GetIO().MouseDelta;
  if (moved.x != 0 || moved.y != 0) ui.memory.tooltips_hidden = false;
  if (ui.memory.hovered != name) {
    ui.memory.hovered = std::string(name);
    ui.memory.hovered_since_s = ui.now_s;
  }
  if (ui.memory.tooltips_hidden) return false;
  const double left_s = ui.memory.hovered_since_s + kTooltipDelay_s - ui.now_s;
  if (left_s <= 0) return true;
  ui.wake_in(left_s);
  return false;
}

void draw_focus_ring(Ui& ui, ImDrawList& list, const Feel& feel, float radius_px) {
  if (!feel.focused) return;
  const float width = ui.px(2);
  outline(ui, list, feel.rect.shrunk(-width), ui.theme.accent, radius_px + width, 2);
}

void fill(ImDrawList& list, const Rect& rect, Colour colour, float radius_px) {
  list.AddRectFilled(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1), colour, radius_px);
}

void outline(Ui& ui, ImDrawList& list, const Rect& rect, Colour colour, float radius_px, float width) {
  const float stroke = std::max(1.0f, std::floor(width * ui.scale));
  const Rect inner = rect.shrunk(stroke / 2);
  list.AddRect(ImVec2(inner.x0, inner.y0), ImVec2(inner.x1, inner.y1), colour,
               std::max(0.0f, radius_px - stroke / 2), 0, stroke);
}

}  // namespace attn::app

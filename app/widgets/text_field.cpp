#include <imgui_internal.h>
#if __has_include(<imgui_stdlib.h>)
#include <imgui_stdlib.h>
#else
#include <misc/cpp/imgui_stdlib.h>
#endif

#include <algorithm>

#include "app/widgets/feel.h"

namespace attn::app {
namespace {

// What the callback of an active field works with.
struct Editing {
  Ui* ui;
  WidgetMemory::Field* field;
  std::size_t caret = 0;   // byte in the text as ImGui holds it
  bool put_caret = false;  // move the caret to `caret` first
};

int while_active(ImGuiInputTextCallbackData* data) {
  Editing& editing = *static_cast<Editing*>(data->UserData);
  if (editing.put_caret) {
    data->ClearSelection();
    data->CursorPos = std::min(static_cast<int>(editing.caret), data->BufTextLen);
    editing.put_caret = false;
  }
  std::string& wide = editing.ui->memory.typed_wide;
  if (!wide.empty()) {
    if (data->HasSelection()) {
      const int from = std::min(data->SelectionStart, data->SelectionEnd);
      const int to = std::max(data->SelectionStart, data->SelectionEnd);
      data->DeleteChars(from, to - from);
      data->ClearSelection();
      data->CursorPos = from;
    }
    data->InsertChars(data->CursorPos, wide.c_str());
    wide.clear();
  }
  editing.caret = static_cast<std::size_t>(data->CursorPos);
  return 0;
}

// Behind the letters, as far as they are in sight. The font is pushed.
void draw_marks(Ui& ui, std::string_view name, const Rect& rect, std::string_view text,
                const TextFieldOptions& options) {
  if (options.marks.empty()) return;
  const auto width_of = [&](std::size_t bytes) {
    const std::string inside = ui.fonts.wide.encode(text.substr(0, std::min(bytes, text.size())));
    return ImGui::CalcTextSize(inside.data(), inside.data() + inside.size()).x;
  };
  ImGui::PushID(name.data(), name.data() + name.size());
  const ImGuiInputTextState* state = ImGui::GetInputTextState(ImGui::GetID("##"));
  ImGui::PopID();
  const float left = rect.x0 + ui.px(12) - (state && ui.memory.active_text == name ? state->ScrollX : 0);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(ImVec2(rect.x0 + ui.px(12), rect.y0), ImVec2(rect.x1 - ui.px(12), rect.y1), true);
  for (const TextMark& mark : options.marks)
    fill(list,
         {left + width_of(mark.begin) - ui.px(1), rect.y0 + ui.px(5), left + width_of(mark.end) + ui.px(1),
          rect.y1 - ui.px(5)},
         mark.colour, ui.px(3));
  list.PopClipRect();
}

}  // namespace

void focus_text_field(Ui& ui, std::string_view name) {
  ui.memory.focus_text = std::string(name);
  ui.memory.focused = std::string(name);
  ui.want_frames(2);
}

TextEdited text_field(Ui& ui, std::string_view name, std::string& text, const TextFieldOptions& options) {
  const Theme& t = ui.theme;
  const float width = options.width > 0 ? options.width : room(ui), height = ui.px(metric::kControl);
  const Rect rect = here(ui, width, height);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = ui.px(metric::kRadius);
  auto found = ui.memory.fields.find(name);
  if (found == ui.memory.fields.end())
    found = ui.memory.fields.emplace(std::string(name), WidgetMemory::Field{}).first;
  WidgetMemory::Field& field = found->second;
  TextEdited edited;

  if (!options.disabled.empty()) {
    const Feel f =
        feel(ui, name, width, height, {.kind = "text field", .text = text, .disabled = options.disabled});
    fill(list, f.rect, t.background, radius);
    outline(ui, list, f.rect, t.line, radius);
    draw_text_in(ui, list, options.role, {rect.x0 + ui.px(12), rect.y0, rect.x1 - ui.px(12), rect.y1}, t.dim,
                 text.empty() ? options.disabled : std::string_view(text));
    return edited;
  }

  const bool was_active = field.active;
  std::string inside = ui.fonts.wide.encode(text);
  Editing editing{&ui, &field};
  if (was_active && text != field.last) {  // undo, an example: ImGui would go on with its own copy
    ImGui::ClearActiveID();
    ui.memory.focus_text = std::string(name);
    field.reload = true;
    field.caret_byte = text.size();
  }
  if (was_active && ui.keys.pressed({Key::escape}) && !ui.memory.escape_used) {
    ImGui::ClearActiveID();
    ui.memory.escape_used = ui.layer == 0;  // in a dialog or a popup one Escape closes it all
  }
  if (field.reload && !was_active) {
    editing.caret =
        ui.fonts.wide.encode(std::string_view(text).substr(0, std::min(field.caret_byte, text.size())))
            .size();
    editing.put_caret = true;
  }

  fill(list, rect, t.panel, radius);
  const Fonts::Face& face = ui.fonts[options.role];
  ui.fonts.want(options.role, inside);
  push_font(face.font, face.size_px);
  draw_marks(ui, name, rect, text, options);
  const float pad_y = std::max(0.0f, std::floor((height - face.size_px) / 2));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(12), pad_y));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0.0f);
  ImGui::PushStyleColor(ImGuiCol_FrameBg, ImVec4(0, 0, 0, 0));
  if (ui.memory.focus_text == name && !(was_active && field.reload)) {
    ImGui::SetKeyboardFocusHere();
    ui.memory.focus_text.clear();
    ui.want_frames(2);
  }
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  ImGui::SetNextItemWidth(width);
  ImGui::PushID(name.data(), name.data() + name.size());
  const bool changed =
      ImGui::InputText("##", &inside, ImGuiInputTextFlags_CallbackAlways, while_active, &editing);
  ImGui::PopID();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
  ImGui::PopFont();
  const bool hovered = ImGui::IsItemHovered();
  field.active = ImGui::IsItemActive();

  edited.active = field.active;
  edited.changed = changed;
  edited.submitted = was_active && ui.keys.pressed({Key::enter}, false);
  if (field.active) {
    field.caret_byte =
        ui.fonts.wide.decode(std::string_view(inside).substr(0, std::min(editing.caret, inside.size())))
            .size();
    if (!editing.put_caret && !was_active) field.reload = false;
    ui.memory.active_text = std::string(name);
    ui.memory.focused = std::string(name);
  } else if (ui.memory.active_text == name) {
    ui.memory.active_text.clear();
  }
  if (changed) text = ui.fonts.wide.decode(inside);
  field.last = text;
  edited.caret_byte = std::min(field.caret_byte, text.size());

  const bool focused = field.active || (ui.memory.focused == name && ui.memory.show_focus);
  if (focused) {
    const float glow = ui.px(2);
    outline(ui, list, rect.shrunk(-glow), t.accent_soft, radius + glow, 2);
  }
  outline(ui, list, rect, focused ? t.accent : hovered ? mix(t.line, t.dim, 0.5f) : t.line, radius);
  if (text.empty() && !options.hint.empty())
    draw_text_in(ui, list, options.role, {rect.x0 + ui.px(12), rect.y0, rect.x1 - ui.px(12), rect.y1}, t.dim,
                 options.hint);
  Control& control = ui.registry.add(name, "text field", text, rect, clipped(rect), ui.layer);
  control.state = text;
  control.hovered = hovered;
  control.focused = focused;
  control.focusable = true;
  return edited;
}

}  // namespace attn::app

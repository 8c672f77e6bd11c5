#include <algorithm>
#include <cmath>

#include "app/widgets/feel.h"

namespace attn::app {
namespace {

struct ButtonColours {
  Colour ground, line, ink;
};

ButtonColours colours_of(const Ui& ui, const ButtonOptions& options, const Feel& f) {
  const Theme& t = ui.theme;
  ButtonColours c{t.panel, t.line, t.ink};
  if (options.look == ButtonLook::primary) c = {t.accent, t.accent, t.on_accent};
  if (options.look == ButtonLook::quiet) c = {with_alpha(t.panel, 0), with_alpha(t.panel, 0), t.ink};
  if (options.look == ButtonLook::warning) c = {t.warn_soft, t.warn_soft, t.warn};
  if (options.selected) c = {t.accent_soft, t.accent, t.accent};
  if (!f.enabled) {
    c.ink = t.dim;
    if (options.look == ButtonLook::primary) c.ground = c.line = t.line;
    return c;
  }
  if (options.look == ButtonLook::primary) {
    if (f.hovered) c.ground = c.line = mix(t.accent, t.ink, f.held ? 0.25f : 0.12f);
  } else if (options.look == ButtonLook::warning) {
    if (f.hovered) c.line = t.warn;
  } else if (f.hovered && !options.selected) {
    c.ground = f.held ? mix(t.hover, t.line, 0.6f) : t.hover;
  }
  return c;
}

float height_of(Ui& ui, const ButtonOptions& options) {
  return ui.px(options.small ? metric::kControlSmall : metric::kControl);
}

}  // namespace

void draw_icon(ImDrawList& list, Icon icon, const Rect& r, Colour colour, float stroke) {
  const float x = (r.x0 + r.x1) / 2, y = (r.y0 + r.y1) / 2, h = std::min(r.width(), r.height()) / 2;
  const auto line = [&](float ax, float ay, float bx, float by) {
    list.AddLine(ImVec2(x + ax * h, y + ay * h), ImVec2(x + bx * h, y + by * h), colour, stroke);
  };
  const auto path = [&](std::initializer_list<ImVec2> points, bool closed = false) {
    for (const ImVec2& p : points) list.PathLineTo(ImVec2(x + p.x * h, y + p.y * h));
    list.PathStroke(colour, closed ? ImDrawFlags_Closed : 0, stroke);
  };
  const auto arc_arrow = [&](float side) {  // undo (-1) and redo (+1)
    path({{-0.75f * side, -0.35f},
          {0.35f * side, -0.35f},
          {0.75f * side, 0.0f},
          {0.75f * side, 0.3f},
          {0.35f * side, 0.65f},
          {-0.3f * side, 0.65f}});
    path({{-0.35f * side, -0.75f}, {-0.78f * side, -0.35f}, {-0.35f * side, 0.05f}});
  };
  switch (icon) {
    case Icon::none:
      break;
    case Icon::close:
      line(-0.6f, -0.6f, 0.6f, 0.6f);
      line(-0.6f, 0.6f, 0.6f, -0.6f);
      break;
    case Icon::chevron_down:
      path({{-0.6f, -0.3f}, {0, 0.3f}, {0.6f, -0.3f}});
      break;
    case Icon::chevron_right:
      path({{-0.3f, -0.6f}, {0.3f, 0}, {-0.3f, 0.6f}});
      break;
    case Icon::swap:
      line(-0.8f, -0.35f, 0.8f, -0.35f);
      path({{0.4f, -0.75f}, {0.8f, -0.35f}, {0.4f, 0.05f}});
      line(-0.8f, 0.45f, 0.8f, 0.45f);
      path({{-0.4f, 0.05f}, {-0.8f, 0.45f}, {-0.4f, 0.85f}});
      break;
    case Icon::undo:
      arc_arrow(1);
      break;
    case Icon::redo:
      arc_arrow(-1);
      break;
    case Icon::reset:
      list.PathArcTo(ImVec2(x, y), 0.7f * h, -0.9f, 4.4f, 20);
      list.PathStroke(colour, 0, stroke);
      path({{0.0f, -0.35f}, {0.45f, -0.55f}, {0.6f, -0.05f}});
      break;
    case Icon::pin:
      path({{-0.35f, -0.8f}, {0.35f, -0.8f}, {0.25f, -0.1f}, {0.6f, 0.25f}, {-0.6f, 0.25f}, {-0.25f, -0.1f}},
           true);
      line(0, 0.25f, 0, 0.9f);
      break;
    case Icon::plus:
      line(-0.7f, 0, 0.7f, 0);
      line(0, -0.7f, 0, 0.7f);
      break;
    case Icon::minus:
      line(-0.7f, 0, 0.7f, 0);
      break;
    case Icon::check:
      path({{-0.65f, 0.05f}, {-0.2f, 0.5f}, {0.7f, -0.5f}});
      break;
    case Icon::fit:
      path({{-0.75f, -0.3f}, {-0.75f, -0.75f}, {-0.3f, -0.75f}});
      path({{0.3f, -0.75f}, {0.75f, -0.75f}, {0.75f, -0.3f}});
      path({{0.75f, 0.3f}, {0.75f, 0.75f}, {0.3f, 0.75f}});
      path({{-0.3f, 0.75f}, {-0.75f, 0.75f}, {-0.75f, 0.3f}});
      break;
    case Icon::three:
      path({{-0.8f, -0.8f}, {-0.1f, -0.8f}, {-0.1f, -0.1f}, {-0.8f, -0.1f}}, true);
      path({{-0.8f, 0.2f}, {-0.1f, 0.2f}, {-0.1f, 0.85f}, {-0.8f, 0.85f}}, true);
      path({{0.2f, 0.2f}, {0.85f, 0.2f}, {0.85f, 0.85f}, {0.2f, 0.85f}}, true);
      break;
    case Icon::eye:
    case Icon::eye_off:
      path({{-0.9f, 0},
            {-0.45f, -0.48f},
            {0, -0.6f},
            {0.45f, -0.48f},
            {0.9f, 0},
            {0.45f, 0.48f},
            {0, 0.6f},
            {-0.45f, 0.48f}},
           true);
      list.AddCircle(ImVec2(x, y), 0.26f * h, colour, 0, stroke);
      if (icon == Icon::eye_off) line(-0.75f, 0.8f, 0.75f, -0.8f);
      break;
    case Icon::menu:
      line(-0.7f, -0.5f, 0.7f, -0.5f);
      line(-0.7f, 0, 0.7f, 0);
      line(-0.7f, 0.5f, 0.7f, 0.5f);
      break;
    case Icon::info:
      list.AddCircle(ImVec2(x, y), 0.85f * h, colour, 0, stroke);
      line(0, -0.05f, 0, 0.45f);
      list.AddCircleFilled(ImVec2(x, y - 0.38f * h), 0.75f * stroke, colour);
      break;
    case Icon::play:
      list.AddTriangleFilled(ImVec2(x - 0.45f * h, y - 0.65f * h), ImVec2(x + 0.65f * h, y),
                             ImVec2(x - 0.45f * h, y + 0.65f * h), colour);
      break;
    case Icon::stop:
      list.AddRectFilled(ImVec2(x - 0.5f * h, y - 0.5f * h), ImVec2(x + 0.5f * h, y + 0.5f * h), colour,
                         0.1f * h);
      break;
  }
}

bool button(Ui& ui, std::string_view name, std::string_view text, const ButtonOptions& options) {
  const TextRole role = options.small ? TextRole::note : TextRole::body;
  const float height = height_of(ui, options), padding = ui.px(12);
  const float icon = options.icon == Icon::none ? 0 : ui.px(options.small ? 12 : 14);
  const float gap = icon > 0 && !text.empty() ? ui.px(6) : 0.0f;
  const float content = text_size(ui, role, text).x + icon + gap;
  const float width = options.width > 0   ? ui.px(options.width)
                      : options.width < 0 ? room(ui)
                                          : content + 2 * padding;
  const Feel f = feel(ui, name, width, height,
                      {.text = text,
                       .state = options.selected ? "on" : "",
                       .disabled = options.disabled,
                       .tooltip = options.tooltip});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = ui.px(metric::kRadius);
  const ButtonColours c = colours_of(ui, options, f);
  fill(list, f.rect, c.ground, radius);
  outline(ui, list, f.rect, c.line, radius);
  const float left = f.rect.x0 + std::max(ui.px(6), (f.rect.width() - content) / 2);
  if (icon > 0) {
    const float top = f.rect.y0 + std::floor((height - icon) / 2);
    draw_icon(list, options.icon, {left, top, left + icon, top + icon}, c.ink, 1.5f * ui.scale);
  }
  draw_text_in(ui, list, role, {left + icon + gap, f.rect.y0, f.rect.x1 - ui.px(6), f.rect.y1}, c.ink, text);
  draw_focus_ring(ui, list, f, radius);
  return f.clicked;
}

bool icon_button(Ui& ui, std::string_view name, Icon icon, std::string_view tip,
                 const ButtonOptions& options) {
  const float height = height_of(ui, options);
  const Feel f = feel(
      ui, name, height, height,
      {.text = tip, .state = options.selected ? "on" : "", .disabled = options.disabled, .tooltip = tip});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = ui.px(metric::kRadius);
  ButtonColours c = colours_of(ui, options, f);
  if (options.look == ButtonLook::quiet && !f.hovered && f.enabled) c.ink = ui.theme.dim;
  fill(list, f.rect, c.ground, radius);
  outline(ui, list, f.rect, c.line, radius);
  draw_icon(list, icon, f.rect.shrunk(std::round(height * 0.28f)), c.ink, 1.5f * ui.scale);
  draw_focus_ring(ui, list, f, radius);
  return f.clicked;
}

bool drop_button(Ui& ui, std::string_view name, std::string_view text, std::string_view remark,
                 const ButtonOptions& options) {
  const float height = height_of(ui, options), padding = ui.px(12), gap = ui.px(8), chevron = ui.px(10);
  const TextRole role = options.small ? TextRole::note : TextRole::body;
  const float text_width = text_size(ui, role, text).x;
  const float remark_width = remark.empty() ? 0 : text_size(ui, role, remark).x + gap;
  const float width = options.width > 0   ? ui.px(options.width)
                      : options.width < 0 ? room(ui)
                                          : text_width + remark_width + gap + chevron + 2 * padding;
  const Feel f =
      feel(ui, name, width, height,
           {.text = text, .state = remark, .disabled = options.disabled, .tooltip = options.tooltip});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = ui.px(metric::kRadius);
  const ButtonColours c = colours_of(ui, options, f);
  fill(list, f.rect, c.ground, radius);
  outline(ui, list, f.rect, c.line, radius);
  const float end = f.rect.x1 - padding - chevron - gap;
  const float middle = std::min(f.rect.x0 + padding + text_width, end);
  draw_text_in(ui, list, role, {f.rect.x0 + padding, f.rect.y0, middle, f.rect.y1}, c.ink, text);
  if (!remark.empty() && end > middle + gap)
    draw_text_in(ui, list, role, {middle + gap, f.rect.y0, end, f.rect.y1},
                 options.selected ? c.ink : ui.theme.dim, remark);
  const float top = f.rect.y0 + std::floor((height - chevron) / 2);
  draw_icon(list, Icon::chevron_down,
            {f.rect.x1 - padding - chevron, top, f.rect.x1 - padding, top + chevron}, ui.theme.dim,
            1.5f * ui.scale);
  draw_focus_ring(ui, list, f, radius);
  return f.clicked;
}

bool toggle(Ui& ui, std::string_view name, std::string_view text, bool& on, std::string_view disabled) {
  const float height = ui.px(metric::kRow), track_width = ui.px(32), track_height = ui.px(18);
  const Feel f = feel(ui, name, room(ui), height,
                      {.kind = "toggle", .text = text, .state = on ? "on" : "off", .disabled = disabled});
  if (f.clicked) on = !on;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  draw_text_in(ui, list, TextRole::small,
               {f.rect.x0, f.rect.y0, f.rect.x1 - track_width - ui.px(8), f.rect.y1},
               f.enabled ? t.ink : t.dim, text);
  const float top = f.rect.y0 + std::floor((height - track_height) / 2);
  const Rect track{f.rect.x1 - track_width, top, f.rect.x1, top + track_height};
  Colour ground = on ? t.accent : mix(t.line, t.dim, f.hovered ? 0.7f : 0.5f);
  if (!f.enabled) ground = t.line;
  fill(list, track, ground, track_height / 2);
  const float radius = track_height / 2 - ui.px(2.5f);
  const float x = on ? track.x1 - track_height / 2 : track.x0 + track_height / 2;
  list.AddCircleFilled(ImVec2(x, top + track_height / 2), radius, on && f.enabled ? t.on_accent : t.panel);
  Feel ring = f;
  ring.rect = track;
  draw_focus_ring(ui, list, ring, track_height / 2);
  return f.clicked;
}

bool checkbox(Ui& ui, std::string_view name, std::string_view text, bool& on, std::string_view disabled) {
  const float height = ui.px(metric::kRow), side = ui.px(16), gap = ui.px(8);
  const float width = side + (text.empty() ? 0 : gap + text_size(ui, TextRole::small, text).x);
  const Feel f = feel(ui, name, std::min(width, std::max(side, room(ui))), height,
                      {.kind = "checkbox", .text = text, .state = on ? "on" : "off", .disabled = disabled});
  if (f.clicked) on = !on;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  const float top = f.rect.y0 + std::floor((height - side) / 2), radius = ui.px(4);
  const Rect box{f.rect.x0, top, f.rect.x0 + side, top + side};
  const Colour filled = f.enabled ? t.accent : t.dim;
  fill(list, box, on ? filled : f.hovered && f.enabled ? t.hover : t.panel, radius);
  outline(ui, list, box, on ? filled : mix(t.line, t.dim, 0.6f), radius);
  if (on) draw_icon(list, Icon::check, box.shrunk(ui.px(3)), t.on_accent, 2.0f * ui.scale);
  draw_text_in(ui, list, TextRole::small, {box.x1 + gap, f.rect.y0, f.rect.x1, f.rect.y1},
               f.enabled ? t.ink : t.dim, text);
  Feel ring = f;
  ring.rect = box;
  draw_focus_ring(ui, list, ring, radius);
  return f.clicked;
}

bool dot(Ui& ui, std::string_view name, bool& on, std::string_view tip, std::string_view disabled) {
  const float side = ui.px(20);
  const Feel f =
      feel(ui, name, side, ui.px(metric::kRow),
           {.kind = "dot", .text = tip, .state = on ? "on" : "off", .disabled = disabled, .tooltip = tip});
  if (f.clicked) on = !on;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  const ImVec2 middle((f.rect.x0 + f.rect.x1) / 2, (f.rect.y0 + f.rect.y1) / 2);
  const float radius = ui.px(5);
  const Colour ink = !f.enabled ? t.line : f.hovered ? t.accent : on ? t.ink : t.warn;
  if (on)
    list.AddCircleFilled(middle, radius, ink);
  else
    list.AddCircle(middle, radius - ui.scale * 0.75f, ink, 0, 1.5f * ui.scale);
  Feel ring = f;
  ring.rect = {middle.x - radius, middle.y - radius, middle.x + radius, middle.y + radius};
  draw_focus_ring(ui, list, ring, radius);
  return f.clicked;
}

}  // namespace attn::app

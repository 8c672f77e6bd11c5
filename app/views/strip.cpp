#include "app/views/strip.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/views/view_parts.h"
#include "core/forward/interventions.h"

namespace attn::app {

namespace {

constexpr float kLeastCellGap = 6;  // design units: from this width on cells stand apart

// The number of a cell with as many digits after the point as fit, at most `most`; empty: none fits.
std::string number_that_fits(Ui& ui, float cell_px, double value, int most) {
  for (int digits = std::abs(value) < 100 ? most : 0; digits >= 0; --digits) {
    std::string text = number_text(value, digits);
    if (text.find_first_of("123456789") == std::string::npos) return "0";
    if (text_size(ui, TextRole::cell, text).x <= cell_px) return text;
  }
  return {};
}

// Digits after the point that most numbers of a strip can have, -1: cells are too small for numbers.
int digits_that_fit(Ui& ui, float cell_px) {
  if (text_size(ui, TextRole::cell, "−8.88").x <= cell_px) return 2;
  return text_size(ui, TextRole::cell, "−8.8").x <= cell_px ? 1 : -1;
}

// Where there are more entries than pixels: one column a pixel.
void paint_pooled(ImDrawList& list, const Rect& rect, std::span<const float> values,
                  const gl::HeatmapLook& look, float opacity) {
  const auto columns = static_cast<std::size_t>(std::max(1.0f, rect.width()));
  for (std::size_t c = 0; c < columns; ++c) {
    const std::size_t first = c * values.size() / columns, end = (c + 1) * values.size() / columns;
    float shown = values[first];
    for (std::size_t i = first + 1; i < end; ++i)
      if (std::abs(values[i]) > std::abs(shown)) shown = values[i];
    const float x = rect.x0 + static_cast<float>(c);
    list.AddRectFilled(ImVec2(x, rect.y0), ImVec2(x + 1, rect.y1),
                       with_alpha(colour_of(look, shown), opacity));
  }
}

}  // namespace

std::string number_text(double value, int digits) {
  const std::string size = fixed(std::abs(value), digits);
  const bool zero = size.find_first_of("123456789") == std::string::npos;
  return value < 0 && !zero ? "−" + size : size;
}

std::optional<float> parse_number(std::string text) {
  std::erase(text, ' ');
  if (text.find_first_of("0123456789") == std::string::npos) return std::nullopt;
  if (const std::string_view minus = "−"; text.starts_with(minus)) text.replace(0, minus.size(), "-");
  std::replace(text.begin(), text.end(), ',', '.');
  const std::size_t digits = text.starts_with('-') ? 1 : 0;
  if (text.substr(digits).starts_with('.')) text.insert(digits, "0");
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::abs(value) <= kLargestNumber ? std::optional(value) : std::nullopt;
}

float largest_of(std::span<const float> values) {
  float largest = 1e-6f;
  for (const float value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  return largest;
}

int strip_entry(const Rect& rect, std::size_t n_values, float x_px) {
  if (x_px < rect.x0 || x_px >= rect.x1 || n_values == 0) return -1;
  const auto n = static_cast<int>(n_values);
  return std::min(n - 1, static_cast<int>((x_px - rect.x0) / rect.width() * static_cast<float>(n)));
}

void paint_strip(Ui& ui, const Rect& rect, std::span<const float> values, const StripLook& look) {
  if (values.empty() || rect.width() < 1) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const gl::HeatmapLook colours = difference_look(ui, look.largest);
  const float cell = rect.width() / static_cast<float>(values.size());
  if (cell < 1) {
    paint_pooled(list, rect, values, colours, look.opacity);
  } else {
    const float gap = cell >= ui.px(kLeastCellGap) ? 1.0f : 0.0f;
    const int digits = digits_that_fit(ui, cell - gap + 2);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float x0 = std::floor(rect.x0 + cell * static_cast<float>(i));
      const float x1 = std::floor(rect.x0 + cell * static_cast<float>(i + 1)) - gap;
      const Colour colour = colour_of(colours, values[i]);
      list.AddRectFilled(ImVec2(x0, rect.y0), ImVec2(x1, rect.y1), with_alpha(colour, look.opacity));
      if (digits < 0) continue;
      const std::string number = number_that_fits(ui, cell - gap + 2, static_cast<double>(values[i]), digits);
      const Colour ink = number == "0" ? ui.theme.dim : readable_on(colour);
      draw_text_in(ui, list, TextRole::cell, {x0 - 1, rect.y0, x1 + 1, rect.y1},
                   with_alpha(ink, look.opacity), number, 0.5f);
    }
  }
  list.AddRect(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1), ui.theme.line);
  const auto outline = [&](int entry, Colour colour, float thick) {
    if (entry < 0 || entry >= static_cast<int>(values.size())) return;
    const float x0 = std::floor(rect.x0 + cell * static_cast<float>(entry));
    const float x1 = std::max(x0 + 2, std::floor(x0 + cell));
    list.AddRect(ImVec2(x0 - 1, rect.y0 - 1), ImVec2(x1 + 1, rect.y1 + 1), colour, 0, 0,
                 std::max(1.0f, ui.px(thick)));
  };
  for (const int entry : look.by_hand) outline(entry, with_alpha(ui.theme.warn, look.opacity), 2);
  outline(look.lit, ui.theme.ink, 1);
}

StripTouch draw_strip(Ui& ui, std::string_view name, const Rect& rect, std::span<const float> values,
                      const StripLook& look, std::string_view says, std::string_view hint) {
  paint_strip(ui, rect, values, look);
  const Touch touch = touch_area(ui, name, rect, says);
  if (!touch.hovered) return {};
  const int entry = strip_entry(rect, values.size(), rect.x0 + touch.mouse.x);
  if (entry < 0) return {};
  if (!hint.empty()) ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
  preview(ui, [&] {
    const std::string text = std::string(says) + " [" + std::to_string(entry) + "] = " +
                             number_text(static_cast<double>(values[static_cast<std::size_t>(entry)]), 4);
    label(ui, {}, text, TextRole::small);
    if (!hint.empty()) label(ui, {}, hint, TextRole::note, ui.theme.dim);
  });
  return {entry, touch.clicked};
}

StripTouch draw_strip_row(Ui& ui, const Rect& row, const StripRow& what) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Theme& t = ui.theme;
  if (what.lit) {
    list.AddRectFilled(ImVec2(row.x0, row.y0), ImVec2(row.x1, row.y1), t.accent_soft, ui.px(4));
    list.AddRectFilled(ImVec2(row.x0, row.y0), ImVec2(row.x0 + ui.px(3), row.y1), t.accent);
  }
  const float strip_x0 = what.strip_x0 > 0 ? what.strip_x0 : row.x0 + ui.px(kStripLabel);
  const float strip_x1 = what.strip_x1 > 0 ? what.strip_x1 : row.x1 - ui.px(kStripScale);
  draw_text_in(ui, list, TextRole::small, {row.x0 + ui.px(8), row.y0, strip_x0 - ui.px(6), row.y1}, t.ink,
               what.label);
  if (what.values.empty()) return {};
  StripLook look;
  look.largest = what.largest > 0 ? what.largest : largest_of(what.values);
  look.lit = what.lit_entry;
  look.by_hand = what.by_hand;
  const float inset = ui.px(2);
  const StripTouch touch = draw_strip(ui, what.name, {strip_x0, row.y0 + inset, strip_x1, row.y1 - inset},
                                      what.values, look, what.label, what.hint);
  if (strip_x1 + ui.px(20) < row.x1)
    draw_text_in(ui, list, TextRole::note, {strip_x1 + ui.px(6), row.y0, row.x1, row.y1}, t.dim,
                 "±" + number_text(static_cast<double>(look.largest), look.largest < 100 ? 1 : 0));
  return touch;
}

}  // namespace attn::app

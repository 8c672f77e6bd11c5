#include "app/views/training/curves.h"

#include <algorithm>
#include <cmath>

#include "app/views/view_parts.h"

namespace attn::app {

namespace {

std::string tick_text(float value, float step, bool whole) {
  return fixed(static_cast<double>(value), whole || step >= 1 ? 0 : step >= 0.1f ? 1 : 2);
}

void draw_dashes(ImDrawList& list, ImVec2 from, ImVec2 to, Colour colour, float dash) {
  for (float x = from.x; x < to.x; x += 2 * dash)
    list.AddLine(ImVec2(x, from.y), ImVec2(std::min(to.x, x + dash), to.y), colour);
}

struct Scales {
  Rect plot;
  float x_most, y_most;
  ImVec2 at(ImVec2 p) const {
    return {plot.x0 + plot.width() * std::clamp(p.x / x_most, 0.0f, 1.0f),
            plot.y1 - plot.height() * std::clamp(p.y / y_most, 0.0f, 1.0f)};
  }
};

void draw_axes(Ui& ui, ImDrawList& list, const Scales& scales, const Chart& chart) {
  const Theme& t = ui.theme;
  const Rect& plot = scales.plot;
  const float line = text_size(ui, TextRole::note, "0").y;
  const std::vector<float> ys = round_ticks(chart.y_most, plot.height() > ui.px(90) ? 5 : 2);
  for (const float y : ys) {
    const ImVec2 at = scales.at({0, y});
    list.AddLine(at, ImVec2(plot.x1, at.y), t.line);
    draw_text_in(ui, list, TextRole::note,
                 {plot.x0 - ui.px(60), at.y - line, plot.x0 - ui.px(6), at.y + line}, t.dim,
                 tick_text(y, ys.size() > 1 ? ys[1] : 1, chart.whole_numbers), 1);
  }
  const std::vector<float> xs = round_ticks(chart.x_most, plot.width() > ui.px(180) ? 4 : 2);
  for (const float x : xs) {
    const ImVec2 at = scales.at({x, 0});
    list.AddLine(at, ImVec2(at.x, at.y + ui.px(4)), t.dim);
    const float half = ui.px(40);
    draw_text_in(ui, list, TextRole::note,
                 {at.x - half, at.y + ui.px(4), at.x + half, at.y + ui.px(6) + line}, t.dim,
                 tick_text(x, 1, true), 0.5f);
  }
  draw_text_in(ui, list, TextRole::note,
               {plot.x0, plot.y1 + ui.px(6) + line, plot.x1, plot.y1 + ui.px(8) + 2 * line}, t.dim,
               chart.x_name, 1);
}

}  // namespace

std::vector<float> round_ticks(float most, int n) {
  if (!(most > 0) || n < 1) return {0};
  const float rough = most / static_cast<float>(n);
  const float power = std::pow(10.0f, std::floor(std::log10(rough)));
  float step = power;
  for (const float factor : {1.0f, 2.0f, 5.0f, 10.0f}) {
    step = power * factor;
    if (step >= rough * 0.999f) break;
  }
  std::vector<float> ticks;
  for (int i = 0; static_cast<float>(i) * step <= most * 1.0001f; ++i)
    ticks.push_back(static_cast<float>(i) * step);
  return ticks;
}

std::vector<ImVec2> smooth_curve(const std::vector<float>& values, float keep, int n_most) {
  std::vector<ImVec2> points;
  const std::size_t every =
      std::max<std::size_t>(1, values.size() / static_cast<std::size_t>(std::max(1, n_most)));
  float sum = 0, weight = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum = keep * sum + values[i];
    weight = keep * weight + 1;
    if (i % every == 0 || i + 1 == values.size()) points.push_back({static_cast<float>(i + 1), sum / weight});
  }
  return points;
}

void draw_chart(Ui& ui, std::string_view name, const Rect& rect, const Chart& chart) {
  const Theme& t = ui.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = text_size(ui, TextRole::note, "0").y;
  const float left = text_size(ui, TextRole::note, chart.whole_numbers ? "5000" : "0.00").x + ui.px(8);
  Scales scales{{rect.x0 + left, rect.y0 + ui.px(24), rect.x1 - ui.px(18), rect.y1 - 2 * line - ui.px(8)},
                std::max(chart.x_most, 1e-6f),
                std::max(chart.y_most, 1e-6f)};
  if (scales.plot.width() < ui.px(40) || scales.plot.height() < ui.px(24)) return;
  mark(ui, name, rect, chart.title);
  draw_text_in(ui, list, TextRole::heading, {rect.x0, rect.y0, rect.x1, rect.y0 + ui.px(20)}, t.ink,
               chart.title);
  draw_axes(ui, list, scales, chart);
  for (const Curve& curve : chart.curves) {
    if (curve.points.empty()) continue;
    std::vector<ImVec2> path;
    for (const ImVec2& p : curve.points) path.push_back(scales.at(p));
    const ImVec2 end = path.back();
    if (curve.dashed) {
      draw_dashes(list, path.front(), end, curve.colour, ui.px(4));
    } else if (path.size() > 1) {
      list.AddPolyline(path.data(), static_cast<int>(path.size()), curve.colour, 0,
                       std::max(1.5f, 2 * ui.scale));
    }
    if (!curve.dashed) list.AddCircleFilled(end, ui.px(3), curve.colour);
    if (curve.name.empty()) continue;
    draw_text_in(ui, list, TextRole::note,
                 {scales.plot.x0 + ui.px(6), end.y - line - ui.px(1), scales.plot.x1, end.y}, curve.colour,
                 curve.name, curve.dashed ? 1.0f : 0.0f);
  }
}

}  // namespace attn::app

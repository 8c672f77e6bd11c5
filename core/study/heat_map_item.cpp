#include "core/study/heat_map_item.h"

#include <algorithm>
#include <cmath>

namespace attn {

namespace {

bool is_masked(const HeatMapItem& map, Index i, Index j) {
  return map.visible.size() > 0 && map.visible(i, j) == 0.0f;
}

}  // namespace

Image cells_as_image(const HeatMapItem& map) {
  Image image{static_cast<int>(map.values.cols()), static_cast<int>(map.values.rows()), {}};
  image.rgba.reserve(static_cast<std::size_t>(map.values.size()) * 4);
  for (Index i = 0; i < map.values.rows(); ++i)
    for (Index j = 0; j < map.values.cols(); ++j) {
      const double value = map.values(i, j);
      const double place = place_on_scale(value, map.lowest, map.highest, map.scale);
      const Rgb color = is_masked(map, i, j) ? map.masked : color_of(map.colors, place);
      const std::uint8_t alpha = std::isnan(value) ? 0 : 255;
      image.rgba.insert(image.rgba.end(), {color.r, color.g, color.b, alpha});
    }
  return image;
}

std::vector<MaskedRun> masked_runs(const HeatMapItem& map) {
  std::vector<MaskedRun> runs;
  if (!map.hatched) return runs;
  for (Index i = 0; i < map.visible.rows(); ++i)
    for (Index j = 0; j < map.visible.cols(); ++j) {
      if (!is_masked(map, i, j)) continue;
      const Index first = j;
      while (j + 1 < map.visible.cols() && is_masked(map, i, j + 1)) ++j;
      runs.push_back({{map.at.x + static_cast<double>(first) * map.cell_width,
                       map.at.y + static_cast<double>(i) * map.cell_height},
                      static_cast<double>(j - first + 1) * map.cell_width - map.gap,
                      map.cell_height - map.gap});
    }
  return runs;
}

std::vector<LineItem> hatch_lines(const MaskedRun& run, Rgb color) {
  constexpr double kSpacing = 5.656854;  // 4 pixels between lines, measured across
  const double left = run.at.x, right = run.at.x + run.width, top = run.at.y, bottom = run.at.y + run.height;
  std::vector<LineItem> lines;
  // A line is x + y = c.
  for (double c = std::ceil((left + top) / kSpacing) * kSpacing; c < right + bottom; c += kSpacing) {
    const double x_from = std::max(left, c - bottom), x_to = std::min(right, c - top);
    if (x_from < x_to) lines.push_back({{x_from, c - x_from}, {x_to, c - x_to}, color, 0.75});
  }
  return lines;
}

}  // namespace attn

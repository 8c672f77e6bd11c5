#include <algorithm>
#include <cmath>

#include "core/forward/pass.h"
#include "core/study/figure_parts.h"
#include "core/study/table.h"
#include "core/text/tokenizer.h"

namespace attn {

namespace {

constexpr double kLabelSize = 13, kMostLabel = 140;

// Where things stand: a square map with room for names to its left and above it.
struct MapLayout {
  double cell = 0, gap = 0;
  Point map;
  double width = 0, height = 0;  // of the map
  double label_size = 0;
  Index label_step = 1;  // every so many rows and columns have a name
};

double widest(const std::vector<std::string>& names, double size) {
  double width = 0;
  for (const std::string& name : names) width = std::max(width, text_width(name, size));
  return std::min(width, kMostLabel);
}

MapLayout lay_out(const Matrix& values, const std::vector<std::string>& query_names,
                  const std::vector<std::string>& key_names, const FigureOptions& options) {
  MapLayout layout;
  const auto longest = static_cast<double>(std::max<Index>({values.rows(), values.cols(), 1}));
  layout.cell = std::min(options.cell_px, options.largest_px / longest);
  if (layout.cell > 3) layout.cell = std::floor(layout.cell);
  layout.gap = layout.cell >= 8 ? 1 : 0;
  layout.label_size = std::clamp(layout.cell - 1, 8.0, kLabelSize);
  layout.label_step = static_cast<Index>(std::ceil((layout.label_size + 1) / layout.cell));
  layout.width = layout.cell * static_cast<double>(values.cols());
  layout.height = layout.cell * static_cast<double>(values.rows());
  constexpr double kTitleHeight = 48, kSlope = 0.7071;
  layout.map.x = kFigurePadding + std::max(widest(query_names, layout.label_size), 60.0) + 8;
  layout.map.y = kFigurePadding + kTitleHeight + widest(key_names, layout.label_size) * kSlope + 12;
  return layout;
}

void add_names(Figure& figure, const MapLayout& layout, const std::vector<std::string>& query_names,
               const std::vector<std::string>& key_names, int chosen, const FigureTheme& theme) {
  const double middle = layout.cell / 2 + layout.label_size * 0.35;
  for (std::size_t i = 0; i < query_names.size(); i += static_cast<std::size_t>(layout.label_step)) {
    const bool lit = static_cast<int>(i) == chosen;
    figure.items.emplace_back(
        TextItem{shortened(query_names[i], kMostLabel, layout.label_size),
                 {layout.map.x - 8, layout.map.y + layout.cell * static_cast<double>(i) + middle},
                 layout.label_size,
                 lit ? theme.accent : theme.ink,
                 lit,
                 Anchor::end});
  }
  for (std::size_t j = 0; j < key_names.size(); j += static_cast<std::size_t>(layout.label_step))
    figure.items.emplace_back(
        TextItem{shortened(key_names[j], kMostLabel, layout.label_size),
                 {layout.map.x + layout.cell * (static_cast<double>(j) + 0.5) + layout.label_size * 0.3,
                  layout.map.y - 7},
                 layout.label_size,
                 theme.ink,
                 false,
                 Anchor::start,
                 45});
}

bool is_visible(const HeatMapItem& map, Index i, Index j) {
  return !std::isnan(map.values(i, j)) && (map.visible.size() == 0 || map.visible(i, j) != 0.0f);
}

// What is too small to be told from 0 stays without a number, so that the large ones can be found.
void add_numbers(Figure& figure, const MapLayout& layout, const HeatMapItem& map) {
  constexpr double kSmallest = 0.01, kSize = 10;
  if (layout.cell < 22) return;
  for (Index i = 0; i < map.values.rows(); ++i)
    for (Index j = 0; j < map.values.cols(); ++j) {
      const double value = map.values(i, j);
      if (!is_visible(map, i, j) || !(std::abs(value) >= kSmallest)) continue;
      const Rgb cell = color_of(map.colors, place_on_scale(value, map.lowest, map.highest, map.scale));
      const double x = map.at.x + layout.cell * (static_cast<double>(j) + 0.5) - layout.gap / 2;
      const double y = map.at.y + layout.cell * (static_cast<double>(i) + 0.5) + kSize * 0.36;
      figure.items.emplace_back(
          TextItem{cell_number(value), {x, y}, kSize, readable_on(cell), false, Anchor::middle});
    }
}

// The largest of each row has an outline; the chosen row one around the whole of it.
void add_outlines(Figure& figure, const MapLayout& layout, const HeatMapItem& map, int chosen,
                  const FigureTheme& theme) {
  const bool is_signed = map.colors == ColorMap::diverging || map.colors == ColorMap::diverging_dark;
  if (layout.cell >= 12)
    for (Index i = 0; i < map.values.rows(); ++i) {
      Index best = -1;
      for (Index j = 0; j < map.values.cols(); ++j)
        if (is_visible(map, i, j) && (best < 0 || std::abs(map.values(i, j)) > std::abs(map.values(i, best))))
          best = j;
      if (best < 0 || map.values(i, best) == 0.0f) continue;
      figure.items.emplace_back(RectangleItem{{map.at.x + layout.cell * static_cast<double>(best) - 0.25,
                                               map.at.y + layout.cell * static_cast<double>(i) - 0.25},
                                              layout.cell - layout.gap + 0.5,
                                              layout.cell - layout.gap + 0.5,
                                              std::nullopt,
                                              is_signed ? theme.ink : theme.warning,
                                              1.5,
                                              0});
    }
  if (chosen >= 0 && chosen < map.values.rows())
    figure.items.emplace_back(RectangleItem{{map.at.x - 1.5, map.at.y + layout.cell * chosen - 1.5},
                                            layout.width - layout.gap + 3,
                                            layout.cell - layout.gap + 3,
                                            std::nullopt,
                                            theme.accent,
                                            2,
                                            2});
}

}  // namespace

Figure matrix_figure(const Matrix& all_values, const std::vector<std::string>& all_queries,
                     const std::vector<std::string>& all_keys, const std::string& title, double lowest,
                     const FigureOptions& options, const std::string& caption) {
  // A cell is never smaller than a pixel: longer texts are pooled.
  const auto most = static_cast<Index>(options.largest_px);
  const bool pooled = all_values.rows() > most || all_values.cols() > most;
  const Matrix values = max_pooled(all_values, most);
  const std::vector<std::string> query_names = pooled_names(all_queries, most);
  const std::vector<std::string> key_names = pooled_names(all_keys, most);
  const FigureTheme theme = options.dark ? dark_theme() : light_theme();
  const MapLayout layout = lay_out(values, query_names, key_names, options);
  constexpr double kBarWidth = 56, kBarGap = 16;

  Figure figure;
  figure.background = theme.panel;
  // The last name stands out to the right of its column.
  const double slanted =
      key_names.empty() ? 0 : std::min(text_width(key_names.back(), layout.label_size), kMostLabel) * 0.71;
  figure.width = layout.map.x + layout.width + std::max(kBarGap + kBarWidth, slanted) + kFigurePadding;
  figure.width = std::ceil(figure.width);
  figure.height = std::ceil(layout.map.y + layout.height + kFigurePadding);

  const FigureWords& words = options.words;
  figure.items.emplace_back(TextItem{title, {kFigurePadding, kFigurePadding + 14}, 16, theme.ink, true});
  figure.items.emplace_back(TextItem{
      words.query + " ↓   " + words.key + " →", {kFigurePadding, kFigurePadding + 36}, 12, theme.dim});
  const int chosen = pooled ? -1 : options.query;
  add_names(figure, layout, query_names, key_names, chosen, theme);

  HeatMapItem map;
  map.at = layout.map;
  map.cell_width = map.cell_height = layout.cell;
  map.gap = layout.gap;
  map.values = values;
  map.visible = pooled ? max_pooled(options.visible, most) : options.visible;
  map.colors = options.colors;
  map.lowest = lowest;
  map.highest = options.highest;
  map.scale = options.scale;
  map.hatch = theme.dim;
  map.masked = theme.background;
  map.ground = theme.panel;
  figure.items.emplace_back(map);
  if (options.numbers) add_numbers(figure, layout, map);
  add_outlines(figure, layout, map, chosen, theme);
  add_color_bar(figure, {layout.map.x + layout.width + kBarGap, layout.map.y}, std::min(layout.height, 180.0),
                lowest, options, theme);
  if (options.caption) add_caption(figure, caption, theme);
  return figure;
}

Figure heatmap_figure(const Trace& trace, const HeadId& head, const FigureOptions& asked) {
  const Matrix values = dense_weights(trace, head);
  FigureOptions options = asked;
  if (options.visible.size() == 0 && trace.model) options.visible = explain_head(trace, head).visible;
  if (options.visible.size() == 0 && head.stack != Stack::cross)
    options.visible = causal_visibility(HeadWeights(view(values)));
  const bool several = trace.n_layers(Stack::encoder) > 0 && trace.n_layers(Stack::decoder) > 0;
  return matrix_figure(values, readable_tokens(trace.query_tokens(head.stack)),
                       readable_tokens(trace.key_tokens(head.stack)), to_text(head, several), 0, options,
                       figure_caption(trace, {head}, options) + ", " + options.words.rows_sum);
}

}  // namespace attn

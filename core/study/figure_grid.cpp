#include <algorithm>
#include <cmath>

#include "core/model/model.h"
#include "core/study/figure_parts.h"

namespace attn {

namespace {

constexpr double kTileGap = 8, kMostTile = 96, kLeastTile = 36;
constexpr Index kMostCells = 64;

// The picture of a head: its thumbnail where the pass made one; empty when there is neither.
Matrix thumbnail_of(const Trace& trace, const HeadId& id) {
  const AttentionRecord* record = trace.attention(id.stack, id.layer);
  if (record && id.head < static_cast<int>(record->thumbnails.size()))
    return record->thumbnails[static_cast<std::size_t>(id.head)];
  const bool kept = trace.weights(id).has_value();
  return kept ? max_pooled(record->weights[static_cast<std::size_t>(id.head)], kMostCells) : Matrix();
}

// One stack: its heads below a row of names. Returns the y where it ends.
double add_stack(Figure& figure, const Trace& trace, Stack stack, double top, double tile,
                 const FigureOptions& options, const FigureTheme& theme) {
  constexpr double kNames = 36;
  const double pitch = tile + kTileGap, left = kFigurePadding + kNames;
  for (int head = 0; head < trace.n_heads(stack); ++head)
    figure.items.emplace_back(TextItem{"H" + std::to_string(head),
                                       {left + pitch * head + tile / 2, top + 12},
                                       12,
                                       theme.dim,
                                       false,
                                       Anchor::middle});
  const double first = top + 20;
  for (int layer = 0; layer < trace.n_layers(stack); ++layer) {
    const double y = first + pitch * layer;
    figure.items.emplace_back(
        TextItem{"L" + std::to_string(layer), {kFigurePadding, y + tile / 2 + 4}, 12, theme.dim});
    for (int head = 0; head < trace.n_heads(stack); ++head) {
      const Matrix picture = thumbnail_of(trace, {stack, layer, head});
      if (picture.size() == 0) continue;
      HeatMapItem map;
      map.at = {left + pitch * head, y};
      map.cell_width = tile / static_cast<double>(picture.cols());
      map.cell_height = tile / static_cast<double>(picture.rows());
      map.values = picture;
      if (stack != Stack::cross) map.visible = causal_visibility(HeadWeights(view(picture)));
      map.hatched = false;
      map.masked = theme.background;
      map.colors = options.colors;
      map.highest = options.highest;
      map.scale = options.scale;
      figure.items.emplace_back(map);
      figure.items.emplace_back(RectangleItem{map.at, tile, tile, std::nullopt, theme.line, 1, 0});
    }
  }
  return first + pitch * trace.n_layers(stack);
}

}  // namespace

Figure grid_figure(const Trace& trace, const FigureOptions& options) {
  const FigureTheme theme = options.dark ? dark_theme() : light_theme();
  const FigureWords& words = options.words;
  std::vector<std::pair<Stack, std::string>> stacks;
  int most_heads = 1;
  for (const auto& [stack, name] :
       {std::pair{Stack::encoder, words.encoder}, std::pair{Stack::decoder, words.decoder},
        std::pair{Stack::cross, words.cross}})
    if (trace.n_layers(stack) > 0) {
      stacks.emplace_back(stack, name);
      most_heads = std::max(most_heads, trace.n_heads(stack));
    }

  Figure figure;
  figure.background = theme.panel;
  const double tile =
      std::clamp(std::floor(options.largest_px / most_heads) - kTileGap, kLeastTile, kMostTile);
  constexpr double kNames = 36, kBar = 72;
  figure.width = std::max(2 * kFigurePadding + kNames + (tile + kTileGap) * most_heads + kBar, 480.0);
  std::string title = options.model;
  if (trace.model) title = trace.model->name;
  figure.items.emplace_back(TextItem{title, {kFigurePadding, kFigurePadding + 14}, 16, theme.ink, true});
  figure.items.emplace_back(TextItem{
      words.query + " ↓   " + words.key + " →", {kFigurePadding, kFigurePadding + 36}, 12, theme.dim});
  double y = kFigurePadding + 56;
  const double first_row = y + 20 + (stacks.size() > 1 ? 22 : 0);
  for (const auto& [stack, name] : stacks) {
    if (stacks.size() > 1) {
      figure.items.emplace_back(TextItem{name, {kFigurePadding, y + 12}, 13, theme.ink, true});
      y += 22;
    }
    y = add_stack(figure, trace, stack, y, tile, options, theme) + 12;
  }
  add_color_bar(figure, {kFigurePadding + kNames + (tile + kTileGap) * most_heads + 8, first_row},
                std::clamp(y - 20 - first_row, 60.0, 180.0), 0, options, theme);
  figure.height = y;
  if (options.caption) add_caption(figure, figure_caption(trace, {}, options), theme);
  return figure;
}

}  // namespace attn

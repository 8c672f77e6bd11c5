#include <algorithm>
#include <cmath>

#include "core/math/error.h"
#include "core/study/figure_parts.h"
#include "core/study/table.h"
#include "core/text/tokenizer.h"

namespace attn {

namespace {

constexpr double kTokenSize = 16, kTokenGap = 18, kMostWidth = 1400, kMostCurve = 7;

// Where each token stands: queries on one line, keys on the other.
struct Places {
  std::vector<Point> queries, keys;           // where curves end
  std::vector<Point> query_names, key_names;  // where names are anchored
  Anchor query_anchor = Anchor::middle, key_anchor = Anchor::middle;
  bool upright = false;  // two columns: the curves run from left to right
  double width = 0, height = 0;
};

std::vector<double> centres(const std::vector<std::string>& names, double& end) {
  std::vector<double> xs;
  double x = kFigurePadding;
  for (const std::string& name : names) {
    const double width = text_width(name, kTokenSize);
    xs.push_back(x + width / 2);
    x += width + kTokenGap;
  }
  end = x - kTokenGap + kFigurePadding;
  return xs;
}

Places place_in_lines(const std::vector<double>& query_xs, const std::vector<double>& key_xs, double width,
                      double top) {
  Places places;
  const double distance = std::clamp(width * 0.18, 90.0, 200.0);
  const double upper = top + 16, lower = upper + 8 + distance;
  for (const double x : query_xs) {
    places.query_names.push_back({x, upper});
    places.queries.push_back({x, upper + 8});
  }
  for (const double x : key_xs) {
    places.key_names.push_back({x, lower + 18});
    places.keys.push_back({x, lower});
  }
  places.width = width;
  places.height = lower + 18 + kFigurePadding;
  return places;
}

Places place_in_columns(const std::vector<std::string>& queries, const std::vector<std::string>& keys,
                        double top) {
  constexpr double kLine = 24, kDistance = 280;
  Places places;
  places.upright = true;
  places.query_anchor = Anchor::end;
  places.key_anchor = Anchor::start;
  double left = 0, right = 0;
  for (const std::string& name : queries) left = std::max(left, text_width(name, kTokenSize));
  for (const std::string& name : keys) right = std::max(right, text_width(name, kTokenSize));
  const double x_query = kFigurePadding + left, x_key = x_query + kDistance;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const double y = top + kLine * static_cast<double>(i) + 12;
    places.query_names.push_back({x_query, y + 5.5});
    places.queries.push_back({x_query + 8, y});
  }
  for (std::size_t j = 0; j < keys.size(); ++j) {
    const double y = top + kLine * static_cast<double>(j) + 12;
    places.key_names.push_back({x_key, y + 5.5});
    places.keys.push_back({x_key - 8, y});
  }
  places.width = x_key + right + kFigurePadding;
  places.height = top + kLine * static_cast<double>(std::max(queries.size(), keys.size())) + kFigurePadding;
  return places;
}

CurveItem curve_between(Point from, Point to, bool upright, Rgb color, double weight) {
  const double bend = 0.5 * (upright ? to.x - from.x : to.y - from.y);
  const Point out = upright ? Point{from.x + bend, from.y} : Point{from.x, from.y + bend};
  const Point in = upright ? Point{to.x - bend, to.y} : Point{to.x, to.y - bend};
  return {from,
          out,
          in,
          to,
          color,
          std::max(0.75, kMostCurve * weight),
          std::clamp(0.1 + 0.8 * weight, 0.0, 1.0)};
}

}  // namespace

Figure links_figure(const Trace& trace, const std::vector<HeadId>& heads, const FigureOptions& options) {
  if (heads.empty()) throw Error("No head is chosen: name at least one to draw its links.");
  const Stack stack = heads.front().stack;
  for (const HeadId& head : heads) {
    if (head.stack != stack)
      throw Error("Links join one pair of sentences: choose heads of the " + std::string(name_of(stack)) +
                  " only.");
  }
  const FigureTheme theme = options.dark ? dark_theme() : light_theme();
  const std::vector<std::string> queries = readable_tokens(trace.query_tokens(stack)),
                                 keys = readable_tokens(trace.key_tokens(stack));

  Figure figure;
  figure.background = theme.panel;
  constexpr double kTop = kFigurePadding + 48;
  double query_end = 0, key_end = 0;
  const std::vector<double> query_xs = centres(queries, query_end), key_xs = centres(keys, key_end);
  const double wide = std::max(query_end, key_end);
  const Places places = wide <= kMostWidth ? place_in_lines(query_xs, key_xs, wide, kTop)
                                           : place_in_columns(queries, keys, kTop);
  figure.width = std::ceil(std::max(places.width, 420.0));
  figure.height = std::ceil(places.height);

  const bool several = trace.n_layers(Stack::encoder) > 0 && trace.n_layers(Stack::decoder) > 0;
  double x = kFigurePadding;
  const auto color_of_head = [&](std::size_t h) {
    return heads.size() == 1 ? theme.accent : theme.hues[h % 8];
  };
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const std::string name = to_text(heads[h], several);
    figure.items.emplace_back(
        TextItem{name, {x, kFigurePadding + 14}, 16, heads.size() == 1 ? theme.ink : color_of_head(h), true});
    x += text_width(name, 16, true) + 16;
  }

  // Faint ones first, so that the strong ones lie on top.
  std::vector<std::pair<float, CurveItem>> curves;
  std::vector<float> looked_at(keys.size(), 0.0f);
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const Matrix weights = dense_weights(trace, heads[h]);
    for (Index i = 0; i < weights.rows(); ++i) {
      if (options.query >= 0 && i != options.query) continue;
      for (Index j = 0; j < weights.cols(); ++j) {
        const float weight = weights(i, j);
        constexpr float kFaintest = 0.02f;
        if (!(weight >= kFaintest)) continue;
        looked_at[static_cast<std::size_t>(j)] = std::max(looked_at[static_cast<std::size_t>(j)], weight);
        curves.emplace_back(weight, curve_between(places.queries[static_cast<std::size_t>(i)],
                                                  places.keys[static_cast<std::size_t>(j)], places.upright,
                                                  color_of_head(h), weight));
      }
    }
  }
  std::stable_sort(curves.begin(), curves.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [weight, curve] : curves) figure.items.emplace_back(curve);

  for (std::size_t i = 0; i < queries.size(); ++i) {
    const bool lit = static_cast<int>(i) == options.query;
    const bool faded = options.query >= 0 && !lit;
    figure.items.emplace_back(TextItem{queries[i], places.query_names[i], kTokenSize,
                                       lit     ? theme.accent
                                       : faded ? theme.dim
                                               : theme.ink,
                                       lit, places.query_anchor});
  }
  const float most = looked_at.empty() ? 0 : *std::max_element(looked_at.begin(), looked_at.end());
  for (std::size_t j = 0; j < keys.size(); ++j) {
    const bool strongest = options.query >= 0 && looked_at[j] == most && most > 0;
    const bool faded = options.query >= 0 && looked_at[j] < 0.1f;
    figure.items.emplace_back(TextItem{keys[j], places.key_names[j], kTokenSize,
                                       faded ? theme.dim : theme.ink, strongest, places.key_anchor});
  }
  if (options.caption) add_caption(figure, figure_caption(trace, heads, options), theme);
  return figure;
}

}  // namespace attn

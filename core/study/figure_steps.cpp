#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/head_walk.h"
#include "core/math/error.h"
#include "core/study/figure_parts.h"
#include "core/text/tokenizer.h"

namespace attn {

namespace {

constexpr double kRow = 24, kNames = 132, kNumber = 64, kBar = 150, kTextSize = 13, kCellText = 10;
constexpr std::size_t kMostKeys = 40;

std::string fixed_number(double value) {
  std::string text = std::to_string(std::round(std::abs(value) * 100) / 100);
  text.erase(text.find('.') + 3);
  return value < 0 && text != "0.00" ? "−" + text : text;
}

class StepsFigure {
 public:
  StepsFigure(const Trace& trace, const HeadWalk& walk, const FigureOptions& options)
      : walk_(walk), theme_(options.dark ? dark_theme() : light_theme()), colors_(signed_map(options.dark)) {
    names_ = readable_tokens(trace.key_tokens(walk.head.stack));
    query_ = readable_tokens(trace.query_tokens(walk.head.stack))[static_cast<std::size_t>(walk.query)];
    cell_ = std::clamp(416.0 / static_cast<double>(walk.d_head()), 2.0, 30.0);
    strip_ = cell_ * static_cast<double>(walk.d_head());
    choose_keys();
    choose_columns();
    figure_.background = theme_.panel;
    y_ = kFigurePadding;
  }

  Figure draw(const Trace& trace, const FigureOptions& options) {
    const HeadId& head = walk_.head;
    const std::string title =
        "“" + query_ + "” · " +
        to_text(head, trace.n_layers(Stack::encoder) > 0 && trace.n_layers(Stack::decoder) > 0);
    text(title, kFigurePadding, y_ + 16, 16, theme_.ink, true);
    text("softmax( q · k" + scale_text() + (walk_.at.position.size() > 0 ? " + p" : "") + " ) · v", strip_x(),
         y_ + 38, 14, theme_.dim);
    y_ += 52;
    strip_row("q (" + query_ + ")", view(walk_.at.queries), 0, walk_.at.queries.cwiseAbs().maxCoeff(), true);
    y_ += 6;
    titles("q × k", true);
    const float products = std::max(1e-6f, walk_.products.cwiseAbs().maxCoeff());
    for (const int key : keys_) {
      numbers(key);
      strip_row(names_[static_cast<std::size_t>(key)], view(walk_.products), key, products, key == walk_.key);
    }
    y_ += 10;
    titles(options.words.key == "key" ? "weight × v" : "权重 × v", false);
    const float weighted = std::max(1e-6f, walk_.weighted.cwiseAbs().maxCoeff());
    for (const int key : keys_)
      strip_row(names_[static_cast<std::size_t>(key)], view(walk_.weighted), key, weighted, key == walk_.key);
    Matrix sum = walk_.summed_values;
    strip_row("Σ", view(std::as_const(sum)), 0, weighted, true);
    figure_.width = width();
    figure_.height = y_ + kFigurePadding;
    figure_.title = title;
    if (options.caption) add_caption(figure_, figure_caption(trace, {head}, options), theme_);
    return std::move(figure_);
  }

 private:
  // The keys with the largest weights where there are too many, in the order of the text.
  void choose_keys() {
    keys_.resize(static_cast<std::size_t>(walk_.n_keys()));
    std::iota(keys_.begin(), keys_.end(), 0);
    if (keys_.size() <= kMostKeys) return;
    std::stable_sort(keys_.begin(), keys_.end(),
                     [&](int a, int b) { return walk_.at.weights(0, a) > walk_.at.weights(0, b); });
    keys_.resize(kMostKeys);
    std::sort(keys_.begin(), keys_.end());
  }

  void choose_columns() {
    columns_ = {"q · k"};
    if (walk_.scale != 1) columns_.push_back(scale_text().substr(1));
    if (walk_.at.position.size() > 0) columns_.push_back("+ p");
    if (walk_.at.position.size() > 0 || walk_.spec.soft_cap > 0 || walk_.temperature != 1)
      columns_.push_back("score");
  }

  std::string scale_text() const {
    if (walk_.scale == 1) return {};
    const double root = std::sqrt(static_cast<double>(walk_.d_head()));
    return std::abs(walk_.scale * root - 1) < 1e-4 ? " ÷ √" + std::to_string(walk_.d_head())
                                                   : " × " + fixed_number(walk_.scale);
  }

  double strip_x() const { return kFigurePadding + kNames; }
  double numbers_x() const { return strip_x() + strip_ + 16; }
  double weight_x() const { return numbers_x() + kNumber * static_cast<double>(columns_.size()) + 16; }
  double width() const { return weight_x() + 48 + kBar + kFigurePadding; }

  void text(const std::string& what, double x, double y, double size, Rgb color, bool bold = false,
            Anchor anchor = Anchor::start) {
    figure_.items.emplace_back(TextItem{what, {x, y}, size, color, bold, anchor});
  }

  void titles(const std::string& strip, bool with_numbers) {
    text(strip, strip_x(), y_ + 14, 12, theme_.dim);
    if (with_numbers) {
      for (std::size_t c = 0; c < columns_.size(); ++c)
        text(columns_[c], numbers_x() + kNumber * static_cast<double>(c + 1), y_ + 14, 12, theme_.dim, false,
             Anchor::end);
      text("softmax", weight_x() + 44, y_ + 14, 12, theme_.dim, false, Anchor::end);
    }
    y_ += 20;
  }

  void strip_row(const std::string& name, ConstView rows, Index row, float largest, bool strong) {
    text(shortened(name, kNames - 12, kTextSize), kFigurePadding, y_ + 16, kTextSize,
         strong ? theme_.accent : theme_.ink, strong);
    HeatMapItem map;
    map.at = {strip_x(), y_ + 2};
    map.cell_width = cell_;
    map.cell_height = kRow - 4;
    map.gap = cell_ >= 8 ? 1 : 0;
    map.values = rows.row(row);
    map.colors = colors_;
    map.lowest = -static_cast<double>(largest);
    map.highest = static_cast<double>(largest);
    map.ground = theme_.panel;
    if (cell_ >= 24)
      for (Index i = 0; i < map.values.cols(); ++i) {
        const double value = static_cast<double>(map.values(0, i));
        const Rgb cell = color_of(map.colors, place_on_scale(value, map.lowest, map.highest, map.scale));
        numbers_in_cells_.push_back(TextItem{fixed_number(value),
                                             {strip_x() + cell_ * (static_cast<double>(i) + 0.5), y_ + 15.5},
                                             largest < 10 ? kCellText : kCellText - 1.5,
                                             readable_on(cell),
                                             false,
                                             Anchor::middle});
      }
    figure_.items.emplace_back(std::move(map));
    for (TextItem& number : numbers_in_cells_) figure_.items.emplace_back(std::move(number));
    numbers_in_cells_.clear();
    y_ += kRow;
  }

  // The numbers of one key, beside the strip that comes next.
  void numbers(int key) {
    std::vector<double> values = {static_cast<double>(walk_.dots(key))};
    if (walk_.scale != 1) values.push_back(static_cast<double>(walk_.dots(key)) * walk_.scale);
    if (walk_.at.position.size() > 0) values.push_back(static_cast<double>(walk_.at.position(0, key)));
    if (values.size() < columns_.size()) values.push_back(static_cast<double>(walk_.at.scores(0, key)));
    const bool masked = !walk_.visible(key);
    for (std::size_t c = 0; c < values.size(); ++c) {
      const bool last = c + 1 == values.size();
      text(masked && last ? "−∞" : fixed_number(values[c]),
           numbers_x() + kNumber * static_cast<double>(c + 1), y_ + 16, kTextSize,
           last ? theme_.ink : theme_.dim, false, Anchor::end);
    }
    const double weight = static_cast<double>(walk_.at.weights(0, key));
    text(fixed_number(weight), weight_x() + 44, y_ + 16, kTextSize, theme_.ink, true, Anchor::end);
    figure_.items.emplace_back(
        RectangleItem{{weight_x() + 52, y_ + 5}, kBar, kRow - 10, theme_.background, std::nullopt});
    if (weight > 0)
      figure_.items.emplace_back(RectangleItem{
          {weight_x() + 52, y_ + 5}, std::max(1.0, kBar * weight), kRow - 10, theme_.accent, std::nullopt});
  }

  const HeadWalk& walk_;
  FigureTheme theme_;
  ColorMap colors_;
  Figure figure_;
  std::vector<std::string> names_;
  std::string query_;
  std::vector<int> keys_;
  std::vector<std::string> columns_;
  std::vector<TextItem> numbers_in_cells_;
  double cell_ = 0, strip_ = 0, y_ = 0;
};

}  // namespace

Figure steps_figure(const Trace& trace, const HeadId& head, int query, std::optional<int> key,
                    const FigureOptions& options) {
  const HeadWalk walk = walk_head(trace, head, std::max(0, query), key.value_or(-1));
  return StepsFigure(trace, walk, options).draw(trace, options);
}

}  // namespace attn

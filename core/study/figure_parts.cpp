#include "core/study/figure_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/text/tokenizer.h"
#include "core/text/unicode.h"

namespace attn {

std::string cell_number(double value) {
  std::array<char, 32> buffer;
  const double size = std::abs(value);
  std::snprintf(buffer.data(), buffer.size(), size < 0.995 ? "%.2f" : size < 9.95 ? "%.1f" : "%.0f", size);
  std::string digits = buffer.data();
  if (digits.starts_with("0.")) digits.erase(0, 1);
  const bool negative = value < 0 && digits != ".00";
  return (negative ? "−" : "") + digits;
}

std::vector<std::string> wrap(const std::string& text, double width, double size) {
  // The smallest pieces that may not be broken: words, and single characters of scripts without spaces.
  std::vector<std::string> pieces(1);
  for (std::size_t i = 0; i < text.size();) {
    const unicode::CodePoint c = unicode::decode(text, i);
    const bool alone = unicode::is_unspaced_script(c.value);
    if (alone && !pieces.back().empty()) pieces.emplace_back();
    pieces.back() += text.substr(i, c.length);
    i += c.length;
    constexpr std::size_t kLongWord = 16;  // paths are broken behind a slash, "</s>" is not
    const bool slash = c.value == U'/' && pieces.back().size() > kLongWord;
    if (alone || c.value == U' ' || slash) pieces.emplace_back();
  }
  std::vector<std::string> lines(1);
  for (const std::string& piece : pieces) {
    if (!lines.back().empty() && text_width(lines.back() + piece, size) > width) lines.emplace_back();
    if (!(lines.back().empty() && piece == " ")) lines.back() += piece;
  }
  return lines;
}

double reading_size(const std::string& text, double size) {
  constexpr double kLeastHan = 13;
  for (std::size_t i = 0; i < text.size();) {
    const unicode::CodePoint c = unicode::decode(text, i);
    if (unicode::is_unspaced_script(c.value)) return std::max(size, kLeastHan);
    i += c.length;
  }
  return size;
}

std::string shortened(const std::string& text, double width, double size) {
  if (text_width(text, size) <= width) return text;
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    const unicode::CodePoint c = unicode::decode(text, i);
    const std::string longer = kept + text.substr(i, c.length);
    if (text_width(longer + "…", size) > width) break;
    kept = longer;
    i += c.length;
  }
  return kept + "…";
}

void add_caption(Figure& figure, const std::string& caption, const FigureTheme& theme) {
  figure.title = caption;
  const double size = reading_size(caption, 12), line_height = size * 1.5;
  double y = figure.height + size;
  for (const std::string& line : wrap(caption, figure.width - 2 * kFigurePadding, size)) {
    figure.items.emplace_back(TextItem{line, {kFigurePadding, y}, size, theme.dim});
    y += line_height;
  }
  figure.height = std::ceil(y - line_height + kFigurePadding);
}

void add_color_bar(Figure& figure, Point at, double height, double lowest, const FigureOptions& options,
                   const FigureTheme& theme) {
  constexpr double kWidth = 10;
  constexpr Index kSteps = 128;
  HeatMapItem bar;
  bar.at = at;
  bar.cell_width = kWidth;
  bar.cell_height = height / static_cast<double>(kSteps);
  bar.colors = options.colors;
  bar.values.resize(kSteps, 1);
  for (Index i = 0; i < kSteps; ++i)
    bar.values(i, 0) = 1 - (static_cast<float>(i) + 0.5f) / static_cast<float>(kSteps);
  figure.items.emplace_back(bar);

  std::vector<double> ticks;
  if (options.scale == ColorScale::logarithmic)
    for (double tick = 1; tick > 2e-4; tick /= 10) ticks.push_back(options.highest * tick);
  else
    for (int i = 0; i <= 4; ++i) ticks.push_back(lowest + (options.highest - lowest) * i / 4);
  for (const double tick : ticks) {
    const double y = at.y + height * (1 - place_on_scale(tick, lowest, options.highest, options.scale));
    std::array<char, 32> label;
    std::snprintf(label.data(), label.size(), "%.3g", tick);
    figure.items.emplace_back(LineItem{{at.x + kWidth, y}, {at.x + kWidth + 4, y}, theme.dim, 1});
    figure.items.emplace_back(TextItem{label.data(), {at.x + kWidth + 8, y + 4}, 11, theme.dim});
  }
}

Matrix causal_visibility(const HeadWeights& weights) {
  const Index n = weights.rows();
  if (n < 2 || weights.cols() != n) return {};
  Matrix visible = Matrix::Ones(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = i + 1; j < n; ++j) {
      if (weights.at(i, j) != 0) return {};
      visible(i, j) = 0;
    }
  return visible;
}

Matrix max_pooled(const Matrix& values, Index most) {
  const Index rows = std::min(values.rows(), most), cols = std::min(values.cols(), most);
  if (rows == values.rows() && cols == values.cols()) return values;
  Matrix pooled = Matrix::Zero(rows, cols);
  for (Index i = 0; i < values.rows(); ++i)
    for (Index j = 0; j < values.cols(); ++j) {
      float& cell = pooled(i * rows / values.rows(), j * cols / values.cols());
      if (std::abs(values(i, j)) > std::abs(cell)) cell = values(i, j);
    }
  return pooled;
}

std::vector<std::string> pooled_names(const std::vector<std::string>& names, Index most) {
  const auto n = static_cast<Index>(names.size());
  if (n <= most) return names;
  std::vector<std::string> left(static_cast<std::size_t>(most));
  for (Index i = n - 1; i >= 0; --i)
    left[static_cast<std::size_t>(i * most / n)] = names[static_cast<std::size_t>(i)];
  return left;
}

}  // namespace attn

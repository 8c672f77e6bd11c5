#include "app/gl/heatmap_stack.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "core/math/error.h"

namespace attn::gl {
namespace {

int level_count(int rows, int columns) {
  int levels = 1;
  for (int size = std::max(rows, columns); size > 1; size /= 2) ++levels;
  return levels;
}

// The one that a viewer must not miss.
float stronger(float a, float b) {
  return std::isnan(a) || std::abs(b) > std::abs(a) ? b : a;
}

// As halve() where both sizes are even, as those of long texts' first levels mostly are: first rows in pairs,
// then columns, which is several times faster.
std::vector<float> halve_even(const std::vector<float>& from, int columns, int half_rows, int half_columns) {
  std::vector<float> out(static_cast<std::size_t>(half_rows) * static_cast<std::size_t>(half_columns));
  std::vector<float> pair(static_cast<std::size_t>(columns));
  for (int r = 0; r < half_rows; ++r) {
    const float* upper = from.data() + static_cast<std::size_t>(2 * r) * static_cast<std::size_t>(columns);
    const float* lower = upper + columns;
    for (int c = 0; c < columns; ++c) pair[static_cast<std::size_t>(c)] = stronger(upper[c], lower[c]);
    float* row = out.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(half_columns);
    for (int c = 0; c < half_columns; ++c)
      row[c] = stronger(pair[static_cast<std::size_t>(2 * c)], pair[static_cast<std::size_t>(2 * c + 1)]);
  }
  return out;
}

std::vector<float> halve(const std::vector<float>& from, int rows, int columns, int half_rows,
                         int half_columns) {
  if (rows == 2 * half_rows && columns == 2 * half_columns)
    return halve_even(from, columns, half_rows, half_columns);
  std::vector<float> out(static_cast<std::size_t>(half_rows) * static_cast<std::size_t>(half_columns));
  for (int r = 0; r < half_rows; ++r) {
    const int first_row = r * rows / half_rows, end_row = ((r + 1) * rows + half_rows - 1) / half_rows;
    for (int c = 0; c < half_columns; ++c) {
      const int first = c * columns / half_columns;
      const int end = ((c + 1) * columns + half_columns - 1) / half_columns;
      float strongest = std::nanf("");
      for (int i = first_row; i < end_row; ++i)
        for (int j = first; j < end; ++j)
          strongest =
              stronger(strongest, from[static_cast<std::size_t>(i) * static_cast<std::size_t>(columns) +
                                       static_cast<std::size_t>(j)]);
      out[static_cast<std::size_t>(r) * static_cast<std::size_t>(half_columns) +
          static_cast<std::size_t>(c)] = strongest;
    }
  }
  return out;
}

}  // namespace

std::vector<std::vector<float>> max_pooled_levels(ConstView values) {
  int rows = static_cast<int>(values.rows()), columns = static_cast<int>(values.cols());
  std::vector<std::vector<float>> levels(1);
  levels[0].reserve(static_cast<std::size_t>(values.size()));
  for (Index r = 0; r < values.rows(); ++r) {
    const float* row = values.data() + r * values.outerStride();
    levels[0].insert(levels[0].end(), row, row + values.cols());
  }
  while (rows > 1 || columns > 1) {
    const int half_rows = std::max(1, rows / 2), half_columns = std::max(1, columns / 2);
    levels.push_back(halve(levels.back(), rows, columns, half_rows, half_columns));
    rows = half_rows;
    columns = half_columns;
  }
  return levels;
}

HeatmapStack::HeatmapStack(int rows, int columns, int layers) {
  assert(rows >= 1 && columns >= 1 && layers >= 1);
  GLint longest = 0, most_layers = 0;
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &longest);
  glGetIntegerv(GL_MAX_ARRAY_TEXTURE_LAYERS, &most_layers);
  if (rows > longest || columns > longest)
    throw Error("This graphics driver draws at most " + std::to_string(longest) +
                " tokens in a map; shorten the text.");
  if (layers > most_layers)
    throw Error("This graphics driver draws at most " + std::to_string(most_layers) + " heads at once.");
  texture_ = FloatStack(rows, columns, layers, level_count(rows, columns));
}

void HeatmapStack::set(int layer, ConstView values, bool per_row) {
  assert(values.rows() == rows() && values.cols() == columns() && layer >= 0 && layer < layers());
  Matrix scaled;
  if (per_row) {
    scaled = values;
    for (Index r = 0; r < scaled.rows(); ++r) {
      float largest = 0;
      for (Index c = 0; c < scaled.cols(); ++c) largest = std::abs(stronger(largest, scaled(r, c)));
      if (largest > 0) scaled.row(r) /= largest;
    }
  }
  const auto levels = max_pooled_levels(per_row ? as_const(view(scaled)) : values);
  for (std::size_t level = 0; level < levels.size(); ++level)
    texture_.upload(layer, static_cast<int>(level), levels[level].data());
}

}  // namespace attn::gl

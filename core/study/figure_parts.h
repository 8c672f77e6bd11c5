#pragma once

#include <string>
#include <vector>

#include "core/study/figure_views.h"

// What the figure builders share. Only they include this.
namespace attn {

constexpr double kFigurePadding = 24;

// ".28", "1.0"; "−.28" for signed values; at most four characters wide.
std::string cell_number(double value);

// Breaks text into lines no wider than `width`: at spaces, and between Han characters.
std::vector<std::string> wrap(const std::string& text, double width, double size);

// Han and kana are never set smaller than 13 pixels.
double reading_size(const std::string& text, double size);

// The text without its end, "…" in its place, where it is wider than `width`.
std::string shortened(const std::string& text, double width, double size);

// Adds the caption below everything and makes the figure tall enough for it.
void add_caption(Figure& figure, const std::string& caption, const FigureTheme& theme);

// A vertical bar with the colours of the map and what they mean. `at`: its upper left corner.
void add_color_bar(Figure& figure, Point at, double height, double lowest, const FigureOptions& options,
                   const FigureTheme& theme);

// [Tq, Tk] of 1 and 0 where a head never looks ahead (a causal mask), otherwise empty.
Matrix causal_visibility(const HeadWeights& weights);

// At most `most` rows and columns, each cell the value of largest size among those that it stands for (a
// weight that matters is never averaged away).
Matrix max_pooled(const Matrix& values, Index most);
// The names that are left when as many rows were pooled.
std::vector<std::string> pooled_names(const std::vector<std::string>& names, Index most);

}  // namespace attn

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/math/matrix.h"
#include "core/study/color_map.h"

namespace attn {

// A figure is a display list: what to draw, in the order to draw it, in pixels at 100 % with y downward. Back
// ends turn the same list into SVG, PDF and PNG, so that an export is what was seen. Figures are built by the
// functions of core/study/figure_views.h. Everything here is pure and safe from any thread.

struct Point {
  double x = 0, y = 0;
};

struct RectangleItem {
  Point at;  // upper left corner
  double width = 0, height = 0;
  std::optional<Rgb> fill, line;
  double line_width = 1;
  double radius = 0;  // of the corners
};

struct LineItem {
  Point from, to;
  Rgb color;
  double width = 1;
};

// A cubic Bézier curve from → to, round ends.
struct CurveItem {
  Point from, control_from, control_to, to;
  Rgb color;
  double width = 1;
  double opacity = 1;  // 0 … 1
};

enum class Anchor { start, middle, end };

struct TextItem {
  std::string text;  // UTF-8, one line
  Point at;          // on the base line
  double size = 12;  // pixels
  Rgb color;
  bool bold = false;
  Anchor anchor = Anchor::start;
  double rotation = 0;  // degrees counter-clockwise around `at`
};

// A matrix as coloured cells, row 0 on top. Numbers in cells are TextItems of their own.
struct HeatMapItem {
  Point at;
  double cell_width = 1, cell_height = 1;
  double gap = 0;  // pixels left free between cells, to the right and below
  Matrix values;   // not-a-number: no cell is drawn there
  Matrix visible;  // same shape, or empty: all. 0: masked
  ColorMap colors = ColorMap::cividis;
  double lowest = 0, highest = 1;  // what the two ends of the colour map mean
  ColorScale scale = ColorScale::linear;
  bool hatched = true;        // false: masked cells are plain (thumbnails)
  Rgb hatch{};                // the lines in masked cells
  Rgb masked{};               // the ground under those lines
  Rgb ground{255, 255, 255};  // what lies behind the map and shows in the gaps
};

using FigureItem = std::variant<RectangleItem, LineItem, CurveItem, TextItem, HeatMapItem>;

struct Figure {
  double width = 0, height = 0;
  Rgb background{255, 255, 255};
  std::string title;  // metadata of the file; nothing is drawn
  std::vector<FigureItem> items;
};

// Families asked for, in this order, by every back end.
constexpr const char* kFigureFonts = "Noto Sans CJK SC, Noto Sans, DejaVu Sans, sans-serif";
// Proportional punctuation: otherwise a Han face sets "·" and quotation marks as wide as a character.
constexpr const char* kFigureFontFeatures = "\"palt\"";

// Width in pixels that a back end will give this text.
double text_width(const std::string& text, double size, bool bold = false);

// Real text; heat maps as embedded PNG with one pixel a cell.
std::string to_svg(const Figure& figure);
// One page, real text that can be searched and copied, vector shapes.
std::string to_pdf(const Figure& figure);
// scale 2: two pixels for each pixel at 100 %. Throws Error when the picture would be larger than 32,767
// pixels a side (what the format's readers take) or more than memory allows.
std::string to_png(const Figure& figure, double scale = 2);

// Writes what the ending of the path asks for (.svg, .pdf, .png), whole or not at all. Throws Error naming
// the path when the ending is another or the file cannot be written.
void save_figure(const Figure& figure, const std::filesystem::path& path, double png_scale = 2);

}  // namespace attn

#pragma once

#include <array>
#include <cstdint>

namespace attn {

// The one definition of every colour map: figures interpolate these tables on the CPU, and the window's
// shader samples the same tables as a texture, so that an export has the colours that were on the screen.

enum class ColorMap {
  cividis,         // near-identical for normal and red-green deficient viewers (Nuñez et al. 2018)
  white_to_dark,   // darker is more, for projectors and light themes (ColorBrewer "Blues", Brewer 2003)
  viridis,         // (Smith & van der Walt 2015)
  diverging,       // blue - white - orange for signed values; 0.5 is white (ColorBrewer "Blues", "Oranges")
  diverging_dark,  // the same for dark grounds: 0.5 is the dark theme's panel, lighter is more
};

struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Rgb&) const = default;
};

constexpr int kColorMapSize = 33;

// Colours at t = 0, 1/32, …, 1. Between them, interpolate linearly; a texture of 33 texels with linear
// filtering, read at (32 t + 0.5) / 33, does the same.
const std::array<Rgb, kColorMapSize>& color_table(ColorMap map);

// sRGB in [0, 1] at t in [0, 1] (clamped; not-a-number counts as 0). The shader's version agrees with it.
std::array<float, 3> color_at(ColorMap map, float t);
// The same, rounded to bytes.
Rgb color_of(ColorMap map, double t);

// The map of signed values on a light or a dark ground.
ColorMap signed_map(bool dark);

// How a weight becomes a place in a colour map.
enum class ColorScale { linear, square_root, logarithmic };

// A value of lowest … highest as 0 … 1. Logarithmic spans four decades: everything below highest / 10⁴ is 0.
// Lowest must be below highest, otherwise the result is 0.
double place_on_scale(double value, double lowest, double highest, ColorScale scale);

// WCAG 2 relative luminance, 0 … 1.
double luminance(Rgb color);
// Black or white, whichever is easier to read on `background`.
Rgb readable_on(Rgb background);

}  // namespace attn

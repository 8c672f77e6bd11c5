#pragma once

#include <array>

namespace attn {

enum class ColorMap {
  cividis,        // near-identical for normal and red-green deficient viewers (Nuñez et al. 2018)
  white_to_dark,  // darker is more, for projectors and light themes
  viridis,
  diverging,  // blue - white - orange for signed values; 0.5 is white
};

// sRGB in [0, 1] at t in [0, 1]. The shader's version agrees with it.
std::array<float, 3> color_at(ColorMap map, float t);

}  // namespace attn

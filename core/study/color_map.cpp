#include "core/study/color_map.h"

#include <algorithm>
#include <cmath>

namespace attn {

namespace {

constexpr Rgb rgb(std::uint32_t hex) {
  return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8),
          static_cast<std::uint8_t>(hex)};
}

constexpr std::array<Rgb, kColorMapSize> from_hex(const std::array<std::uint32_t, kColorMapSize>& hex) {
  std::array<Rgb, kColorMapSize> table;
  for (std::size_t i = 0; i < hex.size(); ++i) table[i] = rgb(hex[i]);
  return table;
}

constexpr auto kCividis = from_hex({
    0x00224e, 0x00285b, 0x002e6a, 0x043370, 0x1a386f, 0x273e6e, 0x31436d, 0x3b496c, 0x434e6c,
    0x4b546c, 0x52596d, 0x5a5f6e, 0x61656f, 0x686a71, 0x6f7073, 0x757676, 0x7c7b78, 0x848179,
    0x8b8778, 0x938d78, 0x9b9376, 0xa39a75, 0xaba072, 0xb3a670, 0xbbad6c, 0xc3b469, 0xccba64,
    0xd4c15f, 0xddc958, 0xe6d051, 0xefd747, 0xf8df3c, 0xfee838,
});

constexpr auto kWhiteToDark = from_hex({
    0xffffff, 0xf7fafd, 0xeef5fb, 0xe6f0f9, 0xdeebf7, 0xd8e7f5, 0xd2e3f3, 0xccdff1, 0xc6dbef,
    0xbcd7eb, 0xb2d2e8, 0xa8cee4, 0x9ecae1, 0x91c3de, 0x84bcdc, 0x78b5d9, 0x6baed6, 0x61a7d2,
    0x56a0ce, 0x4c99ca, 0x4292c6, 0x3a8ac2, 0x3282be, 0x2979b9, 0x2171b5, 0x1b69af, 0x1461a9,
    0x0e59a2, 0x08519c, 0x084990, 0x084084, 0x083877, 0x08306b,
});

constexpr auto kViridis =
    from_hex({0x440154, 0x450c5e, 0x461769, 0x482273, 0x462c7a, 0x44367f, 0x424085, 0x3f4988, 0x3b528a,
              0x375a8c, 0x34628d, 0x306a8d, 0x2d728e, 0x297a8e, 0x27818d, 0x24898d, 0x21918c, 0x21988a,
              0x229f87, 0x22a784, 0x2bae7f, 0x35b579, 0x40bc72, 0x4ec26a, 0x5fc860, 0x70ce57, 0x82d34c,
              0x97d73e, 0xacdc31, 0xc1e026, 0xd5e226, 0xe9e425, 0xfde725});

constexpr auto kDiverging = from_hex({
    0x08519c, 0x1560a6, 0x2270b1, 0x2e7fbb, 0x408dc3, 0x529bcb, 0x64a8d3, 0x75b3d8, 0x84bcdc,
    0x94c5df, 0xa3cce3, 0xb0d1e7, 0xbcd7eb, 0xcaddf0, 0xdbe8f5, 0xedf4fa, 0xffffff, 0xfef0e2,
    0xfee2c5, 0xfdd3a8, 0xfdc894, 0xfdbd83, 0xfdb272, 0xfda862, 0xfd9e54, 0xfd9345, 0xfa8636,
    0xf37427, 0xec6319, 0xe2530c, 0xce4909, 0xba4006, 0xa63603,
});

constexpr auto kDivergingDark = from_hex({
    0xb0d1e7, 0x98c4e0, 0x81b6d9, 0x6aa8d2, 0x529bcb, 0x4690c4, 0x3a86be, 0x2e7bb8, 0x2270b1,
    0x20649e, 0x1e588c, 0x1d4d79, 0x1b4166, 0x1b3957, 0x1a3048, 0x1a2838, 0x1a2029, 0x2a2423,
    0x3a291e, 0x4a2e18, 0x5a3212, 0x6e3a11, 0x814210, 0x944a0e, 0xa8520d, 0xba5e16, 0xcd6b20,
    0xe07829, 0xf28432, 0xf59850, 0xf8ac6d, 0xfabf8a, 0xfdd3a8,
});

}  // namespace

const std::array<Rgb, kColorMapSize>& color_table(ColorMap map) {
  switch (map) {
    case ColorMap::cividis:
      return kCividis;
    case ColorMap::white_to_dark:
      return kWhiteToDark;
    case ColorMap::viridis:
      return kViridis;
    case ColorMap::diverging:
      return kDiverging;
    case ColorMap::diverging_dark:
      return kDivergingDark;
  }
  return kCividis;
}

std::array<float, 3> color_at(ColorMap map, float t) {
  const auto& table = color_table(map);
  const float place = (t > 0 ? std::min(t, 1.0f) : 0.0f) * (kColorMapSize - 1);
  const auto below = static_cast<std::size_t>(std::min(place, kColorMapSize - 2.0f));
  const float part = place - static_cast<float>(below);
  const auto mix = [part](int a, int b) {
    return (static_cast<float>(a) + part * static_cast<float>(b - a)) / 255.0f;
  };
  const Rgb a = table[below], b = table[below + 1];
  return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
}

Rgb color_of(ColorMap map, double t) {
  const std::array<float, 3> color = color_at(map, static_cast<float>(t));
  const auto byte = [](float channel) { return static_cast<std::uint8_t>(std::lround(channel * 255.0f)); };
  return {byte(color[0]), byte(color[1]), byte(color[2])};
}

ColorMap signed_map(bool dark) {
  return dark ? ColorMap::diverging_dark : ColorMap::diverging;
}

double place_on_scale(double value, double lowest, double highest, ColorScale scale) {
  if (!(lowest < highest) || !(value > lowest)) return 0;
  const double t = std::min((value - lowest) / (highest - lowest), 1.0);
  constexpr double kDecades = 4;
  switch (scale) {
    case ColorScale::linear:
      return t;
    case ColorScale::square_root:
      return std::sqrt(t);
    case ColorScale::logarithmic:
      return std::max(0.0, 1 + std::log10(t) / kDecades);
  }
  return t;
}

double luminance(Rgb color) {
  const auto linear = [](std::uint8_t channel) {
    const double c = channel / 255.0;
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
}

Rgb readable_on(Rgb background) {
  const double l = luminance(background);
  return (1.05 / (l + 0.05)) > ((l + 0.05) / 0.05) ? Rgb{255, 255, 255} : Rgb{0, 0, 0};
}

}  // namespace attn

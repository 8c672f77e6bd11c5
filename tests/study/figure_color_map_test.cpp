#include <gtest/gtest.h>

#include <cmath>

#include "core/study/color_map.h"

namespace attn {
namespace {

TEST(ColorMap, CividisBeginsAndEndsAsPublished) {
  // Nuñez, Anderton & Renslow 2018: #00224e to #fee838, middle #7c7b78.
  EXPECT_EQ(color_of(ColorMap::cividis, 0), (Rgb{0x00, 0x22, 0x4e}));
  EXPECT_EQ(color_of(ColorMap::cividis, 0.5), (Rgb{0x7c, 0x7b, 0x78}));
  EXPECT_EQ(color_of(ColorMap::cividis, 1), (Rgb{0xfe, 0xe8, 0x38}));
}

TEST(ColorMap, WeightsGrowLighterOrDarkerAllTheWay) {
  for (int i = 1; i <= 256; ++i) {
    EXPECT_GE(luminance(color_of(ColorMap::cividis, i / 256.0)) + 2e-3,
              luminance(color_of(ColorMap::cividis, (i - 1) / 256.0)));
    EXPECT_LE(luminance(color_of(ColorMap::white_to_dark, i / 256.0)),
              luminance(color_of(ColorMap::white_to_dark, (i - 1) / 256.0)) + 2e-3);
  }
}

TEST(ColorMap, ZeroOfTheSignedMapIsWhite) {
  EXPECT_EQ(color_of(ColorMap::diverging, 0.5), (Rgb{255, 255, 255}));
  EXPECT_GT(color_of(ColorMap::diverging, 0.1).b, color_of(ColorMap::diverging, 0.1).r);
  EXPECT_GT(color_of(ColorMap::diverging, 0.9).r, color_of(ColorMap::diverging, 0.9).b);
}

TEST(ColorMap, OnDarkGroundsASignedNumberGrowsLighterAwayFromZeroOnBothSides) {
  for (const double side : {-0.5, 0.5})
    for (int i = 1; i <= 64; ++i)
      EXPECT_GT(luminance(color_of(signed_map(true), 0.5 + side * i / 64)),
                luminance(color_of(signed_map(true), 0.5 + side * (i - 1) / 64)) - 1e-4);
  EXPECT_LT(luminance(color_of(signed_map(true), 0.5)), 0.02);
  EXPECT_GT(color_of(signed_map(true), 0.1).b, color_of(signed_map(true), 0.1).r);
  EXPECT_GT(color_of(signed_map(true), 0.9).r, color_of(signed_map(true), 0.9).b);
}

TEST(ColorMap, TakesAnyNumber) {
  EXPECT_EQ(color_of(ColorMap::cividis, -3), color_of(ColorMap::cividis, 0));
  EXPECT_EQ(color_of(ColorMap::cividis, 7), color_of(ColorMap::cividis, 1));
  EXPECT_EQ(color_of(ColorMap::cividis, std::nan("")), color_of(ColorMap::cividis, 0));
}

TEST(ColorScale, LogarithmSpansFourDecades) {
  EXPECT_DOUBLE_EQ(place_on_scale(1, 0, 1, ColorScale::logarithmic), 1);
  EXPECT_NEAR(place_on_scale(0.01, 0, 1, ColorScale::logarithmic), 0.5, 1e-12);
  EXPECT_EQ(place_on_scale(1e-5, 0, 1, ColorScale::logarithmic), 0);
  EXPECT_EQ(place_on_scale(0.25, 0, 1, ColorScale::square_root), 0.5);
  EXPECT_EQ(place_on_scale(2, 1, 1, ColorScale::linear), 0) << "an empty range has no places";
}

TEST(ReadableOn, ChoosesTheInkThatCanBeRead) {
  EXPECT_EQ(readable_on(color_of(ColorMap::cividis, 0)), (Rgb{255, 255, 255}));
  EXPECT_EQ(readable_on(color_of(ColorMap::cividis, 1)), (Rgb{0, 0, 0}));
}

}  // namespace
}  // namespace attn

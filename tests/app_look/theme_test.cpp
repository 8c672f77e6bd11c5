#include "app/look/theme.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attn::app {
namespace {

class EachTheme : public testing::TestWithParam<ThemeName> {
 protected:
  Theme theme_ = make_theme(GetParam());
};

TEST_P(EachTheme, TextIsReadableOnWhatItStandsOn) {
  const Theme& t = theme_;
  for (const Colour ground : {t.panel, t.background, t.hover, t.accent_soft})
    EXPECT_GE(contrast(t.ink, ground), 4.5f);
  for (const Colour ground : {t.panel, t.background, t.hover, t.accent_soft, t.warn_soft, t.hatch_ground})
    EXPECT_GE(contrast(t.dim, ground), 4.5f);
  for (const Colour ground : {t.panel, t.background, t.hover}) {
    EXPECT_GE(contrast(t.accent, ground), 4.5f);
    EXPECT_GE(contrast(t.warn, ground), 4.5f);
  }
  EXPECT_GE(contrast(t.accent, t.accent_soft), 4.5f);
  EXPECT_GE(contrast(t.on_accent, t.accent), 4.5f);
  EXPECT_GE(contrast(t.warn, t.warn_soft), 4.5f);
  EXPECT_GE(contrast(t.ink, t.warn_soft), 4.5f);
}

TEST_P(EachTheme, LinksStandOutFromThePanel) {
  for (const Colour hue : theme_.hues) EXPECT_GE(contrast(hue, theme_.panel), 3.0f);
}

// Distances in CIE L*a*b*; 20 is told apart at a glance.
TEST_P(EachTheme, NoTwoHuesLookAlike) {
  const auto lab = [](Colour c) {
    const auto linear = [&](int shift) {
      const double v = ((c >> shift) & 255) / 255.0;
      return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    const double r = linear(IM_COL32_R_SHIFT), g = linear(IM_COL32_G_SHIFT), b = linear(IM_COL32_B_SHIFT);
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116.0; };
    const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    const double y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const double z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    return std::array<double, 3>{116 * y - 16, 500 * (x - y), 200 * (y - z)};
  };
  for (std::size_t i = 0; i < theme_.hues.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto a = lab(theme_.hues[i]), b = lab(theme_.hues[j]);
      EXPECT_GE(std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]), 20.0) << i << " and " << j;
    }
}

INSTANTIATE_TEST_SUITE_P(Theme, EachTheme,
                         testing::Values(ThemeName::light, ThemeName::dark, ThemeName::high_contrast),
                         [](const auto& theme) {
                           return std::string(theme.param == ThemeName::light  ? "Light"
                                              : theme.param == ThemeName::dark ? "Dark"
                                                                               : "HighContrast");
                         });

TEST(Contrast, IsThatOfTheWebGuidelines) {
  EXPECT_NEAR(contrast(rgb(0x000000), rgb(0xffffff)), 21.0f, 1e-3f);
  EXPECT_NEAR(contrast(rgb(0x767676), rgb(0xffffff)), 4.54f, 0.01f);  // the known darkest passing grey
  EXPECT_NEAR(contrast(rgb(0xff0000), rgb(0xffffff)), 4.0f, 0.01f);
}

}  // namespace
}  // namespace attn::app

#include "app/gl/heatmap_renderer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include "app/widgets/widgets.h"
#include "app/window/window.h"
#include "core/math/error.h"

namespace attn::gl {
namespace {

constexpr float kMasked = std::numeric_limits<float>::quiet_NaN();

TEST(MaxPooling, LosesNoMaximumAtAnySize) {
  std::mt19937 random(3);
  for (const auto& [rows, columns] : {std::pair{1, 1}, {2, 3}, {7, 7}, {64, 64}, {33, 5}, {1, 100}}) {
    Matrix values = Matrix::Constant(rows, columns, 0.25f);
    const int r = std::uniform_int_distribution<int>(0, rows - 1)(random);
    const int c = std::uniform_int_distribution<int>(0, columns - 1)(random);
    values(r, c) = 0.75f;
    for (const auto& level : max_pooled_levels(view(std::as_const(values))))
      EXPECT_EQ(*std::max_element(level.begin(), level.end()), 0.75f) << rows << " x " << columns;
  }
}

TEST(MaxPooling, KeepsTheSignOfTheStrongestDifference) {
  Matrix values(2, 2);
  values << 0.1f, -0.9f, 0.5f, 0.2f;
  EXPECT_EQ(max_pooled_levels(view(std::as_const(values))).back(), std::vector<float>{-0.9f});
}

TEST(MaxPooling, IsMaskedOnlyWhereEverythingIsMasked) {
  Matrix values(2, 4);
  values << kMasked, kMasked, 0.0f, kMasked, kMasked, kMasked, kMasked, kMasked;
  const auto levels = max_pooled_levels(view(std::as_const(values)));
  ASSERT_EQ(levels[1].size(), 2u);
  EXPECT_TRUE(std::isnan(levels[1][0]));
  EXPECT_EQ(levels[1][1], 0.0f);
}

TEST(HeatmapLook, PutsTheEndsOfTheRangeAtTheEndsOfTheMap) {
  for (const auto scale :
       {app::ValueScale::linear, app::ValueScale::square_root, app::ValueScale::logarithmic}) {
    HeatmapLook look;
    look.low = 0.1f;
    look.high = 0.6f;
    look.scale = scale;
    EXPECT_FLOAT_EQ(look.position(0.1f), 0.0f);
    EXPECT_FLOAT_EQ(look.position(0.6f), 1.0f);
    EXPECT_FLOAT_EQ(look.position(2.0f), 1.0f);
    EXPECT_LT(look.position(0.2f), look.position(0.3f));
  }
  HeatmapLook difference;
  difference.is_signed = true;
  difference.high = 0.5f;
  EXPECT_FLOAT_EQ(difference.position(0.0f), 0.5f);
  EXPECT_FLOAT_EQ(difference.position(-0.5f), 0.0f);
  EXPECT_FLOAT_EQ(difference.position(0.25f), 0.75f);
}

// A hidden window whose frame shows one heat map; skipped where there is no display.
class Drawn : public testing::Test {
 protected:
  void SetUp() override {
    try {
      window_.emplace(app::WindowOptions{.width = 320, .height = 320, .visible = false, .scripted = true});
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }
  // The picture of `stack` drawn over [0, side) × [0, side).
  Image draw(const HeatmapStack& stack, const HeatmapLook& look, float side, int layer = 0) {
    window_->want_frames(1);
    window_->turn(
        [&](app::Ui& ui) {
          const HeatmapQuad quad{ImVec2(0, 0), ImVec2(side, side), layer};
          ui.heatmaps.draw(*ImGui::GetWindowDrawList(), stack, look, std::array{quad});
        },
        true);
    return window_->picture();
  }
  static std::array<int, 3> pixel(const Image& image, int x, int y) {
    const std::uint8_t* at = image.rgba.data() + 4 * (y * image.width + x);
    return {at[0], at[1], at[2]};
  }
  std::optional<app::Window> window_;
};

TEST_F(Drawn, AgreesWithTheColoursOfTheProcessor) {
  const int n = 16;
  Matrix values(n, n);
  for (Index i = 0; i < values.size(); ++i)
    values.data()[i] = static_cast<float>(i) / static_cast<float>(n * n - 1);
  HeatmapStack stack(n, n, 2);
  stack.set(1, view(std::as_const(values)));
  for (const ColorMap map : {ColorMap::cividis, ColorMap::white_to_dark, ColorMap::viridis,
                             ColorMap::diverging, ColorMap::diverging_dark})
    for (const auto scale :
         {app::ValueScale::linear, app::ValueScale::square_root, app::ValueScale::logarithmic})
      for (const bool is_signed : {false, true}) {
        HeatmapLook look;
        look.map = map;
        look.low = 0.1f;
        look.high = 0.9f;
        look.scale = scale;
        look.is_signed = is_signed;
        look.gap[3] = 0;
        const Image image = draw(stack, look, 160, 1);
        for (Index r = 0; r < n; ++r)
          for (Index c = 0; c < n; ++c) {
            const auto shown = pixel(image, static_cast<int>(c) * 10 + 4, static_cast<int>(r) * 10 + 4);
            const auto meant = look.colour(values(r, c));
            for (std::size_t k = 0; k < 3; ++k)
              ASSERT_NEAR(shown[k], 255.0f * meant[k], 1.6f) << "value " << values(r, c) << " channel " << k;
          }
      }
}

TEST_F(Drawn, ASingleStrongCellIsSeenHoweverSmallTheMapIs) {
  Matrix values = Matrix::Zero(300, 300);
  values(217, 101) = 1.0f;
  HeatmapStack stack(300, 300, 1);
  stack.set(0, view(std::as_const(values)));
  for (const float side : {299.0f, 151.0f, 100.0f, 48.0f, 20.0f}) {
    const Image image = draw(stack, HeatmapLook{}, side);
    const auto strong = color_at(ColorMap::cividis, 1.0f);
    int seen = 0;
    for (int y = 0; y < static_cast<int>(side); ++y)
      for (int x = 0; x < static_cast<int>(side); ++x)
        if (std::abs(pixel(image, x, y)[0] - 255.0f * strong[0]) < 3) ++seen;
    EXPECT_GE(seen, 1) << side;
  }
}

TEST_F(Drawn, MaskedCellsAreHatchedAndZeroIsNot) {
  Matrix values(2, 2);
  values << 0.0f, kMasked, 1.0f, 0.5f;
  HeatmapStack stack(2, 2, 1);
  stack.set(0, view(std::as_const(values)));
  HeatmapLook look;
  look.hatch = {1, 0, 0};
  look.hatch_ground = {0, 1, 0};
  const Image image = draw(stack, look, 100);
  int stripes = 0, ground = 0;
  for (int y = 2; y < 48; ++y)
    for (int x = 52; x < 98; ++x) {
      const auto p = pixel(image, x, y);
      stripes += p == std::array{255, 0, 0};
      ground += p == std::array{0, 255, 0};
    }
  EXPECT_EQ(stripes + ground, 46 * 46);
  EXPECT_GT(stripes, 46 * 46 / 5);
  EXPECT_GT(ground, stripes);
  const auto zero = pixel(image, 25, 25);
  const auto dark = color_at(ColorMap::cividis, 0.0f);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(zero[k], 255.0f * dark[k], 1.6f);
}

TEST_F(Drawn, LargeCellsHaveAGapOfOnePixelAndSmallOnesNone) {
  HeatmapStack stack(10, 10, 1);
  const Matrix values = Matrix::Zero(10, 10);
  stack.set(0, view(values));
  HeatmapLook look;
  look.gap = {1, 0, 0, 1};
  const auto gaps_in_row = [&](float side) {
    const Image image = draw(stack, look, side);
    int gaps = 0;
    for (int x = 0; x < static_cast<int>(side); ++x) gaps += pixel(image, x, 2) == std::array{255, 0, 0};
    return gaps;
  };
  EXPECT_EQ(gaps_in_row(200), 10);
  EXPECT_EQ(gaps_in_row(60), 0);
}

TEST_F(Drawn, ManyMapsAreOneDrawCall) {
  HeatmapStack stack(4, 4, 144);
  for (int layer = 0; layer < 144; ++layer) {
    const Matrix values = Matrix::Constant(4, 4, static_cast<float>(layer) / 143.0f);
    stack.set(layer, view(values));
  }
  std::ptrdiff_t added = 0;
  HeatmapLook look;
  look.gap[3] = 0;
  window_->want_frames(1);
  window_->turn(
      [&](app::Ui& ui) {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        std::vector<HeatmapQuad> quads;
        for (int i = 0; i < 144; ++i) {
          const auto x = static_cast<float>(i % 12 * 20), y = static_cast<float>(i / 12 * 20);
          quads.push_back({ImVec2(x, y), ImVec2(x + 20, y + 20), i});
        }
        const auto draw_calls = [&] {
          return std::count_if(list.CmdBuffer.begin(), list.CmdBuffer.end(), [](const ImDrawCmd& command) {
            return command.UserCallback == nullptr && command.ElemCount > 0;
          });
        };
        const auto before = draw_calls();
        ui.heatmaps.draw(list, stack, look, quads);
        added = draw_calls() - before;
      },
      true);
  EXPECT_EQ(added, 1);
  const Image image = window_->picture();
  for (const int layer : {0, 1, 77, 143}) {
    const auto shown = pixel(image, layer % 12 * 20 + 10, layer / 12 * 20 + 10);
    const auto meant = look.colour(static_cast<float>(layer) / 143.0f);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(shown[k], 255.0f * meant[k], 1.6f) << layer;
  }
}

TEST_F(Drawn, PerRowDividesEachRowByItsLargest) {
  Matrix values(2, 2);
  values << 0.1f, 0.2f, 0.9f, 0.45f;
  HeatmapStack stack(2, 2, 1);
  stack.set(0, view(std::as_const(values)), true);
  HeatmapLook look;
  look.gap[3] = 0;
  const Image image = draw(stack, look, 40);
  EXPECT_EQ(pixel(image, 30, 10), pixel(image, 10, 30));  // both rows' largest
  EXPECT_EQ(pixel(image, 10, 10), pixel(image, 30, 30));  // both half of it
}

TEST_F(Drawn, RefusesMoreThanTheDriverCanHold) {
  EXPECT_THROW(HeatmapStack(1 << 20, 4, 1), Error);
  EXPECT_THROW(HeatmapStack(4, 4, 1 << 20), Error);
}

TEST_F(Drawn, APictureGoesToAFileAndAWrongPathIsNamed) {
  const std::string path = testing::TempDir() + "attn_picture.png";
  window_->want_frames(1);
  window_->turn([](app::Ui&) {}, true);
  EXPECT_NO_THROW(window_->screenshot(path));
  try {
    window_->screenshot("/no/such/folder/x.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder/x.png"), std::string::npos);
  }
}

}  // namespace
}  // namespace attn::gl

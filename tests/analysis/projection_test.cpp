#include "core/analysis/projection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hand_made_trace.h"

namespace attn {
namespace {

// Worked by hand: (0,0), (2,0), (0,1), (2,1) have the mean (1, ½); centred they are (∓1, ∓½). The spread is
// 4 · 1 along x and 4 · ¼ along y, so x comes first, and the plane shows all of it.
TEST(Projection, FindsTheAxesOfARectangleTheLongerOneFirst) {
  const Matrix corners = matrix_of({{0, 0}, {2, 0}, {0, 1}, {2, 1}});
  const PlaneProjection seen = project_to_plane(view(corners));
  for (Index i = 0; i < 4; ++i) {
    EXPECT_NEAR(std::abs(seen.points(i, 0)), 1.0f, 1e-6f);
    EXPECT_NEAR(std::abs(seen.points(i, 1)), 0.5f, 1e-6f);
  }
  EXPECT_NEAR(seen.points(0, 0), -seen.points(1, 0), 1e-6f);
  EXPECT_NEAR(seen.points(0, 0), seen.points(2, 0), 1e-6f);
  EXPECT_NEAR(seen.share, 1.0f, 1e-6f);
}

// The same rectangle turned by the Pythagorean angle (3, 4, 5) and lifted into three dimensions, with a third
// direction of spread 4 · 0.01: distances stay, and the plane shows 5 / 5.04 of it.
TEST(Projection, SeesTheSameShapeHoweverItIsTurnedAndSaysWhatItLeavesOut) {
  Matrix corners(4, 3);
  const float along[4] = {-1, 1, -1, 1}, across[4] = {-0.5f, -0.5f, 0.5f, 0.5f},
              depth[4] = {0.1f, -0.1f, -0.1f, 0.1f};
  for (Index i = 0; i < 4; ++i) {
    corners(i, 0) = 0.6f * along[i] - 0.8f * across[i] + 7;
    corners(i, 1) = 0.8f * along[i] + 0.6f * across[i] - 3;
    corners(i, 2) = depth[i];
  }
  const PlaneProjection seen = project_to_plane(view(std::as_const(corners)));
  EXPECT_NEAR((seen.points.row(0) - seen.points.row(1)).norm(), 2.0f, 1e-4f);
  EXPECT_NEAR((seen.points.row(0) - seen.points.row(2)).norm(), 1.0f, 1e-4f);
  EXPECT_NEAR(seen.share, 5.0f / 5.04f, 1e-5f);
}

TEST(Projection, PointsAboveAndBelowTheDimensionGiveTheSameAxes) {
  // Four points of a line in two dimensions, then two of them in five dimensions.
  const Matrix line = matrix_of({{1, 1}, {2, 2}, {3, 3}, {4, 4}});
  const PlaneProjection seen = project_to_plane(view(line));
  EXPECT_NEAR((seen.points.row(3) - seen.points.row(0)).norm(), 3 * std::sqrt(2.0f), 1e-5f);
  EXPECT_NEAR(seen.points.col(1).norm(), 0.0f, 1e-5f);
  const Matrix two = matrix_of({{0, 0, 0, 0, 3}, {0, 0, 0, 4, 0}});
  const PlaneProjection pair = project_to_plane(view(two));
  EXPECT_NEAR((pair.points.row(1) - pair.points.row(0)).norm(), 5.0f, 1e-5f);
}

TEST(Projection, OnePointAndEqualPointsLieInTheMiddle) {
  const Matrix same = matrix_of({{2, 3}, {2, 3}, {2, 3}});
  EXPECT_EQ(project_to_plane(view(same)).points.norm(), 0.0f);
  const Matrix one = matrix_of({{2, 3, 4}});
  EXPECT_EQ(project_to_plane(view(one)).points.norm(), 0.0f);
}

TEST(CosineSimilarities, AreThoseOfTheAnglesWhateverTheLengths) {
  const Matrix rows = matrix_of({{2, 0}, {1, 1}, {0, -3}, {0, 0}});
  const Matrix alike = cosine_similarities(view(rows));
  EXPECT_NEAR(alike(0, 0), 1.0f, 1e-6f);
  EXPECT_NEAR(alike(0, 1), std::sqrt(0.5f), 1e-6f);
  EXPECT_NEAR(alike(1, 2), -std::sqrt(0.5f), 1e-6f);
  EXPECT_NEAR(alike(0, 2), 0.0f, 1e-6f);
  EXPECT_EQ(alike(3, 3), 0.0f);
}

}  // namespace
}  // namespace attn

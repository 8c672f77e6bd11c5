#include "core/math/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attn {
namespace {

TEST(Softmax, EveryRowSumsToOneAndKeepsTheOrderOfItsScores) {
  Matrix m(2, 3);
  m << 1, 2, 3, -1000, 1000, 0;
  softmax_rows<float>(view(m));
  EXPECT_NEAR(m.row(0).sum(), 1.0f, 1e-6f);
  EXPECT_LT(m(0, 0), m(0, 1));
  EXPECT_LT(m(0, 1), m(0, 2));
  EXPECT_FLOAT_EQ(m(1, 1), 1.0f);
}

TEST(Softmax, ARowThatIsWhollyMaskedBecomesZero) {
  Matrix m = Matrix::Constant(1, 4, -std::numeric_limits<float>::infinity());
  softmax_rows<float>(view(m));
  EXPECT_EQ(m.sum(), 0.0f);
}

TEST(Activation, EverySlopeIsTheLimitOfTheDifference) {
  for (int kind = 0; kind <= static_cast<int>(Activation::sigmoid); ++kind) {
    const Activation activation = static_cast<Activation>(kind);
    for (double x : {-2.3, -0.4, 0.3, 1.7}) {
      const double h = 1e-6;
      const double slope = (activate_one(activation, x + h) - activate_one(activation, x - h)) / (2 * h);
      EXPECT_NEAR(activation_slope(activation, x), slope, 1e-6) << "activation " << kind << " at " << x;
    }
  }
}

}  // namespace
}  // namespace attn

// The vector forms of rows.h against the formula in double, on every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <utility>

#include "core/math/backward_rows.h"
#include "core/math/rows.h"
#include "tests/math/every_simd_target.h"

namespace attn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Matrix random_matrix(Index rows, Index cols, unsigned seed, float size = 1.0f) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, size);
  Matrix m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = normal(generator);
  return m;
}

bool bit_equal(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

// The distance of two floats in units in the last place of the exact value.
double ulps(float got, double exact) {
  const double unit = std::ldexp(1.0, std::max(std::ilogb(exact), -126) - 23);
  return std::abs(static_cast<double>(got) - exact) / unit;
}

class Rows : public EverySimdTarget {};

TEST_P(Rows, TheExponentialOfASoftmaxIsWithinTwoUlps) {
  // e^x beside e^0 and so many -inf that their sum is e^0 + e^x; below 2^-25 the sum is 1 and e^x stands
  // alone.
  double worst = 0;
  for (float x = -17.5f; x > -87.33f; x -= 0.00173f) {
    Matrix m(1, 2);
    m << x, 0;
    softmax_rows<float>(view(m));
    ASSERT_EQ(m(0, 1), 1.0f);
    worst = std::max(worst, ulps(m(0, 0), std::exp(static_cast<double>(x))));
  }
  // Nearer to 0 the exponential is the difference that the sum makes: sigmoid(x) = e^x / (1 + e^x).
  EXPECT_LE(worst, 2.0);
  RecordProperty("worst_ulps", std::to_string(worst));
}

TEST_P(Rows, SoftmaxAgreesWithTheFormulaInDouble) {
  for (Index columns = 1; columns <= 70; ++columns) {
    for (float size : {0.1f, 3.0f, 30.0f}) {
      Matrix m = random_matrix(5, columns, static_cast<unsigned>(columns), size);
      MatrixOf<double> exact = m.cast<double>();
      // A score less the largest is rounded to float, which its exponential turns into a relative error.
      const double relative = 4e-7 + 6e-8 * (m.maxCoeff() - m.minCoeff());
      softmax_rows<float>(view(m));
      softmax_rows<double>(view(exact));
      for (Index i = 0; i < m.size(); ++i)
        ASSERT_NEAR(m.data()[i], exact.data()[i], relative * exact.data()[i] + 2e-38)
            << columns << " columns";
    }
  }
}

TEST_P(Rows, ShiftingTheScoresOfARowByAPowerOfTwoChangesNothing) {
  Matrix m = random_matrix(3, 37, 1).array().round();
  Matrix shifted = m.array() + 64.0f;
  softmax_rows<float>(view(m));
  softmax_rows<float>(view(shifted));
  EXPECT_TRUE(bit_equal(m, shifted));
}

TEST_P(Rows, MaskedEntriesBecomeExactlyZeroAndAWhollyMaskedRowToo) {
  for (Index columns : {1, 3, 8, 16, 19, 33}) {
    Matrix m = Matrix::Constant(3, columns, -kInfinity);
    m(1, columns - 1) = 4.0f;
    softmax_rows<float>(view(m));
    EXPECT_TRUE((m.row(0).array() == 0.0f).all());
    EXPECT_TRUE((m.row(1).head(columns - 1).array() == 0.0f).all());
    EXPECT_EQ(m(1, columns - 1), 1.0f);
    EXPECT_TRUE((m.row(2).array() == 0.0f).all());
  }
}

TEST_P(Rows, EvenVeryDifferentScoresStayADistribution) {
  Matrix m(1, 5);
  m << 3e38f, -3e38f, 0, 3e38f, -kInfinity;
  softmax_rows<float>(view(m));
  Matrix expected(1, 5);
  expected << 0.5f, 0, 0, 0.5f, 0;
  EXPECT_TRUE(bit_equal(m, expected));
}

TEST_P(Rows, NaNMakesExactlyItsRowNaN) {
  for (Index columns : {1, 7, 16, 21}) {
    for (Index at = 0; at < columns; ++at) {
      Matrix m = random_matrix(2, columns, 2);
      Matrix masked = Matrix::Constant(1, columns, -kInfinity);
      m(0, at) = kNaN;
      masked(0, at) = kNaN;
      const Matrix x = m;
      Matrix normed(2, columns);
      layer_norm_rows<float>(view(x), Row::Ones(columns), Row(), 1e-5f, view(normed));
      EXPECT_TRUE(normed.row(0).array().isNaN().all());
      EXPECT_FALSE(normed.row(1).array().isNaN().any());
      softmax_rows<float>(view(m));
      softmax_rows<float>(view(masked));
      EXPECT_TRUE(m.row(0).array().isNaN().all());
      EXPECT_FALSE(m.row(1).array().isNaN().any());
      EXPECT_TRUE(masked.array().isNaN().all());
    }
  }
}

TEST_P(Rows, ARowDoesNotDependOnTheOthers) {
  const Index columns = 77;
  const Matrix x = random_matrix(19, columns, 3);
  const Matrix b = random_matrix(41, columns, 4);
  const Matrix v = random_matrix(columns, 50, 5);
  const Row gain = random_matrix(1, columns, 6);
  const Row bias = random_matrix(1, columns, 7);
  const auto all = [&](ConstView rows) {
    Matrix out(rows.rows(), 3 * columns + 41 + 50);
    View softmax = columns_of(view(out), 0, columns);
    softmax = rows;
    softmax_rows<float>(softmax);
    layer_norm_rows<float>(rows, gain, bias, 1e-5f, columns_of(view(out), columns, columns));
    rms_norm_rows<float>(rows, gain, 1.0f, 1e-5f, columns_of(view(out), 2 * columns, columns));
    product_transposed<float>(rows, view(b), 0.125f, columns_of(view(out), 3 * columns, 41));
    product<float>(rows, view(v), columns_of(view(out), 3 * columns + 41, 50));
    return out;
  };
  const Matrix together = all(view(x));
  for (Index first = 0; first < x.rows(); ++first) {
    for (Index count : {1, 2, 5, 13}) {
      if (first + count > x.rows()) continue;
      EXPECT_TRUE(bit_equal(all(rows_of(view(x), first, count)), together.middleRows(first, count)))
          << first << " + " << count;
    }
  }
}

TEST_P(Rows, NormsAgreeWithTheFormulaInDouble) {
  for (Index columns : {1, 2, 5, 16, 17, 48, 63, 64, 65, 200, 768, 771}) {
    const Matrix x = random_matrix(4, columns, 8, 2.0f).array() + 1.5f;
    const Row gain = random_matrix(1, columns, 9);
    const Row bias = random_matrix(1, columns, 10);
    const MatrixOf<double> wide = x.cast<double>();
    for (const Row& b : {bias, Row()}) {
      Matrix out(4, columns);
      MatrixOf<double> exact(4, columns);
      layer_norm_rows<float>(view(x), gain, b, 1e-5f, view(out));
      layer_norm_rows<double>(view(wide), gain.cast<double>(), b.cast<double>(), 1e-5f, view(exact));
      EXPECT_LE((out.cast<double>() - exact).cwiseAbs().maxCoeff(), 4e-6) << columns << " columns";
    }
    Matrix out(4, columns);
    MatrixOf<double> exact(4, columns);
    rms_norm_rows<float>(view(x), gain, 1.0f, 1e-6f, view(out));
    rms_norm_rows<double>(view(wide), gain.cast<double>(), 1.0, 1e-6f, view(exact));
    EXPECT_LE((out.cast<double>() - exact).cwiseAbs().maxCoeff(), 4e-6) << columns << " columns";
    Matrix in_place = x;
    rms_norm_rows<float>(view(x), gain, 1.0f, 1e-6f, view(in_place));
    EXPECT_TRUE(bit_equal(in_place, out));
  }
}

TEST_P(Rows, ANormOfAConstantRowIsItsBias) {
  const Matrix x = Matrix::Constant(1, 48, 3.0f);
  const Row bias = random_matrix(1, 48, 11);
  Matrix out(1, 48);
  layer_norm_rows<float>(view(x), Row::Ones(48), bias, 1e-5f, view(out));
  EXPECT_TRUE(bit_equal(out, bias));
}

TEST_P(Rows, EveryActivationIsWithinItsStatedError) {
  for (int kind = 0; kind <= static_cast<int>(Activation::sigmoid); ++kind) {
    const Activation activation = static_cast<Activation>(kind);
    const double bound = activation == Activation::gelu ? 1e-7 : 2e-7;
    double worst = 0;
    float worst_at = 0;
    for (float from = -30.0f; from < 30.0f; from += 0.37f) {
      Matrix x(1, 371);
      for (Index i = 0; i < x.cols(); ++i) x(0, i) = from + 0.001f * static_cast<float>(i);
      Matrix y = x;
      activate<float>(activation, view(y));
      for (Index i = 0; i < x.cols(); ++i) {
        const double exact = activate_one(activation, static_cast<double>(x(0, i)));
        const double error = std::abs(y(0, i) - exact) / std::max(1.0, std::abs(exact));
        if (error > worst) worst_at = x(0, i);
        worst = std::max(worst, error);
      }
    }
    EXPECT_LE(worst, bound) << "activation " << kind << " at " << worst_at;
    RecordProperty("worst_error_" + std::to_string(kind), std::to_string(worst * 1e9) + "e-9");
  }
}

TEST_P(Rows, TheSlopeOfEveryActivationIsWithinItsStatedError) {
  for (int kind = 0; kind <= static_cast<int>(Activation::sigmoid); ++kind) {
    const Activation activation = static_cast<Activation>(kind);
    double worst = 0;
    for (float from = -30.0f; from < 30.0f; from += 0.37f) {
      Matrix x(1, 371);
      for (Index i = 0; i < x.cols(); ++i) x(0, i) = from + 0.001f * static_cast<float>(i);
      Matrix dy = Matrix::Constant(1, x.cols(), 2.0f);
      multiply_by_slope<float>(activation, view(std::as_const(x)), view(dy));
      for (Index i = 0; i < x.cols(); ++i) {
        const double exact = 2 * activation_slope(activation, static_cast<double>(x(0, i)));
        worst = std::max(worst, std::abs(dy(0, i) - exact) / std::max(1.0, std::abs(exact)));
      }
    }
    EXPECT_LE(worst, 4e-6) << "activation " << kind;
  }
}

TEST_P(Rows, ActivationsKeepNaNAndTheirLimits) {
  for (int kind = 0; kind <= static_cast<int>(Activation::sigmoid); ++kind) {
    const Activation activation = static_cast<Activation>(kind);
    Matrix x(1, 3);
    x << kNaN, 1e4f, -1e4f;
    Matrix y = x;
    activate<float>(activation, view(y));
    EXPECT_TRUE(std::isnan(y(0, 0))) << "activation " << kind;
    EXPECT_FLOAT_EQ(y(0, 1), activate_one(activation, 1e4f)) << "activation " << kind;
    EXPECT_FLOAT_EQ(y(0, 2), activate_one(activation, -1e4f)) << "activation " << kind;
  }
}

TEST_P(Rows, TheSlopeOfTanhAtZeroIsOne) {
  Matrix x(1, 2);
  x << 1e-6f, -1e-30f;
  const Matrix before = x;
  activate<float>(Activation::tanh, view(x));
  EXPECT_TRUE(bit_equal(x, before));
}

TEST_P(Rows, ActivateTouchesOnlyItsBlockOfColumns) {
  Matrix m = random_matrix(5, 40, 12);
  const Matrix before = m;
  activate<float>(Activation::gelu, columns_of(view(m), 7, 21));
  EXPECT_TRUE(bit_equal(m.leftCols(7), before.leftCols(7)));
  EXPECT_TRUE(bit_equal(m.rightCols(12), before.rightCols(12)));
  EXPECT_GT((m - before).middleCols(7, 21).cwiseAbs().maxCoeff(), 0.0f);
}

TEST_P(Rows, ProductsOfAHeadAgreeWithTheFormulaInDouble) {
  for (Index tokens : {1, 2, 5, 16, 31, 33, 64, 130, 300}) {
    for (Index keys : {tokens, tokens + 7}) {
      for (Index d_head : {1, 8, 20, 64, 80}) {
        // The blocks of one head in wider matrices, as a layer has them.
        const Matrix q = random_matrix(tokens, d_head + 9, 13);
        const Matrix k = random_matrix(keys, d_head + 5, 14);
        const Matrix w = random_matrix(tokens, keys, 15);
        const ConstView queries = columns_of(view(q), 9, d_head);
        const ConstView keys_view = columns_of(view(k), 5, d_head);
        Matrix scores(tokens, keys);
        product_transposed<float>(queries, keys_view, 0.125f, view(scores));
        const MatrixOf<double> exact = 0.125 * queries.cast<double>() * keys_view.cast<double>().transpose();
        ASSERT_LE((scores.cast<double>() - exact).cwiseAbs().maxCoeff(), 1e-5) << tokens << " x " << keys;
        Matrix mixed(tokens, d_head);
        product<float>(view(w), keys_view, view(mixed));
        const MatrixOf<double> exact_mix = w.cast<double>() * keys_view.cast<double>();
        ASSERT_LE((mixed.cast<double>() - exact_mix).cwiseAbs().maxCoeff(),
                  4e-6 * std::sqrt(static_cast<double>(keys)))
            << tokens << " x " << keys;
      }
    }
  }
}

TEST_P(Rows, AProductOfATransposedMatrixIsAddedToWhatStandsThere) {
  for (Index depth : {1, 7, 33, 256, 300, 600})
    for (Index rows : {1, 5, 12, 13, 64})
      for (Index columns : {1, 16, 31, 32, 70}) {
        const Matrix a = random_matrix(depth, rows + 3, 16), b = random_matrix(depth, columns, 17);
        const Matrix before = random_matrix(rows, columns + 2, 18);
        Matrix sum = before;
        add_product_of_transposed<float>(columns_of(view(a), 3, rows), view(b),
                                         columns_of(view(sum), 2, columns));
        MatrixOf<double> exact = before.cast<double>();
        exact.rightCols(columns) += a.rightCols(rows).cast<double>().transpose() * b.cast<double>();
        ASSERT_LE((sum.cast<double>() - exact).cwiseAbs().maxCoeff(),
                  1e-6 + 1e-6 * static_cast<double>(depth))
            << depth << ": " << rows << " x " << columns;
        ASSERT_TRUE(bit_equal(sum.leftCols(2), before.leftCols(2)));
      }
}

TEST_P(Rows, AnEmptyProductIsZero) {
  const Matrix a(2, 0);
  const Matrix b(0, 3);
  Matrix out = Matrix::Ones(2, 3);
  product<float>(view(a), view(b), view(out));
  EXPECT_TRUE((out.array() == 0.0f).all());
}

ATTN_EVERY_SIMD_TARGET(Rows);

}  // namespace
}  // namespace attn

#include "core/math/linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/math/every_simd_target.h"

namespace attn {
namespace {

Matrix random_matrix(Index rows, Index cols, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Matrix m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = normal(generator);
  return m;
}

// Exact up to double rounding, from the same float parameters.
MatrixOf<double> slow_product(const Matrix& x, const Matrix& weight, const Row& bias) {
  MatrixOf<double> y = x.cast<double>() * weight.cast<double>().transpose();
  if (bias.size() > 0) y.rowwise() += bias.cast<double>();
  return y;
}

// The largest error that n float additions of these sizes can explain, in the first rows of x: [r] is for r +
// 1 of them, max sum |x||w| times n half-ulps.
std::vector<double> tolerances(const Matrix& x, const Matrix& weight, const Row& bias) {
  const Eigen::VectorXf sizes = (x.cwiseAbs() * weight.cwiseAbs().transpose()).rowwise().maxCoeff();
  const double largest_bias = bias.size() > 0 ? bias.cwiseAbs().maxCoeff() : 0.0f;
  std::vector<double> out;
  for (Index r = 0; r < x.rows(); ++r)
    out.push_back(6e-8 * std::sqrt(static_cast<double>(weight.cols()) + 1) *
                  (sizes.head(r + 1).maxCoeff() + largest_bias));
  return out;
}

bool bit_equal(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

StridedSource source_of(const Matrix& m) {
  return {reinterpret_cast<const std::byte*>(m.data()), DType::f32, m.rows(), m.cols(), m.cols(), 1, 0, 0};
}

template <class Half>
std::vector<Half> halves_of(const Matrix& m) {
  std::vector<Half> out(static_cast<std::size_t>(m.size()));
  for (Index i = 0; i < m.size(); ++i) out[static_cast<std::size_t>(i)] = static_cast<Half>(m.data()[i]);
  return out;
}

class LinearLayer : public EverySimdTarget {};

TEST_P(LinearLayer, AgreesWithTheDoubleProductForEveryShape) {
  EXPECT_EQ(simd_target(), GetParam());
  double worst = 0;
  for (Index inputs : {1, 2, 7, 48, 129, 513, 1100}) {
    for (Index outputs : {1, 5, 16, 31, 32, 33, 48, 100}) {
      const Matrix weight = random_matrix(outputs, inputs, 1);
      const Row bias = random_matrix(1, outputs, 2);
      for (const Row& b : {bias, Row()}) {
        const Linear<float> linear = Linear<float>::from_matrix(weight, b);
        const Matrix x = random_matrix(40, inputs, 3);
        const MatrixOf<double> exact = slow_product(x, weight, b);
        const std::vector<double> allowed = tolerances(x, weight, b);
        for (Index rows = 1; rows <= 40; rows += (rows < 14 ? 1 : 5)) {
          const Matrix y = linear(rows_of(view(x), 0, rows));
          const double error = (y.cast<double>() - exact.topRows(rows)).cwiseAbs().maxCoeff() /
                               allowed[static_cast<std::size_t>(rows - 1)];
          ASSERT_LE(error, 1.0) << rows << " rows, " << inputs << " -> " << outputs;
          worst = std::max(worst, error);
        }
      }
    }
  }
  RecordProperty("worst_error_over_tolerance", std::to_string(worst));
}

TEST_P(LinearLayer, ARowDoesNotDependOnTheOthersNorOnTheThreads) {
  Pool two(2);
  Pool three(3);
  for (auto [inputs, outputs] : {std::pair<Index, Index>{600, 1000}, {1300, 70}, {64, 64}}) {
    const Linear<float> linear =
        Linear<float>::from_matrix(random_matrix(outputs, inputs, 4), random_matrix(1, outputs, 5));
    const Matrix x = random_matrix(290, inputs, 6);
    Matrix one_by_one(x.rows(), outputs);
    for (Index r = 0; r < x.rows(); ++r)
      linear.apply(rows_of(view(x), r, 1), rows_of(view(one_by_one), r, 1));
    for (Index rows : {2, 3, 11, 12, 13, 16, 25, 64, 129, 290}) {
      const ConstView some = rows_of(view(x), x.rows() - rows, rows);
      for (Pool* pool : {static_cast<Pool*>(nullptr), &two, &three})
        EXPECT_TRUE(bit_equal(linear(some, pool), one_by_one.bottomRows(rows)))
            << rows << " rows, " << inputs << " -> " << outputs << ", " << (pool ? pool->threads() : 1)
            << " threads";
    }
  }
}

TEST_P(LinearLayer, WritesNothingBesideItsBlockOfColumns) {
  const Matrix weight = random_matrix(45, 30, 7);
  const Linear<float> linear = Linear<float>::from_matrix(weight);
  const Matrix x = random_matrix(17, 50, 8);
  Matrix y = Matrix::Constant(17, 80, 123.0f);
  linear.apply(columns_of(view(x), 9, 30), columns_of(view(y), 20, 45));
  EXPECT_TRUE((y.leftCols(20).array() == 123.0f).all());
  EXPECT_TRUE((y.rightCols(15).array() == 123.0f).all());
  EXPECT_TRUE(bit_equal(y.middleCols(20, 45), linear(view(Matrix(x.middleCols(9, 30))))));
}

TEST_P(LinearLayer, ActivatesAndAddsAsTheSeparateStepsDo) {
  Pool pool(2);
  const Linear<float> linear =
      Linear<float>::from_matrix(random_matrix(700, 600, 9), random_matrix(1, 700, 10));
  const Matrix x = random_matrix(30, 600, 11);
  const Matrix residual = random_matrix(30, 700, 12);
  const Matrix plain = linear(view(x));
  Matrix y(30, 700);
  linear.apply_added(view(x), view(residual), view(y), &pool);
  EXPECT_TRUE(bit_equal(y, plain + residual));
  for (int kind = 0; kind <= static_cast<int>(Activation::sigmoid); ++kind) {
    linear.apply_activated(view(x), static_cast<Activation>(kind), view(y), &pool);
    Matrix expected = plain;
    activate<float>(static_cast<Activation>(kind), view(expected));
    EXPECT_TRUE(bit_equal(y, expected)) << "activation " << kind;
  }
}

TEST_P(LinearLayer, SixteenBitParametersCountExactlyAsTheirFloats) {
  for (auto [inputs, outputs] : {std::pair<Index, Index>{40, 50}, {600, 33}, {1, 1}}) {
    const Matrix weight = random_matrix(outputs, inputs, 13);
    const Matrix x = random_matrix(9, inputs, 14);
    const Row bias = random_matrix(1, outputs, 15);
    const std::vector<Eigen::half> f16 = halves_of<Eigen::half>(weight);
    const std::vector<Eigen::bfloat16> bf16 = halves_of<Eigen::bfloat16>(weight);
    StridedSource source = source_of(weight);
    const std::size_t f32_bytes = Linear<float>::from_source(source, bias).memory_bytes();
    for (DType type : {DType::f16, DType::bf16}) {
      source.type = type;
      source.data = type == DType::f16 ? reinterpret_cast<const std::byte*>(f16.data())
                                       : reinterpret_cast<const std::byte*>(bf16.data());
      const Linear<float> narrow = Linear<float>::from_source(source, bias);
      const Linear<float> wide = Linear<float>::from_matrix(to_matrix(source), bias);
      EXPECT_TRUE(bit_equal(narrow(view(x)), wide(view(x)))) << name_of(type);
      EXPECT_TRUE(bit_equal(narrow.weight(), to_matrix(source))) << name_of(type);
      EXPECT_LT(narrow.memory_bytes(), f32_bytes);
    }
  }
}

TEST_P(LinearLayer, EverySixteenBitNumberIsWidenedExactly) {
  // One input that is 1: the outputs are the parameters themselves.
  const Index numbers = 1 << 16;
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(numbers));
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint16_t>(i);
  const Matrix one = Matrix::Ones(1, 1);
  for (DType type : {DType::f16, DType::bf16}) {
    const StridedSource source{reinterpret_cast<const std::byte*>(bits.data()), type, numbers, 1, 1, 1, 0, 0};
    const Matrix y = Linear<float>::from_source(source)(view(one));
    for (Index i = 0; i < numbers; ++i) {
      const float expected = source.at(i, 0);  // Eigen's conversion
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(y(0, i))) << name_of(type) << " " << i;
      } else {
        ASSERT_EQ(y(0, i), expected) << name_of(type) << " " << i;
      }
    }
  }
}

TEST_P(LinearLayer, NaNAndInfinityReachExactlyTheirRows) {
  const Linear<float> linear =
      Linear<float>::from_matrix(random_matrix(40, 33, 16), random_matrix(1, 40, 17));
  Matrix x = random_matrix(14, 33, 18);
  const Matrix clean = linear(view(std::as_const(x)));
  x(3, 5) = std::numeric_limits<float>::quiet_NaN();
  x(7, 32) = std::numeric_limits<float>::infinity();
  const Matrix y = linear(view(std::as_const(x)));
  for (Index r = 0; r < 14; ++r) {
    if (r == 3) {
      EXPECT_TRUE(y.row(r).array().isNaN().all());
    } else if (r == 7) {
      EXPECT_TRUE(y.row(r).array().isInf().all());
    } else {
      EXPECT_TRUE(bit_equal(y.row(r), clean.row(r))) << "row " << r;
    }
  }
}

ATTN_EVERY_SIMD_TARGET(LinearLayer);

TEST(Linear, PacksTransposedBlockedAndUnalignedSourcesAsTheirMatrix) {
  const Matrix weight = random_matrix(75, 34, 19);
  const Matrix x = random_matrix(6, 34, 20);
  const Matrix expected = Linear<float>::from_matrix(weight)(view(x));

  // Conv1D keeps [inputs, outputs].
  const Matrix turned = weight.transpose();
  StridedSource source = source_of(turned);
  source.rows = 75;
  source.cols = 34;
  source.row_stride = 1;
  source.col_stride = 75;
  EXPECT_TRUE(bit_equal(Linear<float>::from_source(source)(view(x)), expected));

  // The second third of [5 heads, 3, 15, inputs]: a head-interleaved fused matrix.
  Matrix fused = random_matrix(5 * 3 * 15, 34, 21);
  for (Index h = 0; h < 5; ++h) fused.middleRows((h * 3 + 1) * 15, 15) = weight.middleRows(h * 15, 15);
  source = source_of(fused);
  source.data += 15 * 34 * sizeof(float);
  source.rows = 75;
  source.block_rows = 15;
  source.block_stride = 3 * 15 * 34;
  EXPECT_TRUE(bit_equal(Linear<float>::from_source(source)(view(x)), expected));

  // A file does not align its tensors.
  std::vector<std::byte> file(static_cast<std::size_t>(weight.size()) * sizeof(float) + 1);
  std::memcpy(file.data() + 1, weight.data(), file.size() - 1);
  source = source_of(weight);
  source.data = file.data() + 1;
  EXPECT_TRUE(bit_equal(Linear<float>::from_source(source)(view(x)), expected));

  // Doubles become floats.
  const MatrixOf<double> wide = weight.cast<double>();
  source = source_of(weight);
  source.type = DType::f64;
  source.data = reinterpret_cast<const std::byte*>(wide.data());
  EXPECT_TRUE(bit_equal(Linear<float>::from_source(source)(view(x)), expected));
}

TEST(Linear, GivesBackItsParameters) {
  const Matrix weight = random_matrix(37, 21, 22);
  const Row bias = random_matrix(1, 37, 23);
  const Linear<float> linear = Linear<float>::from_matrix(weight, bias);
  EXPECT_EQ(linear.inputs(), 21);
  EXPECT_EQ(linear.outputs(), 37);
  EXPECT_TRUE(bit_equal(linear.bias(), bias));
  EXPECT_TRUE(bit_equal(linear.weight(), weight));
  EXPECT_TRUE(bit_equal(linear.weight_columns(4, 9), weight.middleCols(4, 9)));
  EXPECT_TRUE(Linear<float>().empty());
  EXPECT_FALSE(linear.empty());
}

TEST(Linear, KeepsOneCopyOfItsParameters) {
  const Linear<float> linear = Linear<float>::from_matrix(random_matrix(768, 100, 24));
  EXPECT_EQ(linear.memory_bytes(), 768u * 100u * sizeof(float));
}

TEST(Linear, TheDoubleLayerIsThePlainFormula) {
  const Matrix weight = random_matrix(9, 13, 25);
  const Row bias = random_matrix(1, 9, 26);
  const Matrix x = random_matrix(4, 13, 27);
  const Linear<double> linear = Linear<double>::from_matrix(weight.cast<double>(), bias.cast<double>());
  const MatrixOf<double> wide = x.cast<double>();
  EXPECT_LE((linear(view(wide)) - slow_product(x, weight, bias)).cwiseAbs().maxCoeff(), 1e-13);
}

}  // namespace
}  // namespace attn

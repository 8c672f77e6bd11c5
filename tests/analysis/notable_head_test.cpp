#include "core/analysis/notable_head.h"

#include <gtest/gtest.h>

#include "hand_made_trace.h"

namespace attn {
namespace {

// Every row looks at the columns that `pattern` marks, and where there are none at itself.
Matrix looking_at(const Matrix& pattern) {
  Matrix weights = Matrix::Identity(pattern.rows(), pattern.cols());
  for (Index i = 0; i < pattern.rows(); ++i) {
    const float marked = pattern.row(i).sum();
    if (marked > 0) weights.row(i) = pattern.row(i) / marked;
  }
  return weights;
}

const Matrix kPrevious =
    matrix_of({{0, 0, 0, 0, 0}, {1, 0, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 1, 0, 0}, {0, 0, 0, 1, 0}});
// In "a b c a b" the second a follows to b, the second b to c.
const Matrix kInduction =
    matrix_of({{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 1, 0, 0}});

TEST(NotableHead, IsTheInductionHeadWhereTheTextRepeatsItself) {
  const Matrix itself = Matrix::Identity(5, 5);
  const Trace trace = hand_made_trace({{itself, looking_at(kPrevious)}, {looking_at(kInduction), itself}},
                                      {"a", "b", "c", "a", "b"});
  EXPECT_EQ(notable_head(trace, Stack::encoder), (HeadId{Stack::encoder, 1, 0}));
}

TEST(NotableHead, IsThePreviousTokenHeadWhereNothingRepeats) {
  const Matrix itself = Matrix::Identity(5, 5);
  const Trace trace = hand_made_trace({{itself, looking_at(kPrevious)}, {looking_at(kInduction), itself}},
                                      {"a", "b", "c", "d", "e"});
  EXPECT_EQ(notable_head(trace, Stack::encoder), (HeadId{Stack::encoder, 0, 1}));
}

TEST(NotableHead, IsNoneWhereEveryHeadLooksAtItself) {
  const Matrix itself = Matrix::Identity(5, 5);
  const Trace trace = hand_made_trace({{itself, itself}}, {"a", "b", "c", "a", "b"});
  EXPECT_EQ(notable_head(trace, Stack::encoder), std::nullopt);
  EXPECT_EQ(notable_head(Trace{}, Stack::decoder), std::nullopt);
}

}  // namespace
}  // namespace attn

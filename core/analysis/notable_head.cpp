#include "core/analysis/notable_head.h"

#include <algorithm>

#include "core/analysis/detectors.h"

namespace attn {

namespace {

constexpr double kPlain = 0.4;                  // share of a row's weight that makes a head worth showing
constexpr Index kMostCellsInPassing = 4 << 20;  // heads × T²
constexpr Index kRepeatedRows = 2;              // fewer rows that repeat something say nothing of a head

// The mean weight on `pattern` [T, T] over the rows where it marks anything.
double share_on(const HeadWeights& weights, const Matrix& pattern) {
  double sum = 0;
  int n_rows = 0;
  for (Index i = 0; i < pattern.rows(); ++i) {
    if (pattern.row(i).sum() == 0) continue;
    sum += Eigen::Map<const Row>(weights.row(i), weights.cols()).dot(pattern.row(i));
    ++n_rows;
  }
  return n_rows == 0 ? 0 : sum / n_rows;
}

std::optional<HeadId> plainest_head(const Trace& trace, Stack stack, const Matrix& pattern) {
  std::optional<HeadId> best;
  double most = kPlain;
  for (int layer = 0; layer < trace.n_layers(stack); ++layer) {
    for (int head = 0; head < trace.n_heads(stack); ++head) {
      const std::optional<HeadWeights> weights = trace.weights({stack, layer, head});
      if (!weights || weights->rows() != pattern.rows() || weights->cols() != pattern.cols()) continue;
      const double share = share_on(*weights, pattern);
      if (share < most) continue;
      most = share;
      best = HeadId{stack, layer, head};
    }
  }
  return best;
}

}  // namespace

std::optional<HeadId> notable_head(const Trace& trace, Stack stack) {
  const std::vector<int> ids = token_identities(trace, stack);
  const auto n = static_cast<Index>(ids.size());
  if (n < 2 || n * n > kMostCellsInPassing / std::max(1, trace.n_layers(stack) * trace.n_heads(stack)))
    return std::nullopt;
  const Matrix repeats = induction_pattern(ids);
  if ((repeats.rowwise().sum().array() > 0).count() >= kRepeatedRows)
    if (const std::optional<HeadId> induction = plainest_head(trace, stack, repeats)) return induction;
  return plainest_head(trace, stack, previous_token_pattern(n));
}

}  // namespace attn

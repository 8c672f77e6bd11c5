#include "core/analysis/detectors.h"

#include <algorithm>
#include <cassert>
#include <map>

namespace attn {

Matrix previous_token_pattern(Index n_tokens) {
  Matrix pattern = Matrix::Zero(n_tokens, n_tokens);
  for (Index i = 1; i < n_tokens; ++i) pattern(i, i - 1) = 1;
  return pattern;
}

Matrix duplicate_token_pattern(std::span<const int> ids) {
  const auto n = static_cast<Index>(ids.size());
  Matrix pattern = Matrix::Zero(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < i; ++j)
      if (ids[static_cast<std::size_t>(j)] == ids[static_cast<std::size_t>(i)]) pattern(i, j) = 1;
  return pattern;
}

Matrix induction_pattern(std::span<const int> ids) {
  const auto n = static_cast<Index>(ids.size());
  const Matrix duplicates = duplicate_token_pattern(ids);
  Matrix pattern = Matrix::Zero(n, n);
  if (n > 1) pattern.rightCols(n - 1) = duplicates.leftCols(n - 1);
  return pattern;
}

double detector_score(const HeadWeights& weights, const Matrix& pattern, const DetectorOptions& options) {
  assert(weights.rows() == pattern.rows() && weights.cols() == pattern.cols());
  double on_pattern = 0, total = 0;
  for (Index i = 0; i < weights.rows(); ++i) {
    const Eigen::Map<const Row> row(weights.row(i), weights.cols());
    double row_total = row.sum(), row_on = row.dot(pattern.row(i));
    if (options.exclude_first) {
      row_total -= row(0);
      row_on -= row(0) * pattern(i, 0);
    }
    if (options.exclude_self && !(options.exclude_first && i == 0)) {
      row_total -= row(i);
      row_on -= row(i) * pattern(i, i);
    }
    total += row_total;
    on_pattern += row_on;
  }
  return total > 0 ? on_pattern / total : 0;
}

std::vector<int> token_identities(const Trace& trace, Stack stack) {
  const std::vector<std::string>& names = trace.query_tokens(stack);
  const bool target = stack != Stack::encoder && !trace.target_tokens.empty();
  const std::vector<int>& ids = target ? trace.inputs.target_ids : trace.inputs.ids;
  if (ids.size() == names.size() || names.empty()) return ids;
  std::map<std::string, int> seen;
  std::vector<int> identities;
  for (const std::string& name : names)
    identities.push_back(seen.emplace(name, static_cast<int>(seen.size())).first->second);
  return identities;
}

std::vector<int> repeated_random_ids(int n_vocab, int period, std::uint64_t seed, int bos,
                                     std::span<const int> avoid) {
  assert(n_vocab > static_cast<int>(avoid.size()) && period > 0);
  // splitmix64 (Steele et al. 2014): the standard library's distributions differ between systems.
  const auto next = [&seed] {
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  };
  std::vector<int> half;
  while (static_cast<int>(half.size()) < period) {
    const int id = static_cast<int>(next() % static_cast<std::uint64_t>(n_vocab));
    if (std::find(avoid.begin(), avoid.end(), id) == avoid.end()) half.push_back(id);
  }
  std::vector<int> ids;
  if (bos >= 0) ids.push_back(bos);
  ids.insert(ids.end(), half.begin(), half.end());
  ids.insert(ids.end(), half.begin(), half.end());
  return ids;
}

PositionalScores positional_scores(const HeadWeights& weights, int period, int start) {
  const Index n = period, second = start + period, end = start + 2 * period;
  assert(n >= 1 && weights.rows() == end && weights.cols() == end);
  PositionalScores scores;
  for (Index i = 1; i < end; ++i) scores.previous += weights.at(i, i - 1);
  for (Index i = second; i < end; ++i) {
    scores.duplicate += weights.at(i, i - n);
    scores.induction += weights.at(i, i - n + 1);
  }
  scores.previous /= static_cast<double>(end - 1);
  scores.duplicate /= static_cast<double>(n);
  scores.induction /= static_cast<double>(n);
  return scores;
}

}  // namespace attn

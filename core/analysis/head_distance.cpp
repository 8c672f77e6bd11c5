#include "core/analysis/head_distance.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/analysis/entropy.h"

namespace attn {

namespace {

using ConstRow = Eigen::Map<const Row>;

std::span<const float> span_of(const ConstRow& row) {
  return {row.data(), static_cast<std::size_t>(row.size())};
}

double jensen_shannon_rows(const ConstRow& p, const ConstRow& q) {
  const bool p_empty = !(p.maxCoeff() > 0), q_empty = !(q.maxCoeff() > 0);
  if (p_empty || q_empty) return p_empty == q_empty ? 0 : std::log(2.0);
  const Row middle = 0.5f * (p + q);
  const double h_middle = entropy({middle.data(), static_cast<std::size_t>(middle.size())});
  const double js = h_middle - 0.5 * (entropy(span_of(p)) + entropy(span_of(q)));
  return std::clamp(js, 0.0, std::log(2.0));
}

void sort_by_distance(std::vector<HeadDifference>& heads, bool nearest_first) {
  std::stable_sort(heads.begin(), heads.end(), [=](const HeadDifference& x, const HeadDifference& y) {
    return nearest_first ? x.distance < y.distance : x.distance > y.distance;
  });
}

}  // namespace

double jensen_shannon(std::span<const float> p, std::span<const float> q) {
  assert(p.size() == q.size());
  if (p.empty()) return 0;
  return jensen_shannon_rows(ConstRow(p.data(), static_cast<Index>(p.size())),
                             ConstRow(q.data(), static_cast<Index>(q.size())));
}

double head_distance(const HeadWeights& a, const HeadWeights& b) {
  assert(a.rows() == b.rows() && a.cols() == b.cols());
  if (a.rows() == 0 || a.cols() == 0) return 0;
  double sum = 0;
  for (Index i = 0; i < a.rows(); ++i)
    sum += jensen_shannon_rows(ConstRow(a.row(i), a.cols()), ConstRow(b.row(i), b.cols()));
  return sum / static_cast<double>(a.rows());
}

std::vector<HeadDifference> heads_like(const Trace& trace, const HeadId& head, Pool* pool) {
  const std::optional<HeadWeights> chosen = trace.weights(head);
  std::vector<HeadDifference> heads;
  if (!chosen) return heads;
  for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross})
    for (int layer = 0; layer < trace.n_layers(stack); ++layer)
      for (int h = 0; h < trace.n_heads(stack); ++h) {
        const HeadId id{stack, layer, h};
        const std::optional<HeadWeights> other = trace.weights(id);
        if (other && id != head && other->rows() == chosen->rows() && other->cols() == chosen->cols())
          heads.push_back({id, 0});
      }
  parallel_for(pool, static_cast<std::ptrdiff_t>(heads.size()), [&](std::ptrdiff_t i) {
    HeadDifference& other = heads[static_cast<std::size_t>(i)];
    other.distance = head_distance(*chosen, *trace.weights(other.head));
  });
  sort_by_distance(heads, true);
  return heads;
}

Alignment align_tokens(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  const auto same = [&](int i, int j) {
    return a[static_cast<std::size_t>(i)] == b[static_cast<std::size_t>(j)];
  };
  int front = 0, back = 0;
  while (front < std::min(n, m) && same(front, front)) ++front;
  while (back < std::min(n, m) - front && same(n - 1 - back, m - 1 - back)) ++back;

  // Longest common subsequence of what is left: length(i, j) for the suffixes from i and j.
  const int rows = n - front - back, cols = m - front - back;
  std::vector<std::uint16_t> length(static_cast<std::size_t>(rows + 1) * static_cast<std::size_t>(cols + 1),
                                    0);
  const auto at = [&](int i, int j) -> std::uint16_t& {
    return length[static_cast<std::size_t>(i) * static_cast<std::size_t>(cols + 1) +
                  static_cast<std::size_t>(j)];
  };
  for (int i = rows - 1; i >= 0; --i)
    for (int j = cols - 1; j >= 0; --j)
      at(i, j) = same(front + i, front + j) ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                            : std::max(at(i + 1, j), at(i, j + 1));

  Alignment pairs;
  for (int i = 0; i < front; ++i) pairs.emplace_back(i, i);
  int gap_a = 0, gap_b = 0, i = 0, j = 0;
  const auto close_gap = [&] {
    if (i - gap_a == j - gap_b)
      for (int k = 0; k < i - gap_a; ++k) pairs.emplace_back(front + gap_a + k, front + gap_b + k);
  };
  while (i < rows && j < cols) {
    if (same(front + i, front + j)) {
      close_gap();
      pairs.emplace_back(front + i, front + j);
      gap_a = ++i;
      gap_b = ++j;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      ++i;
    } else {
      ++j;
    }
  }
  i = rows;
  j = cols;
  close_gap();
  for (int k = back; k > 0; --k) pairs.emplace_back(n - k, m - k);
  return pairs;
}

double aligned_distance(const HeadWeights& a, const HeadWeights& b, const Alignment& queries,
                        const Alignment& keys) {
  if (queries.empty()) return 0;
  // One bin for each pair of keys, then what a puts on unpaired tokens, then what b does.
  const auto n = static_cast<Index>(keys.size());
  Row p(n + 2), q(n + 2);
  double sum = 0;
  for (const auto& [row_a, row_b] : queries) {
    for (Index k = 0; k < n; ++k) {
      p(k) = a.at(row_a, keys[static_cast<std::size_t>(k)].first);
      q(k) = b.at(row_b, keys[static_cast<std::size_t>(k)].second);
    }
    p(n) = std::max(0.0f, ConstRow(a.row(row_a), a.cols()).sum() - p.head(n).sum());
    q(n + 1) = std::max(0.0f, ConstRow(b.row(row_b), b.cols()).sum() - q.head(n).sum());
    p(n + 1) = q(n) = 0;
    sum += jensen_shannon_rows(ConstRow(p.data(), n + 2), ConstRow(q.data(), n + 2));
  }
  return sum / static_cast<double>(queries.size());
}

std::vector<HeadDifference> rank_differences(const Trace& a, const Trace& b, Pool* pool) {
  std::vector<HeadDifference> heads;
  for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross}) {
    const Alignment queries = align_tokens(a.query_tokens(stack), b.query_tokens(stack));
    const Alignment keys = align_tokens(a.key_tokens(stack), b.key_tokens(stack));
    const std::size_t first = heads.size();
    for (int layer = 0; layer < std::min(a.n_layers(stack), b.n_layers(stack)); ++layer)
      for (int h = 0; h < std::min(a.n_heads(stack), b.n_heads(stack)); ++h)
        if (a.weights({stack, layer, h}) && b.weights({stack, layer, h}))
          heads.push_back({{stack, layer, h}, 0});
    parallel_for(pool, static_cast<std::ptrdiff_t>(heads.size() - first), [&](std::ptrdiff_t i) {
      HeadDifference& head = heads[first + static_cast<std::size_t>(i)];
      head.distance = aligned_distance(*a.weights(head.head), *b.weights(head.head), queries, keys);
    });
  }
  sort_by_distance(heads, false);
  return heads;
}

Matrix aligned_difference(const HeadWeights& a, const HeadWeights& b, const Alignment& queries,
                          const Alignment& keys) {
  Matrix difference = Matrix::Constant(a.rows(), a.cols(), std::numeric_limits<float>::quiet_NaN());
  for (const auto& [row_a, row_b] : queries)
    for (const auto& [key_a, key_b] : keys)
      difference(row_a, key_a) = a.at(row_a, key_a) - b.at(row_b, key_b);
  return difference;
}

}  // namespace attn

#include "core/attention/positions.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>

namespace attn {

template <class S>
MatrixOf<S> sinusoid_table(std::span<const int> positions, Index d, bool interleaved) {
  const Index n_sines = (d + 1) / 2;
  MatrixOf<S> table(static_cast<Index>(positions.size()), d);
  for (Index i = 0; i < n_sines; ++i) {
    const double frequency = std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(d));
    const Index sine = interleaved ? 2 * i : i;
    const Index cosine = interleaved ? 2 * i + 1 : n_sines + i;
    for (Index r = 0; r < table.rows(); ++r) {
      const double angle = positions[static_cast<std::size_t>(r)] * frequency;
      table(r, sine) = static_cast<S>(std::sin(angle));
      if (cosine < d) table(r, cosine) = static_cast<S>(std::cos(angle));
    }
  }
  return table;
}

template <class S>
RotaryTable<S> rotary_table(std::span<const int> positions, const std::vector<double>& frequencies,
                            double magnitude, bool interleaved) {
  const Index n = static_cast<Index>(positions.size());
  const Index n_frequencies = static_cast<Index>(frequencies.size());
  RotaryTable<S> table{MatrixOf<S>(n, n_frequencies), MatrixOf<S>(n, n_frequencies), interleaved};
  for (Index r = 0; r < n; ++r) {
    for (Index i = 0; i < n_frequencies; ++i) {
      const double angle = positions[static_cast<std::size_t>(r)] * frequencies[static_cast<std::size_t>(i)];
      table.cos(r, i) = static_cast<S>(magnitude * std::cos(angle));
      table.sin(r, i) = static_cast<S>(magnitude * std::sin(angle));
    }
  }
  return table;
}

template <class S>
void rotate(const RotaryTable<S>& table, Index first, Index d_head, ViewOf<S> x) {
  const Index n_frequencies = table.cos.cols();
  assert(2 * n_frequencies <= d_head && x.cols() % d_head == 0);
  const Index step = table.interleaved ? 2 : 1;
  const Index partner = table.interleaved ? 1 : n_frequencies;
  for (Index r = 0; r < x.rows(); ++r) {
    const S* cos = table.cos.row(first + r).data();
    const S* sin = table.sin.row(first + r).data();
    for (Index head = 0; head < x.cols(); head += d_head) {
      S* vector = x.data() + r * x.outerStride() + head;
      for (Index i = 0; i < n_frequencies; ++i) {
        const S a = vector[i * step];
        const S b = vector[i * step + partner];
        vector[i * step] = a * cos[i] - b * sin[i];
        vector[i * step + partner] = b * cos[i] + a * sin[i];
      }
    }
  }
}

int t5_bucket(int distance, bool two_sided, int n_buckets, int max_distance) {
  int bucket = 0;
  if (two_sided) {
    n_buckets /= 2;
    if (distance < 0) bucket = n_buckets;
    distance = std::abs(distance);
  } else {
    distance = std::max(distance, 0);
  }
  const int n_exact = n_buckets / 2;
  if (distance < n_exact) return bucket + distance;
  // In float32, as the models were trained: the edges between far buckets depend on it.
  const float far = std::log(static_cast<float>(distance) / static_cast<float>(n_exact)) /
                    static_cast<float>(std::log(static_cast<double>(max_distance) / n_exact)) *
                    static_cast<float>(n_buckets - n_exact);
  return bucket + std::min(n_exact + static_cast<int>(far), n_buckets - 1);
}

int log_bucket(int distance, int n_buckets, int max_distance) {
  if (n_buckets <= 0) return distance;
  const int middle = n_buckets / 2;
  const int size = std::abs(distance);
  if (size <= middle) return distance;
  const float far = std::ceil(std::log(static_cast<float>(size) / static_cast<float>(middle)) /
                              std::log(static_cast<float>(max_distance - 1) / static_cast<float>(middle)) *
                              static_cast<float>(middle - 1));
  const int bucket = static_cast<int>(far) + middle;
  return distance < 0 ? -bucket : bucket;
}

namespace {

// add(row, column, distance) for every cell.
template <class Add>
void for_every_distance(std::span<const int> query_positions, std::span<const int> key_positions, Add add) {
  for (std::size_t q = 0; q < query_positions.size(); ++q)
    for (std::size_t k = 0; k < key_positions.size(); ++k)
      add(static_cast<Index>(q), static_cast<Index>(k), query_positions[q] - key_positions[k]);
}

}  // namespace

template <class S>
void add_distance_bias(const ByDistance<S>& bias, std::span<const int> query_positions,
                       std::span<const int> key_positions, ViewOf<S> scores) {
  for_every_distance(query_positions, key_positions,
                     [&](Index q, Index k, int distance) { scores(q, k) += bias(distance); });
}

template <class S>
void add_by_query(ConstViewOf<S> by_query, const ByDistance<int>& slot, std::span<const int> query_positions,
                  std::span<const int> key_positions, ViewOf<S> scores) {
  for_every_distance(query_positions, key_positions,
                     [&](Index q, Index k, int distance) { scores(q, k) += by_query(q, slot(distance)); });
}

template <class S>
void add_by_key(ConstViewOf<S> by_key, const ByDistance<int>& slot, std::span<const int> query_positions,
                std::span<const int> key_positions, ViewOf<S> scores) {
  for_every_distance(query_positions, key_positions,
                     [&](Index q, Index k, int distance) { scores(q, k) += by_key(k, slot(distance)); });
}

#define ATTN_INSTANTIATE_POSITIONS(S)                                                                      \
  template MatrixOf<S> sinusoid_table<S>(std::span<const int>, Index, bool);                               \
  template RotaryTable<S> rotary_table<S>(std::span<const int>, const std::vector<double>&, double, bool); \
  template void rotate<S>(const RotaryTable<S>&, Index, Index, ViewOf<S>);                                 \
  template void add_distance_bias<S>(const ByDistance<S>&, std::span<const int>, std::span<const int>,     \
                                     ViewOf<S>);                                                           \
  template void add_by_query<S>(ConstViewOf<S>, const ByDistance<int>&, std::span<const int>,              \
                                std::span<const int>, ViewOf<S>);                                          \
  template void add_by_key<S>(ConstViewOf<S>, const ByDistance<int>&, std::span<const int>,                \
                              std::span<const int>, ViewOf<S>);
ATTN_INSTANTIATE_POSITIONS(float)
ATTN_INSTANTIATE_POSITIONS(double)
#undef ATTN_INSTANTIATE_POSITIONS

}  // namespace attn

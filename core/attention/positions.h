#pragma once

#include <span>
#include <vector>

#include "core/math/matrix.h"

namespace attn {

// How a model knows where a token stands: one function a formula. Positions are given as numbers, one a
// token, so that they can be shuffled or shifted. A distance is query position - key position. Pure.

// Sines and cosines of position * 10000^(-2i/d) (Vaswani et al. 2017, section 3.5): [n, d].
// interleaved: sin, cos, sin, cos …; otherwise [sin | cos].
template <class S>
MatrixOf<S> sinusoid_table(std::span<const int> positions, Index d, bool interleaved);

// cos and sin of position * frequency, for rotate(): [n, n_frequencies] each. Both are multiplied by
// `magnitude`.
template <class S>
struct RotaryTable {
  MatrixOf<S> cos, sin;
  bool interleaved = false;  // pairs (2i, 2i+1); otherwise (i, i + n_frequencies)
};
template <class S>
RotaryTable<S> rotary_table(std::span<const int> positions, const std::vector<double>& frequencies,
                            double magnitude, bool interleaved);

// Turns the leading 2 * n_frequencies dimensions of each head, row r by row first + r of the table
// (Su et al. 2021): q·k then depends on the distance only. x: [T, n_heads * d_head].
template <class S>
void rotate(const RotaryTable<S>& table, Index first, Index d_head, ViewOf<S> x);

// The bucket of a distance (T5: Raffel et al. 2020; MPNet): near distances have their own, far ones share, up
// to max_distance. two_sided: half of the buckets for keys after the query.
int t5_bucket(int distance, bool two_sided, int n_buckets, int max_distance);

// The signed bucket of a distance (DeBERTa v2, He et al. 2020): itself while |distance| <= n_buckets / 2,
// then on a logarithmic scale up to max_distance. n_buckets 0: the distance itself.
int log_bucket(int distance, int n_buckets, int max_distance);

// One number for every distance from `smallest` up.
template <class T>
struct ByDistance {
  int smallest = 0;
  std::vector<T> values;
  T operator()(int distance) const { return values[static_cast<std::size_t>(distance - smallest)]; }
};

// scores(q, k) += bias(distance)   (ALiBi, T5). Row r of `scores` belongs to query_positions[r].
template <class S>
void add_distance_bias(const ByDistance<S>& bias, std::span<const int> query_positions,
                       std::span<const int> key_positions, ViewOf<S> scores);

// scores(q, k) += by_query(q, slot(distance)): a query's own opinion of each distance (Shaw et al. 2018;
// content to position). by_query: [Tq, n_slots].
template <class S>
void add_by_query(ConstViewOf<S> by_query, const ByDistance<int>& slot, std::span<const int> query_positions,
                  std::span<const int> key_positions, ViewOf<S> scores);

// scores(q, k) += by_key(k, slot(distance)): a key's opinion (position to content). by_key: [Tk, n_slots].
template <class S>
void add_by_key(ConstViewOf<S> by_key, const ByDistance<int>& slot, std::span<const int> query_positions,
                std::span<const int> key_positions, ViewOf<S> scores);

}  // namespace attn

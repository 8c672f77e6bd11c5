#pragma once

#include <cmath>
#include <vector>

#include "core/training/tape.h"

namespace attn {

// Turns q or k of each row by its position's angle; direction -1 turns a gradient back.
template <class S>
void rotate_rows(const RotarySpec& spec, const std::vector<Span>& sequences, int d_head, int direction, ViewOf<S> x) {
  const int half = spec.n_rotated / 2;
  for (const Span& span : sequences)
    for (Index t = 0; t < span.count; ++t)
      for (int i = 0; i < half; ++i) {
        const double angle = static_cast<double>(t) * spec.inverse_frequencies[static_cast<std::size_t>(i)];
        const S c = static_cast<S>(std::cos(angle)), s = static_cast<S>(direction * std::sin(angle));
        for (Index h = 0; h < x.cols() / d_head; ++h) {
          const Index a = h * d_head + (spec.interleaved ? 2 * i : i);
          const Index b = h * d_head + (spec.interleaved ? 2 * i + 1 : i + half);
          const S xa = x(span.first + t, a), xb = x(span.first + t, b);
          x(span.first + t, a) = xa * c - xb * s;
          x(span.first + t, b) = xb * c + xa * s;
        }
      }
}

template <class S>
RowOf<S> sinusoid(int position, int d, SinusoidOrder order) {
  RowOf<S> row(d);
  for (int i = 0; i < d / 2; ++i) {
    const double angle = position / std::pow(10000.0, 2.0 * i / d);
    const bool halves = order == SinusoidOrder::halves;
    row[halves ? i : 2 * i] = static_cast<S>(std::sin(angle));
    row[halves ? d / 2 + i : 2 * i + 1] = static_cast<S>(std::cos(angle));
  }
  return row;
}

}  // namespace attn

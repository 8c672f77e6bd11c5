#pragma once

#include <cstdint>

namespace attn {

// A small generator of our own, so that a seed means the same on every machine (Steele et al. 2014,
// SplitMix64). Copyable: a copy repeats the same numbers, which is how twins share one derivation.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // A whole number in [0, n), n >= 1.
  int below(int n) { return static_cast<int>(((next() >> 32) * static_cast<std::uint64_t>(n)) >> 32); }
  // In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double p) { return uniform() < p; }
  // Mean 0, variance 1, by the sum of twelve uniform numbers: only additions, so the same bits everywhere.
  double normal() {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }
  // An independent stream: for the n-th sentence, the n-th chunk.
  Random fork(std::uint64_t stream) const {
    Random child(state_ ^ (stream * 0xD1B54A32D192ED03ull + 0x2545F4914F6CDD1Dull));
    child.next();
    return child;
  }

 private:
  std::uint64_t state_;
};

}  // namespace attn

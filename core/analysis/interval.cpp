#include "core/analysis/interval.h"

#include <array>
#include <cmath>
#include <limits>

namespace attn {

namespace {

// 97.5 % quantile of Student's t: the printed table up to 30 degrees of freedom, then the first terms of the
// Cornish-Fisher expansion around the normal quantile (Abramowitz & Stegun 26.7.5), exact to 4 digits there.
double student_quantile(int degrees) {
  constexpr std::array<double, 30> kTable = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                             2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                             2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                             2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
  if (degrees <= static_cast<int>(kTable.size())) return kTable[static_cast<std::size_t>(degrees - 1)];
  constexpr double z = 1.959964;
  const double v = degrees;
  return z + (z * z * z + z) / (4 * v) + (5 * std::pow(z, 5) + 16 * std::pow(z, 3) + 3 * z) / (96 * v * v);
}

}  // namespace

void RunningMean::add(double value) {
  if (std::isnan(value)) return;
  ++n_;
  const double from_mean = value - mean_;
  mean_ += from_mean / n_;
  squares_ += from_mean * (value - mean_);
}

Interval RunningMean::interval() const {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (n_ == 0) return {kNone, kNone, kNone, 0};
  if (n_ == 1) return {mean_, kNone, kNone, 1};
  const double half = student_quantile(n_ - 1) * std::sqrt(squares_ / (n_ - 1) / n_);
  return {mean_, mean_ - half, mean_ + half, n_};
}

Interval mean_interval(std::span<const double> values) {
  RunningMean mean;
  for (const double value : values) mean.add(value);
  return mean.interval();
}

Interval share_interval(int right, int n) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (n <= 0) return {kNone, kNone, kNone, 0};
  constexpr double z = 1.959964;
  const double p = static_cast<double>(right) / n;
  const double middle = (p + z * z / (2.0 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4.0 * n * n));
  return {p, middle - half, middle + half, n};
}

}  // namespace attn

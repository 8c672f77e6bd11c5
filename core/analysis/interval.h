#pragma once

#include <span>

namespace attn {

// A mean with its 95 % confidence interval. With fewer than two values low and high are not-a-number.
struct Interval {
  double mean = 0, low = 0, high = 0;
  int n = 0;
};

// mean ± t · s / √n, t the 97.5 % quantile of Student's distribution with n - 1 degrees of freedom. Values
// that are not-a-number are left out.
Interval mean_interval(std::span<const double> values);

// The share right / n with Wilson's score interval (Wilson 1927), which stays inside 0 … 1. n >= 0.
Interval share_interval(int right, int n);

// Adds values one at a time (Welford 1962), so that a file of a million texts needs no list.
class RunningMean {
 public:
  void add(double value);  // not-a-number is left out
  Interval interval() const;

 private:
  int n_ = 0;
  double mean_ = 0, squares_ = 0;
};

}  // namespace attn

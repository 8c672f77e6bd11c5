#pragma once

#include "core/math/pool.h"
#include "core/training/weights.h"

namespace attn {

struct OptimiserOptions {
  double learning_rate = 3e-3;  // the peak
  int warm_up = 100;            // steps of linear growth
  int n_steps = 3000;           // then a half cosine down to a hundredth of the peak
  double weight_decay = 0.01;
  double clip = 1.0;  // largest length of the whole gradient
  double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
  bool operator==(const OptimiserOptions&) const = default;
};

// The learning rate of a step counted from 0.
double learning_rate_at(const OptimiserOptions& options, int step);

// AdamW (Loshchilov & Hutter 2019): Adam with weight decay apart from the gradient. Deterministic.
class Optimiser {
 public:
  Optimiser(const ModelSpec& spec, const OptimiserOptions& options);
  // One step against `gradient`, which is clipped first and left clipped. Returns its length before clipping.
  // The same bits at any number of threads.
  double step(Weights<float>& weights, Weights<float>& gradient, Pool* pool = nullptr);
  int steps_done() const { return step_; }

 private:
  OptimiserOptions options_;
  Weights<float> mean_, square_;
  int step_ = 0;
};

}  // namespace attn

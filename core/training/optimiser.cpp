#include "core/training/optimiser.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

namespace attn {

namespace {

struct Part {
  std::span<float> values;
  bool decays = false;
};

std::vector<Part> parts_of(Weights<float>& weights) {
  std::vector<Part> parts;
  visit(weights, [&](const std::string&, auto& values, bool decays) {
    parts.push_back({{values.data(), static_cast<std::size_t>(values.size())}, decays});
  });
  return parts;
}

double sum_of_squares(std::span<const float> values) {
  double sums[4] = {0, 0, 0, 0};  // side by side: one chain of additions would wait for itself
  for (std::size_t i = 0; i < values.size(); ++i)
    sums[i % 4] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

double learning_rate_at(const OptimiserOptions& options, int step) {
  if (step < options.warm_up) return options.learning_rate * (step + 1) / options.warm_up;
  const int rest = std::max(1, options.n_steps - options.warm_up);
  const double done = std::min(1.0, static_cast<double>(step - options.warm_up) / rest);
  return options.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
}

Optimiser::Optimiser(const ModelSpec& spec, const OptimiserOptions& options)
    : options_(options), mean_(zero_weights<float>(spec)), square_(zero_weights<float>(spec)) {}

double Optimiser::step(Weights<float>& weights, Weights<float>& gradient, Pool* pool) {
  const std::vector<Part> w = parts_of(weights), g = parts_of(gradient), m = parts_of(mean_),
                          v = parts_of(square_);
  const auto n_parts = static_cast<std::ptrdiff_t>(w.size());
  std::vector<double> squares(w.size());  // of each part, so that threads add up to the same
  parallel_for(pool, n_parts, [&](std::ptrdiff_t p) {
    squares[static_cast<std::size_t>(p)] = sum_of_squares(g[static_cast<std::size_t>(p)].values);
  });
  const double length = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
  const float shrink = length > options_.clip ? static_cast<float>(options_.clip / length) : 1.0f;

  const double rate = learning_rate_at(options_, step_);
  ++step_;
  const float beta1 = static_cast<float>(options_.beta1), beta2 = static_cast<float>(options_.beta2);
  const float step_size = static_cast<float>(rate / (1.0 - std::pow(options_.beta1, step_)));
  const float root_correction = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, step_)));
  const float epsilon = static_cast<float>(options_.epsilon);
  const float decay = static_cast<float>(1.0 - rate * options_.weight_decay);
  parallel_for(pool, n_parts, [&](std::ptrdiff_t i) {
    const auto p = static_cast<std::size_t>(i);
    const auto n = static_cast<Index>(w[p].values.size());
    using Array = Eigen::Map<Eigen::Array<float, Eigen::Dynamic, 1>>;
    Array weight(w[p].values.data(), n), slope(g[p].values.data(), n), mean(m[p].values.data(), n),
        square(v[p].values.data(), n);
    slope *= shrink;
    mean = beta1 * mean + (1.0f - beta1) * slope;
    square = beta2 * square + (1.0f - beta2) * slope.square();
    if (w[p].decays) weight *= decay;
    weight -= step_size * mean / (square.sqrt() * root_correction + epsilon);
  });
  return length;
}

}  // namespace attn

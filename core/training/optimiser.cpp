#include "core/training/optimiser.h"

#include <cmath>
#include <numbers>
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

}  // namespace

double learning_rate_at(const OptimiserOptions& options, int step) {
  if (step < options.warm_up) return options.learning_rate * (step + 1) / options.warm_up;
  const int rest = std::max(1, options.n_steps - options.warm_up);
  const double done = std::min(1.0, static_cast<double>(step - options.warm_up) / rest);
  return options.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
}

Optimiser::Optimiser(const ModelSpec& spec, const OptimiserOptions& options)
    : options_(options), mean_(zero_weights<float>(spec)), square_(zero_weights<float>(spec)) {}

double Optimiser::step(Weights<float>& weights, Weights<float>& gradient) {
  const std::vector<Part> w = parts_of(weights), g = parts_of(gradient), m = parts_of(mean_),
                          v = parts_of(square_);
  double squares = 0;
  for (const Part& part : g)
    for (const float value : part.values) squares += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(squares);
  const float shrink = length > options_.clip ? static_cast<float>(options_.clip / length) : 1.0f;

  const double rate = learning_rate_at(options_, step_);
  ++step_;
  const float beta1 = static_cast<float>(options_.beta1), beta2 = static_cast<float>(options_.beta2);
  const float step_size = static_cast<float>(rate / (1.0 - std::pow(options_.beta1, step_)));
  const float root_correction = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, step_)));
  const float epsilon = static_cast<float>(options_.epsilon);
  const float decay = static_cast<float>(1.0 - rate * options_.weight_decay);
  for (std::size_t p = 0; p < w.size(); ++p) {
    const auto n = static_cast<Index>(w[p].values.size());
    using Array = Eigen::Map<Eigen::Array<float, Eigen::Dynamic, 1>>;
    Array weight(w[p].values.data(), n), slope(g[p].values.data(), n), mean(m[p].values.data(), n),
        square(v[p].values.data(), n);
    slope *= shrink;
    mean = beta1 * mean + (1.0f - beta1) * slope;
    square = beta2 * square + (1.0f - beta2) * slope.square();
    if (w[p].decays) weight *= decay;
    weight -= step_size * mean / (square.sqrt() * root_correction + epsilon);
  }
  return length;
}

}  // namespace attn

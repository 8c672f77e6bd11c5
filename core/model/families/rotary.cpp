// Rotary positions and their scalings, as Hugging Face's modeling_rope_utils computes them.
#include <algorithm>
#include <cmath>

#include "core/model/families/common.h"

namespace attn {

namespace {

// 1 / theta^(2i / n): the angle that pair i turns by from one position to the next (Su et al. 2021, eq. 15).
std::vector<double> plain_frequencies(double theta, int n_rotated) {
  std::vector<double> frequencies;
  for (int i = 0; i < n_rotated / 2; ++i)
    frequencies.push_back(std::pow(theta, -2.0 * i / static_cast<double>(n_rotated)));
  return frequencies;
}

// Long wavelengths are stretched, short ones kept, those between interpolated (Llama 3.1).
void scale_llama3(const Config& scaling, std::vector<double>& frequencies) {
  const double factor = scaling.number({"factor"});
  const double low = scaling.number({"low_freq_factor"});
  const double high = scaling.number({"high_freq_factor"});
  const double original = scaling.number({"original_max_position_embeddings"});
  if (!(high > low)) scaling.refuse("has a 'high_freq_factor' that is not above 'low_freq_factor'.");
  for (double& frequency : frequencies) {
    const double wavelength = 2 * M_PI / frequency;
    if (wavelength < original / high) continue;
    if (wavelength > original / low) {
      frequency /= factor;
      continue;
    }
    const double smooth = (original / wavelength - low) / (high - low);
    frequency = (1 - smooth) * frequency / factor + smooth * frequency;
  }
}

// YaRN (Peng et al. 2023): fast pairs keep their angle, slow ones are stretched, a ramp between.
void scale_yarn(const Config& config, const Config& scaling, int n_rotated, RotarySpec& rotary) {
  double factor = scaling.number({"factor"});
  double positions = config.number({"max_position_embeddings"});
  // Writers from 4.45 on mean the length before scaling, where they give one; older ones ignore it.
  const bool old_writer = config.text({"transformers_version"}, "9") < "4.45";
  if (scaling.has({"original_max_position_embeddings"}) && !old_writer)
    positions = scaling.number({"original_max_position_embeddings"});
  const double beta_fast = scaling.number({"beta_fast"}, 32);
  const double beta_slow = scaling.number({"beta_slow"}, 1);
  const auto turning_dimension = [&](double turns) {
    return n_rotated * std::log(positions / (turns * 2 * M_PI)) / (2 * std::log(rotary.theta));
  };
  double low = turning_dimension(beta_fast), high = turning_dimension(beta_slow);
  if (scaling.flag({"truncate"}, true)) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, n_rotated - 1.0);
  if (low == high) high += 0.001;
  for (std::size_t i = 0; i < rotary.inverse_frequencies.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    double& frequency = rotary.inverse_frequencies[i];
    frequency = frequency / factor * ramp + frequency * (1 - ramp);
  }
  rotary.magnitude = scaling.number({"attention_factor"}, 0.1 * std::log(factor) + 1.0);
}

// LongRoPE (Phi-3): one factor a pair. Texts longer than the original length would use another list, so the
// positions end there.
void scale_longrope(const Config& config, const Config& scaling, PositionSpec& position) {
  const int original = config.has({"original_max_position_embeddings"})
                           ? config.size({"original_max_position_embeddings"})
                           : scaling.size({"original_max_position_embeddings"});
  const std::vector<double> factors = scaling.numbers({"short_factor"});
  std::vector<double>& frequencies = position.rotary.inverse_frequencies;
  if (factors.size() != frequencies.size())
    scaling.refuse("has " + std::to_string(factors.size()) + " numbers in 'short_factor', expected " +
                   std::to_string(frequencies.size()) + ".");
  for (std::size_t i = 0; i < factors.size(); ++i) frequencies[i] /= factors[i];
  const double stretch = config.number({"max_position_embeddings"}) / original;
  const double magnitude = stretch <= 1 ? 1.0 : std::sqrt(1 + std::log(stretch) / std::log(original));
  position.rotary.magnitude = scaling.number({"attention_factor"}, magnitude);
  position.n_positions = std::min(position.n_positions, original);
}

}  // namespace

double rotary_share(const Config& config, double otherwise) {
  const std::optional<Config> parameters = config.object({"rope_parameters"});
  const Config& where = parameters && parameters->has({"partial_rotary_factor"}) ? *parameters : config;
  const double share = where.number({"partial_rotary_factor", "rotary_pct"}, otherwise);
  if (!(share > 0 && share <= 1)) config.refuse("has a partial rotary factor that is not between 0 and 1.");
  return share;
}

PositionSpec rotary_positions(const Config& config, int n_rotated, FieldNames theta_names) {
  if (n_rotated < 2 || n_rotated % 2 != 0 || n_rotated > 65536)
    config.refuse("asks for rotary positions in " + std::to_string(n_rotated) +
                  " dimensions of a head; an even number is needed.");
  PositionSpec position;
  position.kind = PositionKind::rotary;
  position.n_positions = config.size({"max_position_embeddings", "n_positions"}, 2048);
  position.rotary.n_rotated = n_rotated;

  const std::optional<Config> parameters = config.object({"rope_parameters"});
  const std::optional<Config> scaling = parameters ? parameters : config.object({"rope_scaling"});
  const bool theta_inside = parameters && parameters->has({"rope_theta"});
  position.rotary.theta = theta_inside             ? parameters->number({"rope_theta"})
                          : theta_names.size() > 0 ? config.number(theta_names, Assumed{10000.0})
                                                   : 10000.0;
  if (!(position.rotary.theta > 1)) config.refuse("has a rope theta that is not above 1.");
  position.rotary.inverse_frequencies = plain_frequencies(position.rotary.theta, n_rotated);

  const std::string type = scaling ? scaling->text({"rope_type", "type"}, "default") : "default";
  if (type == "default" || type == "dynamic") {
    // "dynamic" changes nothing up to max_position_embeddings, and longer texts are refused.
  } else if (type == "linear") {
    const double factor = scaling->number({"factor"});
    for (double& frequency : position.rotary.inverse_frequencies) frequency /= factor;
  } else if (type == "llama3") {
    scale_llama3(*scaling, position.rotary.inverse_frequencies);
  } else if (type == "yarn") {
    scale_yarn(config, *scaling, n_rotated, position.rotary);
  } else if (type == "longrope" || type == "su") {
    scale_longrope(config, *scaling, position);
  } else {
    config.refuse("config.rope_scaling",
                  "asks for the rope scaling '{type}'; linear, dynamic, llama3, yarn and longrope are "
                  "supported.",
                  {{"type", type.substr(0, 60)}});
  }
  for (const double frequency : position.rotary.inverse_frequencies)
    if (!std::isfinite(frequency)) config.refuse("has a rope scaling that gives no finite angle.");
  return position;
}

}  // namespace attn

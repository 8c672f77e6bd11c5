#include "core/study/media/log_mel.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace attn {

namespace {

using MatrixD = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double kHighest_hz = 8000;
constexpr double kFloor = 1e-10;

// Linear up to 1000 Hz (3 mel each 200 Hz), logarithmic above.
double to_mel(double hz) {
  return hz < 1000 ? 3 * hz / 200 : 15 + std::log(hz / 1000) * (27 / std::log(6.4));
}
double to_hz(double mel) {
  return mel < 15 ? 200 * mel / 3 : 1000 * std::exp((mel - 15) * (std::log(6.4) / 27));
}

MatrixD filters(const LogMelSettings& settings) {
  const int n_bins = settings.n_fft / 2 + 1;
  std::vector<double> edges;  // in Hz
  const double most = to_mel(kHighest_hz);
  for (int i = 0; i < settings.n_mel + 2; ++i) edges.push_back(to_hz(most * i / (settings.n_mel + 1)));
  MatrixD out = MatrixD::Zero(settings.n_mel, n_bins);
  for (int m = 0; m < settings.n_mel; ++m) {
    const auto at = static_cast<std::size_t>(m);
    const double area = 2 / (edges[at + 2] - edges[at]);
    for (int bin = 0; bin < n_bins; ++bin) {
      const double hz = static_cast<double>(settings.rate) / 2 * bin / (n_bins - 1);
      const double up = (hz - edges[at]) / (edges[at + 1] - edges[at]);
      const double down = (edges[at + 2] - hz) / (edges[at + 2] - edges[at + 1]);
      out(m, bin) = std::max(0.0, std::min(up, down)) * area;
    }
  }
  return out;
}

// Sample `i` of a sound that is mirrored at both ends, without repeating the last one.
float mirrored(std::span<const float> samples, std::int64_t i) {
  const auto n = static_cast<std::int64_t>(samples.size());
  if (n == 1) return samples[0];
  const std::int64_t period = 2 * (n - 1);
  i = ((i % period) + period) % period;
  return samples[static_cast<std::size_t>(i < n ? i : period - i)];
}

}  // namespace

Matrix mel_filters(const LogMelSettings& settings) {
  return filters(settings).cast<float>();
}

Matrix log_mel(std::span<const float> samples, const LogMelSettings& settings) {
  const int n_fft = settings.n_fft, n_bins = n_fft / 2 + 1;
  const auto n_frames = static_cast<Index>(samples.size()) / settings.hop;
  // The transform as two matrices, cosines and sines: [n_fft, n_bins].
  MatrixD cosines(n_fft, n_bins), sines(n_fft, n_bins);
  for (int t = 0; t < n_fft; ++t) {
    const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * t / n_fft);
    for (int bin = 0; bin < n_bins; ++bin) {
      const double angle = 2 * std::numbers::pi * ((static_cast<std::int64_t>(t) * bin) % n_fft) / n_fft;
      cosines(t, bin) = window * std::cos(angle);
      sines(t, bin) = window * std::sin(angle);
    }
  }
  MatrixD frames(n_frames, n_fft);
  for (Index f = 0; f < n_frames; ++f)
    for (int t = 0; t < n_fft; ++t)
      frames(f, t) = static_cast<double>(mirrored(samples, f * settings.hop + t - n_fft / 2));
  const MatrixD real = frames * cosines, imaginary = frames * sines;
  const MatrixD power = real.cwiseAbs2() + imaginary.cwiseAbs2();  // [frames, bins]
  MatrixD mel = filters(settings) * power.transpose();             // [n_mel, frames]
  mel = mel.cwiseMax(kFloor).array().log10().matrix();
  const double least = mel.size() > 0 ? mel.maxCoeff() - 8 : 0;
  mel = ((mel.cwiseMax(least).array() + 4) / 4).matrix();
  return mel.cast<float>();
}

}  // namespace attn

#include "core/study/media/sound_file.h"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>

#include "core/math/worded_error.h"
#include "core/study/session.h"

namespace attn {

namespace {

constexpr std::size_t kMostSamples = std::size_t{48000} * 60 * 15;  // a quarter of an hour
constexpr int kMostChannels = 64;
constexpr int kMostRate = 384000;

struct Bytes {
  std::string_view data;
  sf_count_t at = 0;
};

sf_count_t length(void* user) {
  return static_cast<sf_count_t>(static_cast<Bytes*>(user)->data.size());
}
sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto* bytes = static_cast<Bytes*>(user);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? bytes->at : length(user);
  if (offset < -from || offset > length(user) - from) return -1;
  bytes->at = from + offset;
  return bytes->at;
}
sf_count_t read(void* out, sf_count_t n, void* user) {
  auto* bytes = static_cast<Bytes*>(user);
  const sf_count_t most = std::max<sf_count_t>(0, std::min(n, length(user) - bytes->at));
  std::memcpy(out, bytes->data.data() + bytes->at, static_cast<std::size_t>(most));
  bytes->at += most;
  return most;
}
sf_count_t write(const void*, sf_count_t, void*) {
  return 0;
}
sf_count_t tell(void* user) {
  return static_cast<Bytes*>(user)->at;
}

// Modified Bessel function of the first kind, order 0.
double bessel0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 40; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

}  // namespace

Sound decode_sound(std::string_view bytes, const std::string& name) {
  SF_VIRTUAL_IO io{length, seek, read, write, tell};
  Bytes source{bytes, 0};
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open_virtual(&io, SFM_READ, &info, &source),
                                                         sf_close);
  if (!file)
    throw WordedError(worded("media.no_sound",
                             "{file} is no sound that can be read ({reason}); save it as WAV.",
                             {{"file", name}, {"reason", sf_strerror(nullptr)}}));
  if (info.channels < 1 || info.channels > kMostChannels || info.samplerate < 1 ||
      info.samplerate > kMostRate)
    throw WordedError(
        worded("media.odd_sound",
               "{file} says that it has {channels} channels at {rate} samples a second; that cannot be read.",
               {{"file", name},
                {"channels", std::to_string(info.channels)},
                {"rate", std::to_string(info.samplerate)}}));
  Sound sound;
  sound.rate = info.samplerate;
  const auto n_channels = static_cast<std::size_t>(info.channels);
  constexpr std::size_t kBlock = 4096;
  std::vector<float> block(kBlock * n_channels);
  while (true) {
    const sf_count_t n = sf_readf_float(file.get(), block.data(), kBlock);
    if (n <= 0) break;
    if (sound.samples.size() + static_cast<std::size_t>(n) > kMostSamples)
      throw WordedError(worded("media.long_sound",
                               "{file} is longer than {n} minutes; cut out what you want to look at.",
                               {{"file", name}, {"n", std::to_string(kMostSamples / 48000 / 60)}}));
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < n_channels; ++c) sum += block[i * n_channels + c];
      sound.samples.push_back(std::isfinite(sum) ? sum / static_cast<float>(n_channels) : 0.0f);
    }
  }
  if (sound.samples.empty())
    throw WordedError(worded("media.empty_sound", "{file} holds no sound.", {{"file", name}}));
  return sound;
}

Sound read_sound(const std::filesystem::path& path) {
  return decode_sound(read_text_file(path, kMostMediaBytes), path.filename().string());
}

Sound at_rate(const Sound& sound, int rate) {
  if (rate == sound.rate || sound.samples.empty()) return sound;
  constexpr double kBeta = 8.6;
  constexpr int kZeros = 24;  // crossings of the sinc to each side
  const double ratio = static_cast<double>(rate) / sound.rate;
  const double cut_off = std::min(1.0, ratio) * 0.97;
  const double half = kZeros / cut_off;  // input samples to each side
  const double of_window = bessel0(kBeta);
  Sound out;
  out.rate = rate;
  const auto n_in = static_cast<std::int64_t>(sound.samples.size());
  const auto n_out = static_cast<std::size_t>(std::floor(static_cast<double>(n_in) * ratio));
  out.samples.reserve(n_out);
  for (std::size_t i = 0; i < n_out; ++i) {
    const double centre = static_cast<double>(i) / ratio;
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(centre - half)));
    const auto last = std::min<std::int64_t>(n_in - 1, static_cast<std::int64_t>(std::floor(centre + half)));
    double sum = 0;
    for (std::int64_t k = first; k <= last; ++k) {
      const double x = static_cast<double>(k) - centre, inside = 1 - (x / half) * (x / half);
      const double angle = std::numbers::pi * x * cut_off;
      const double sinc = angle == 0 ? 1 : std::sin(angle) / angle;
      sum += static_cast<double>(sound.samples[static_cast<std::size_t>(k)]) * cut_off * sinc *
             bessel0(kBeta * std::sqrt(std::max(0.0, inside))) / of_window;
    }
    out.samples.push_back(static_cast<float>(sum));
  }
  return out;
}

}  // namespace attn

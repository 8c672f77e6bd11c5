#include "core/study/media/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/math/error.h"

namespace attn {

namespace {

constexpr int kPrecisionBits = 32 - 8 - 2;

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double filter(Resample how, double x) {
  x = std::abs(x);
  switch (how) {
    case Resample::bilinear:
      return x < 1 ? 1 - x : 0;
    case Resample::bicubic: {  // Keys 1981, a = -0.5
      constexpr double a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
    case Resample::lanczos:
      return x < 3 ? sinc(x) * sinc(x / 3) : 0;
  }
  return 0;
}

double support_of(Resample how) {
  return how == Resample::bilinear ? 1 : how == Resample::bicubic ? 2 : 3;
}

// Which inputs make one output, and how much of each.
struct Share {
  int first = 0;
  std::vector<int> weights;  // in units of 2^-22
};

std::vector<Share> shares(int n_in, int n_out, Resample how) {
  const double scale = static_cast<double>(n_in) / n_out;
  const double wide = std::max(1.0, scale);
  const double support = support_of(how) * wide;
  std::vector<Share> all(static_cast<std::size_t>(n_out));
  for (int i = 0; i < n_out; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int last = std::min(n_in, static_cast<int>(centre + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < last; ++x) {
      weights.push_back(filter(how, (x - centre + 0.5) / wide));
      sum += weights.back();
    }
    Share& share = all[static_cast<std::size_t>(i)];
    share.first = first;
    for (double w : weights) {
      if (sum != 0) w /= sum;
      share.weights.push_back(static_cast<int>((w < 0 ? -0.5 : 0.5) + w * (1 << kPrecisionBits)));
    }
  }
  return all;
}

std::uint8_t clip8(std::int64_t sum) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kPrecisionBits, 0, 255));
}

// One direction: `step` bytes lie between neighbours, `line` bytes between lines.
void resample(const std::vector<Share>& all, const std::uint8_t* in, std::size_t in_step, std::size_t in_line,
              std::uint8_t* out, std::size_t out_step, std::size_t out_line, std::size_t n_lines) {
  for (std::size_t l = 0; l < n_lines; ++l) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Share& share = all[i];
      for (std::size_t c = 0; c < 3; ++c) {
        std::int64_t sum = std::int64_t{1} << (kPrecisionBits - 1);
        const std::uint8_t* at = in + l * in_line + static_cast<std::size_t>(share.first) * in_step + c;
        for (const int w : share.weights) {
          sum += std::int64_t{*at} * w;
          at += in_step;
        }
        out[l * out_line + i * out_step + c] = clip8(sum);
      }
    }
  }
}

Picture empty_picture(int width, int height) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  picture.rgb.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  return picture;
}

}  // namespace

Picture resized(const Picture& picture, int width, int height, Resample how) {
  Picture across = picture;
  if (width != picture.width) {
    across = empty_picture(width, picture.height);
    resample(shares(picture.width, width, how), picture.rgb.data(), 3,
             static_cast<std::size_t>(picture.width) * 3, across.rgb.data(), 3,
             static_cast<std::size_t>(width) * 3, static_cast<std::size_t>(picture.height));
  }
  if (height == picture.height) return across;
  Picture out = empty_picture(width, height);
  const auto line = static_cast<std::size_t>(width) * 3;
  resample(shares(picture.height, height, how), across.rgb.data(), line, 3, out.rgb.data(), line, 3,
           static_cast<std::size_t>(width));
  return out;
}

Picture centre_cut(const Picture& picture, int width, int height) {
  if (picture.width < width || picture.height < height)
    throw Error("a picture of " + std::to_string(picture.width) + " x " + std::to_string(picture.height) +
                " pixels is too small to cut " + std::to_string(width) + " x " + std::to_string(height) +
                " out of it");
  const int left = (picture.width - width) / 2, top = (picture.height - height) / 2;
  Picture out = empty_picture(width, height);
  for (int y = 0; y < height; ++y) {
    const auto from = (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(picture.width) +
                       static_cast<std::size_t>(left)) *
                      3;
    std::copy_n(picture.rgb.begin() + static_cast<std::ptrdiff_t>(from), width * 3,
                out.rgb.begin() + static_cast<std::ptrdiff_t>(y) * width * 3);
  }
  return out;
}

}  // namespace attn

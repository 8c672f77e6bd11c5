#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/forward/inputs.h"
#include "core/math/matrix.h"
#include "core/math/worded_error.h"

namespace attn {

inline constexpr std::size_t kMostMediaBytes = std::size_t{256} << 20;  // a larger file is not read

// Colours as they stand in a file: 8 bits each, rows from the top, red, green, blue. No pixel: empty.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // [height, width, 3]
  bool empty() const { return rgb.empty(); }
};

// One channel of sound, -1 … 1.
struct Sound {
  int rate = 0;  // samples a second
  std::vector<float> samples;
  double seconds() const { return rate > 0 ? static_cast<double>(samples.size()) / rate : 0; }
};

// What a model read in place of words, as a person sees it beside its attention.
struct Media {
  enum class Kind { picture, sound };
  Kind kind = Kind::picture;
  // The picture as the model reads it: resized and cut, before its colours are rescaled. Its squares are the
  // tokens after the first n_prefix, row by row.
  Picture picture;
  int n_prefix = 0, patch = 0, across = 0, down = 0;
  // The sound as the model reads it, at its rate. Token i begins at i * seconds_a_token.
  Sound sound;
  double seconds_a_token = 0;
  Matrix spectrogram;          // [mel, frames], for models that read one; else empty
  std::vector<Wording> notes;  // what was done to the file, and what was assumed: one sentence each
};

}  // namespace attn

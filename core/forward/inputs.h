#pragma once

#include <string>
#include <vector>

#include "core/math/matrix.h"

namespace attn {

// What one forward pass reads, already tokenized: one text (or pair), or a source and a target, or an image
// or sound. Plain value.
struct Inputs {
  std::vector<int> ids;         // [T] the text; the source of an encoder-decoder
  std::vector<int> type_ids;    // [T] or empty (all 0): first or second sentence
  std::vector<int> target_ids;  // [Tt] an encoder-decoder's target, beginning with its start token

  // Images and sound, for models whose tokens are patches or frames (then `ids` is empty).
  Matrix pixels;  // [channels * height, width]
  int channels = 0;
  Row samples;      // [samples] wav2vec 2.0, normalised
  Matrix features;  // [mel, frames] Whisper

  bool operator==(const Inputs&) const;
};

}  // namespace attn

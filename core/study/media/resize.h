#pragma once

#include "core/study/media/media.h"

namespace attn {

// Numbers as Pillow has them ("resample" of a preprocessor_config.json).
enum class Resample { lanczos = 1, bilinear = 2, bicubic = 3 };

// As Pillow's Image.resize: each output pixel is a weighted mean of what it covers (wider when it shrinks),
// along the rows first, then along the columns, with 22-bit fixed-point weights and 8-bit results of both.
Picture resized(const Picture& picture, int width, int height, Resample how);

// The middle of the picture. Throws Error when it is smaller.
Picture centre_cut(const Picture& picture, int width, int height);

}  // namespace attn

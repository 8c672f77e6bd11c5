#pragma once

#include "core/forward/inputs.h"
#include "core/model/model.h"

namespace attn {

// What makes tokens of images and sound, for one input.

// Frames that come out of a convolution over n_frames; 0 when it has fewer than it reads.
Index frames_after(const ConvolutionSpec& spec, Index n_frames);

// A convolution over the frames of x [n, channels in], then its norm and activation: [m, channels out].
template <class S>
MatrixOf<S> convolve(const ConvolutionSpec& spec, const ConvolutionParameters<S>& parameters,
                     ConstViewOf<S> x, Pool* pool);

// Learned tokens, then one row for each square of the image, by rows of squares: [n_prefix + n_patches, D].
template <class S>
MatrixOf<S> embed_patches(const PatchSpec& spec, const StemParameters<S>& parameters, const Inputs& inputs,
                          Pool* pool);

// Sound through the stem's convolutions: [frames, channels of the last]. `norm_epsilon` is that of the norm
// after them, where there is one.
template <class S>
MatrixOf<S> embed_sound(const ModelSpec& spec, const StemParameters<S>& parameters, const Inputs& inputs,
                        S norm_epsilon, Pool* pool);

}  // namespace attn

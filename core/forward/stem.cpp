#include "core/forward/stem.h"

#include <cmath>
#include <utility>

#include "core/math/rows.h"

namespace attn {

Index frames_after(const ConvolutionSpec& spec, Index n_frames) {
  const Index padded = n_frames + 2 * spec.padding;
  return padded < spec.kernel ? 0 : (padded - spec.kernel) / spec.stride + 1;
}

namespace {

// The windows that one group of channels reads, one a row: [m, channels in the group * kernel], the order in
// which PyTorch stores a filter (channel, then frame).
template <class S>
MatrixOf<S> windows(const ConvolutionSpec& spec, ConstViewOf<S> x) {
  const Index n = frames_after(spec, x.rows());
  MatrixOf<S> out = MatrixOf<S>::Zero(n, x.cols() * spec.kernel);
  for (Index r = 0; r < n; ++r) {
    for (Index tap = 0; tap < spec.kernel; ++tap) {
      const Index frame = r * spec.stride + tap - spec.padding;
      if (frame < 0 || frame >= x.rows()) continue;
      for (Index c = 0; c < x.cols(); ++c) out(r, c * spec.kernel + tap) = x(frame, c);
    }
  }
  return out;
}

// Each channel over all frames, to mean 0 and variance 1, then gain and bias.
template <class S>
void channel_norm(const NormParameters<S>& norm, S epsilon, MatrixOf<S>& x) {
  for (Index c = 0; c < x.cols(); ++c) {
    const S mean = x.col(c).mean();
    const S variance = (x.col(c).array() - mean).square().mean();
    x.col(c).array() =
        (x.col(c).array() - mean) / std::sqrt(variance + epsilon) * norm.gain[c] + norm.bias[c];
  }
}

}  // namespace

template <class S>
MatrixOf<S> convolve(const ConvolutionSpec& spec, const ConvolutionParameters<S>& parameters,
                     ConstViewOf<S> x, Pool* pool) {
  const Index in_group = x.cols() / spec.groups;
  const Index out_group = spec.channels / spec.groups;
  MatrixOf<S> out(frames_after(spec, x.rows()), spec.channels);
  for (Index g = 0; g < spec.groups; ++g) {
    const MatrixOf<S> read = windows<S>(spec, columns_of(x, g * in_group, in_group));
    parameters.groups[static_cast<std::size_t>(g)].apply(
        view(read), columns_of(view(out), g * out_group, out_group), pool);
  }
  const S epsilon = static_cast<S>(spec.epsilon);
  if (spec.norm == ConvolutionSpec::Norm::channel) channel_norm(parameters.norm, epsilon, out);
  if (spec.norm == ConvolutionSpec::Norm::frame)
    layer_norm_rows<S>(view(std::as_const(out)), parameters.norm.gain, parameters.norm.bias, epsilon,
                       view(out));
  activate<S>(spec.activation, view(out));
  return out;
}

template <class S>
MatrixOf<S> embed_patches(const PatchSpec& spec, const StemParameters<S>& parameters, const Inputs& inputs,
                          Pool* pool) {
  const Index side = spec.patch;
  const Index across = spec.width / side;
  const Index n_patches = across * (spec.height / side);
  MatrixOf<S> pixels(n_patches, spec.n_channels * side * side);
  for (Index patch = 0; patch < n_patches; ++patch) {
    S* row = pixels.row(patch).data();
    for (Index channel = 0; channel < spec.n_channels; ++channel)
      for (Index y = 0; y < side; ++y)
        for (Index x = 0; x < side; ++x)
          *row++ = static_cast<S>(
              inputs.pixels(channel * spec.height + patch / across * side + y, patch % across * side + x));
  }
  MatrixOf<S> out(spec.n_prefix + n_patches, parameters.patches.outputs());
  out.topRows(spec.n_prefix) = parameters.prefix;
  parameters.patches.apply(view(std::as_const(pixels)), rows_of(view(out), spec.n_prefix, n_patches), pool);
  return out;
}

template <class S>
MatrixOf<S> embed_sound(const ModelSpec& spec, const StemParameters<S>& parameters, const Inputs& inputs,
                        S norm_epsilon, Pool* pool) {
  MatrixOf<S> frames = spec.input == InputKind::samples
                           ? MatrixOf<S>(inputs.samples.template cast<S>().transpose())
                           : MatrixOf<S>(inputs.features.template cast<S>().transpose());
  for (std::size_t i = 0; i < spec.stem.size(); ++i)
    frames = convolve<S>(spec.stem[i], parameters.convolutions[i], view(std::as_const(frames)), pool);
  if (parameters.norm.gain.size() > 0)
    layer_norm_rows<S>(view(std::as_const(frames)), parameters.norm.gain, parameters.norm.bias, norm_epsilon,
                       view(frames));
  return frames;
}

#define ATTN_INSTANTIATE_STEM(S)                                                                            \
  template MatrixOf<S> convolve<S>(const ConvolutionSpec&, const ConvolutionParameters<S>&, ConstViewOf<S>, \
                                   Pool*);                                                                  \
  template MatrixOf<S> embed_patches<S>(const PatchSpec&, const StemParameters<S>&, const Inputs&, Pool*);  \
  template MatrixOf<S> embed_sound<S>(const ModelSpec&, const StemParameters<S>&, const Inputs&, S, Pool*);
ATTN_INSTANTIATE_STEM(float)
ATTN_INSTANTIATE_STEM(double)
#undef ATTN_INSTANTIATE_STEM

}  // namespace attn

#pragma once

#include <memory>
#include <string>

#include "core/math/linear.h"
#include "core/math/worded_error.h"
#include "core/model/arrival.h"
#include "core/model/spec.h"

namespace attn {

template <class S>
struct NormParameters {
  RowOf<S> gain;  // [D]; empty: no norm here
  RowOf<S> bias;  // [D] or empty
};

// A convolution as linear maps over windows of frames, one map a group:
// [channels out / groups, channels in / groups * kernel], PyTorch's [out, in / groups, kernel] read flat
// (weight norm already multiplied out).
template <class S>
struct ConvolutionParameters {
  std::vector<Linear<S>> groups;
  NormParameters<S> norm;  // where the spec asks for one
};

template <class S>
struct AttentionParameters {
  Linear<S> query, key, value, output;  // [H d_head, D], [G d_head, D], [G d_head, D], [D, H d_head]

  // Only where the spec asks for them:
  MatrixOf<S> distance_table;              // relative_key: [2 max - 1, d_head]
  MatrixOf<S> additive;                    // Scoring::additive: v of each head, [H, d_head]
  Linear<S> position_query, position_key;  // disentangled: projections of the relative embedding
  Linear<S> relative;                      // transformer_xl: projection of the relative sinusoids
  RowOf<S> content_bias, position_bias,
      segment_bias;           // transformer_xl: r_w_bias, r_r_bias, r_s_bias, [H d_head]
  MatrixOf<S> segment_table;  // transformer_xl: [2, H d_head]
};

template <class S>
struct LayerParameters {
  NormParameters<S> self_norm,
      self_post_norm;  // before (or after, as the spec's NormPlace says); `both` uses two
  AttentionParameters<S> self;
  NormParameters<S> cross_norm;
  AttentionParameters<S> cross;
  NormParameters<S> ffn_norm, ffn_post_norm;
  Linear<S> up, gate, down;  // [d_ff, D], [d_ff, D] when gated, [D, d_ff]
};

template <class S>
struct StackParameters {
  std::vector<LayerParameters<S>> layers;  // n_layers, or n_layer_groups when shared
  NormParameters<S> embedding_norm, final_norm;
  // learned (and also_learned): [n_positions + offset, D], as wide as what it is added to (ALBERT:
  // d_embedding); sinusoidal: [n_positions, D] where the file has one, otherwise made on the way
  MatrixOf<S> position_table;
  MatrixOf<S> relative_table;       // disentangled: [2 n_buckets (or 2 max_distance), D]
  MatrixOf<S> bucket_bias;          // bucket_bias: [n_buckets, H]
  NormParameters<S> relative_norm;  // disentangled: norm of the relative embedding; empty: none
  ConvolutionParameters<S> position_convolution;
  Linear<S> output_projection;  // after the final norm, to d_embedding (OPT 350m); empty: none
};

template <class S>
struct EmbeddingParameters {
  MatrixOf<S> words;        // [V, d_embedding]
  MatrixOf<S> token_types;  // [n_types, d_embedding] or empty
  Linear<S> projection;     // d_embedding → D, where factorised; wav2vec 2.0: of the stem's frames
};

// What makes tokens of pixels and sound.
template <class S>
struct StemParameters {
  Linear<S> patches;   // [D, channels * patch * patch], PyTorch's [D, channels, patch, patch] read flat
  MatrixOf<S> prefix;  // [n_prefix, D] learned tokens before the patches
  std::vector<ConvolutionParameters<S>> convolutions;
  NormParameters<S> norm;  // wav2vec 2.0: of the frames, before EmbeddingParameters::projection
};

// The output head: optional dense + activation + norm, then a linear map to the vocabulary or labels.
template <class S>
struct OutputParameters {
  Linear<S> transform;
  Activation transform_activation = Activation::identity;
  NormParameters<S> transform_norm;
  Linear<S> project;  // [V, D] or [n_labels, D]; tied models share the embedding's numbers
  // DeiT with a teacher: logits are the mean of project(class token) and this of the distillation token.
  Linear<S> distilled_project;
};

template <class S>
struct ParametersOf {
  EmbeddingParameters<S> embedding;
  StemParameters<S> stem;
  EmbeddingParameters<S> target_embedding;  // where source and target do not share one
  StackParameters<S> encoder, decoder;
  OutputParameters<S> output;
};

// A model: what it is made of and what it has learned. Immutable, shared by everyone who looks at it; while
// it is being read (`arrival`), a pass waits for each layer, and nothing looks at one that no Trace has yet.
class Model {
 public:
  ModelSpec spec;
  ParametersOf<float> parameters;
  std::string path;         // folder it came from
  std::string name;         // for menus: a built-in name, a Hub name or the folder's
  std::string fingerprint;  // hash of config and weight file headers and sizes, 16 hex digits
  // What a person should know of it: fields that were assumed, tensors that nothing uses. One sentence each.
  std::vector<Wording> notes;
  std::size_t n_parameters = 0;
  std::size_t memory_bytes = 0;
  std::shared_ptr<const Arrival> arrival;  // null: all of it is there

  // The parts of `arrival`: kOutsideOfLayers, then every LayerParameters of the encoder and of the decoder.
  static constexpr std::size_t kOutsideOfLayers = 0;
  std::size_t n_parts() const {
    return 1 + parameters.encoder.layers.size() + parameters.decoder.layers.size();
  }
  std::size_t part_of(Stack stack, std::size_t layer_parameters) const {
    return 1 + (stack == Stack::encoder ? 0 : parameters.encoder.layers.size()) + layer_parameters;
  }
};

}  // namespace attn

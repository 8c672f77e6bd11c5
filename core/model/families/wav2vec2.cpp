// wav2vec 2.0 (Baevski et al. 2020): sound through a stem of convolutions, positions by one more.
#include <cmath>

#include "core/model/families/common.h"

namespace attn {

namespace {

std::vector<ConvolutionSpec> stem_of(const Config& config) {
  const auto list = [&](const char* name, std::vector<int> otherwise) {
    return config.has({name}) ? config.integers({name}) : otherwise;
  };
  const std::vector<int> channels = list("conv_dim", {512, 512, 512, 512, 512, 512, 512});
  const std::vector<int> kernels = list("conv_kernel", {10, 3, 3, 3, 3, 2, 2});
  const std::vector<int> strides = list("conv_stride", {5, 2, 2, 2, 2, 2, 2});
  if (channels.empty() || channels.size() > 64 || kernels.size() != channels.size() ||
      strides.size() != channels.size())
    config.refuse("has 'conv_dim', 'conv_kernel' and 'conv_stride' of different lengths.");
  const std::string norm = config.text({"feat_extract_norm"}, "group");
  if (norm != "group" && norm != "layer")
    config.refuse("has 'feat_extract_norm' = '" + norm.substr(0, 40) + "', expected group or layer.");
  std::vector<ConvolutionSpec> stem;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i] < 1 || kernels[i] < 1 || strides[i] < 1)
      config.refuse("has a convolution with a size below 1.");
    ConvolutionSpec convolution;
    convolution.channels = channels[i];
    convolution.kernel = kernels[i];
    convolution.stride = strides[i];
    convolution.activation = activation_of(config, {"feat_extract_activation"}, "gelu");
    if (norm == "layer") convolution.norm = ConvolutionSpec::Norm::frame;
    if (norm == "group" && i == 0) convolution.norm = ConvolutionSpec::Norm::channel;
    stem.push_back(convolution);
  }
  return stem;
}

// Weight norm (Salimans & Kingma 2016) over all but the last dimension: w = g v / |v| for each tap.
// v: [D, inputs * kernel], column = channel * kernel + tap; g: one number a tap.
Matrix without_weight_norm(const Matrix& v, const Matrix& g) {
  const Index kernel = g.size(), inputs = v.cols() / kernel;
  Matrix w = v;
  for (Index tap = 0; tap < kernel; ++tap) {
    double squares = 0;
    for (Index r = 0; r < v.rows(); ++r)
      for (Index c = 0; c < inputs; ++c) squares += std::pow(static_cast<double>(v(r, c * kernel + tap)), 2);
    const double factor = static_cast<double>(g.data()[tap]) / std::sqrt(squares);
    for (Index r = 0; r < v.rows(); ++r)
      for (Index c = 0; c < inputs; ++c)
        w(r, c * kernel + tap) = static_cast<float>(v(r, c * kernel + tap) * factor);
  }
  return w;
}

void place_position_convolution(const Section& conv, const ConvolutionSpec& spec,
                                ConvolutionParameters<float>& slots) {
  const Index d = spec.channels, kernel = spec.kernel, inputs = d / spec.groups;
  if (conv.has("weight")) {
    place_convolution(conv, "", spec, d, true, slots);
    return;
  }
  const MatrixSource v = conv.source("weight_v", {d, inputs, kernel});
  const MatrixSource g = conv.source("weight_g", {kernel});
  const MatrixSource bias = conv.source("bias", {d});
  slots.groups.resize(static_cast<std::size_t>(spec.groups));
  const std::size_t bytes = static_cast<std::size_t>(d * inputs * kernel) * 4;
  conv.plan().make(&slots, bytes, v.span_bytes(), [&slots, v, g, bias] {
    std::vector<std::byte> buffer;
    const Matrix gains = to_matrix(g.read(buffer));
    const Matrix weight = without_weight_norm(to_matrix(v.read(buffer)), gains);
    const Matrix biases = to_matrix(bias.read(buffer));
    const Index n = weight.rows() / static_cast<Index>(slots.groups.size());
    for (std::size_t i = 0; i < slots.groups.size(); ++i) {
      const Index first = static_cast<Index>(i) * n;
      slots.groups[i] = Linear<float>::from_matrix(weight.middleRows(first, n),
                                                   Eigen::Map<const Row>(biases.data() + first, n));
    }
  });
}

}  // namespace

ModelSpec wav2vec2_spec(const Config& config) {
  if (config.flag({"add_adapter"}, false))
    config.refuse("config.adapter_convolutions",
                  "has 'add_adapter': convolutions after the layers are not supported.");
  if (config.has({"adapter_attn_dim"}))
    config.refuse("config.adapters", "has 'adapter_attn_dim': adapters inside the layers are not supported.");
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), false);
  layer.feed_forward.d_ff = config.size({"intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"hidden_act"}, "gelu");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_eps"}, Assumed{1e-5})};
  const bool stable = config.flag({"do_stable_layer_norm"}, false);
  stack.norm_place = stable ? NormPlace::before : NormPlace::after;
  stack.embedding_norm = !stable;
  stack.final_norm = stable;

  stack.position.kind = PositionKind::convolution;
  ConvolutionSpec& convolution = stack.position.convolution;
  convolution.channels = stack.d_model;
  convolution.kernel = config.size({"num_conv_pos_embeddings"}, 128);
  convolution.padding = convolution.kernel / 2;
  convolution.groups = config.size({"num_conv_pos_embedding_groups"}, 16);
  convolution.activation = activation_of(config, {"feat_extract_activation"}, "gelu");
  if (stack.d_model % convolution.groups != 0)
    config.refuse("has 'num_conv_pos_embedding_groups' that do not divide its width.");

  spec.input = InputKind::samples;
  spec.stem = stem_of(config);
  spec.embedding.d_embedding = spec.stem.back().channels;
  spec.embedding.tied_output = false;
  const std::string architecture = architecture_of(config);
  if (architecture.find("ForCTC") != std::string::npos) {
    spec.output = OutputKind::token_label;  // a letter for each frame
    spec.n_labels = config.size({"vocab_size"}, 32);
  } else if (architecture.find("ForSequenceClassification") != std::string::npos &&
             !config.flag({"use_weighted_layer_sum"}, false)) {
    spec.output = OutputKind::sequence_label;
    spec.label_row = LabelRow::mean;
  }
  spec.encoder = std::move(stack);
  return spec;
}

void place_wav2vec2(const Config& config, const Section& root, Model& model) {
  ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.encoder;
  const Section wav = root.under({"wav2vec2.", ""}, "feature_projection.projection.weight");
  const Index d = stack.d_model, width = spec.embedding.d_embedding;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  StackParameters<float>& slots = model.parameters.encoder;
  StemParameters<float>& stem = model.parameters.stem;

  stem.convolutions.resize(spec.stem.size());
  for (std::size_t i = 0; i < spec.stem.size(); ++i) {
    const Section at = wav.at("feature_extractor.conv_layers", static_cast<int>(i));
    const Index inputs = i == 0 ? 1 : spec.stem[i - 1].channels;
    place_convolution(at, "conv.", spec.stem[i], inputs, config.flag({"conv_bias"}, false),
                      stem.convolutions[i]);
    if (spec.stem[i].norm != ConvolutionSpec::Norm::none)
      at.norm(stem.convolutions[i].norm, "layer_norm", spec.stem[i].channels);
  }
  wav.norm(stem.norm, "feature_projection.layer_norm", width);
  wav.linear(model.parameters.embedding.projection, "feature_projection.projection", d, width);

  const Section encoder = wav.at("encoder");
  place_position_convolution(encoder.at("pos_conv_embed.conv"), stack.position.convolution,
                             slots.position_convolution);
  encoder.norm(stack.embedding_norm ? slots.embedding_norm : slots.final_norm, "layer_norm", d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = encoder.at("layers", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.linear(layer.self.query, "attention.q_proj", d, d);
    at.linear(layer.self.key, "attention.k_proj", d, d);
    at.linear(layer.self.value, "attention.v_proj", d, d);
    at.linear(layer.self.output, "attention.out_proj", d, d);
    at.norm(layer.self_norm, "layer_norm", d);
    at.linear(layer.up, "feed_forward.intermediate_dense", d_ff, d);
    at.linear(layer.down, "feed_forward.output_dense", d, d_ff);
    at.norm(layer.ffn_norm, "final_layer_norm", d);
  }

  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::token_label) {
    if (head_is_there(root, {"lm_head.weight"}, model))
      root.linear(output.project, "lm_head", spec.n_labels, d);
  } else if (spec.output == OutputKind::sequence_label) {
    if (!head_is_there(root, {"classifier.weight"}, model)) return;
    const Index pooled = config.size({"classifier_proj_size"}, 256);
    root.linear(output.transform, "projector", pooled, d);
    root.linear(output.project, "classifier", spec.n_labels, pooled);
  }
}

}  // namespace attn

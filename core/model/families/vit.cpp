// ViT (Dosovitskiy et al. 2021) and DeiT (Touvron et al. 2021): an image as a text of patches.
#include "core/model/families/common.h"

namespace attn {

namespace {

// "image_size": 224 or [224, 224].
std::pair<int, int> height_and_width(const Config& config, FieldNames names, int otherwise) {
  if (!config.has(names)) return {otherwise, otherwise};
  if (!config.json()[*names.begin()].is_array()) {
    const int side = config.size(names);
    return {side, side};
  }
  const std::vector<int> sides = config.integers(names);
  if (sides.size() != 2 || sides[0] < 1 || sides[1] < 1)
    config.refuse(std::string("has a '") + *names.begin() + "' that is not a height and a width.");
  return {sides[0], sides[1]};
}

ModelSpec image_spec(const Config& config, int n_prefix) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), false);
  layer.feed_forward.d_ff = config.size({"intermediate_size"});
  layer.feed_forward.activation = activation_of(config, {"hidden_act"}, "gelu");
  stack.layers = equal_layers(config, config.size({"num_hidden_layers"}), layer);
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_eps"}, Assumed{1e-12})};
  stack.norm_place = NormPlace::before;
  stack.final_norm = true;
  stack.last_hidden_before_norm = true;

  const auto [height, width] = height_and_width(config, {"image_size"}, 224);
  const auto [patch_height, patch_width] = height_and_width(config, {"patch_size"}, 16);
  if (patch_height != patch_width) config.refuse("has patches that are not square, which is not supported.");
  if (height > 16384 || width > 16384) config.refuse("has an 'image_size' beyond 16384.");
  if (height < patch_height || width < patch_width) config.refuse("has patches larger than its image.");
  spec.input = InputKind::patches;
  spec.patches.n_channels = config.size({"num_channels"}, 3);
  spec.patches.height = height;
  spec.patches.width = width;
  spec.patches.patch = patch_height;
  spec.patches.n_prefix = n_prefix;
  stack.position.kind = PositionKind::learned;
  stack.position.n_positions = n_prefix + (height / patch_height) * (width / patch_width);
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = false;
  spec.output = output_of(architecture_of(config), OutputKind::none);
  if (spec.output != OutputKind::sequence_label) spec.output = OutputKind::none;
  spec.encoder = std::move(stack);
  return spec;
}

}  // namespace

ModelSpec vit_spec(const Config& config) {
  return image_spec(config, 1);
}
ModelSpec deit_spec(const Config& config) {
  return image_spec(config, 2);
}

void place_vit(const Config& config, const Section& root, Model& model) {
  ModelSpec& spec = model.spec;
  const StackSpec& stack = *spec.encoder;
  const Section vit = root.under({"vit.", "deit.", ""}, "embeddings.cls_token");
  const Index d = stack.d_model, patch = spec.patches.patch;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  const Bias qkv_bias = config.flag({"qkv_bias"}, true) ? Bias::required : Bias::none;
  StackParameters<float>& slots = model.parameters.encoder;
  ParameterPlan& plan = root.plan();

  const Section embeddings = vit.at("embeddings");
  std::vector<MatrixSource> prefix = {embeddings.source("cls_token", {d})};
  if (spec.patches.n_prefix == 2) prefix.push_back(embeddings.source("distillation_token", {d}));
  place_stacked_rows(plan, model.parameters.stem.prefix, std::move(prefix));
  const Section projection = embeddings.at("patch_embeddings.projection");
  plan.linear(model.parameters.stem.patches,
              projection.source("weight", {d, spec.patches.n_channels, patch, patch}),
              projection.source("bias", {d}));
  embeddings.matrix(slots.position_table, "position_embeddings", stack.position.n_positions, d);

  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = vit.at("encoder.layer", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "layernorm_before", d);
    at.linear(layer.self.query, "attention.attention.query", d, d, qkv_bias);
    at.linear(layer.self.key, "attention.attention.key", d, d, qkv_bias);
    at.linear(layer.self.value, "attention.attention.value", d, d, qkv_bias);
    at.linear(layer.self.output, "attention.output.dense", d, d);
    at.norm(layer.ffn_norm, "layernorm_after", d);
    at.linear(layer.up, "intermediate.dense", d_ff, d);
    at.linear(layer.down, "output.dense", d, d_ff);
  }
  vit.norm(slots.final_norm, "layernorm", d);

  if (spec.output != OutputKind::sequence_label) return;
  if (!head_is_there(root, {"classifier.weight", "cls_classifier.weight"}, model)) return;
  OutputParameters<float>& output = model.parameters.output;
  if (spec.architecture.find("WithTeacher") != std::string::npos) {
    root.linear(output.project, "cls_classifier", spec.n_labels, d);
    root.linear(output.distilled_project, "distillation_classifier", spec.n_labels, d);
  } else {
    root.linear(output.project, "classifier", spec.n_labels, d);
  }
}

}  // namespace attn

// GPT-Neo (Black et al. 2021): local and global layers in turn, scores that are not scaled.
#include "core/math/error.h"
#include "core/model/families/common.h"

namespace attn {

namespace {

// "attention_layers": ["global", "local", …], or "attention_types": [[["global", "local"], 2]].
std::vector<std::string> layer_kinds(const Config& config, int n_layers) {
  if (config.has({"attention_layers"})) return config.texts({"attention_layers"});
  std::vector<std::string> kinds;
  if (!config.has({"attention_types"}))
    config.refuse(
        "lacks 'attention_types', and the result depends on it; add which layers are global or local.");
  const nlohmann::json& types = config.json()["attention_types"];
  const auto wrong = [&]() {
    config.refuse("has an 'attention_types' that is not like [[[\"global\", \"local\"], 12]].");
  };
  if (!types.is_array()) wrong();
  for (const nlohmann::json& group : types) {
    if (!group.is_array() || group.size() != 2 || !group[0].is_array() || !group[1].is_number_unsigned())
      wrong();
    const std::uint64_t times = group[1].get<std::uint64_t>();
    for (std::uint64_t i = 0; i < times && static_cast<int>(kinds.size()) <= n_layers; ++i)
      for (const nlohmann::json& kind : group[0]) {
        if (!kind.is_string()) wrong();
        kinds.push_back(kind.get<std::string>());
      }
  }
  return kinds;
}

}  // namespace

ModelSpec gpt_neo_spec(const Config& config) {
  ModelSpec spec;
  StackSpec stack;
  stack.d_model = config.size({"hidden_size"});
  const int n_heads = config.size({"num_heads", "num_attention_heads"});
  LayerSpec layer;
  layer.self = dot_product_attention(n_heads, n_heads, width_of_heads(config, stack.d_model, n_heads), true);
  layer.self.scale = 1.0;
  layer.feed_forward.d_ff = config.size({"intermediate_size"}, 4 * stack.d_model);
  layer.feed_forward.activation = activation_of(config, {"activation_function"}, "gelu_new");
  const int n_layers = config.size({"num_layers", "num_hidden_layers"});
  stack.layers = equal_layers(config, n_layers, layer);
  const int window = config.size({"window_size"}, Assumed{256});
  const std::vector<std::string> kinds = layer_kinds(config, n_layers);
  if (static_cast<int>(kinds.size()) != n_layers)
    config.refuse("names the attention of " + std::to_string(kinds.size()) + " layers, expected " +
                  std::to_string(n_layers) + ".");
  for (std::size_t l = 0; l < kinds.size(); ++l) {
    if (kinds[l] != "global" && kinds[l] != "local")
      config.refuse("names a layer '" + kinds[l].substr(0, 40) + "'; global and local are known.");
    stack.layers[l].self.window = kinds[l] == "local" ? window : 0;
  }
  stack.norm = {NormKind::layer, config.epsilon({"layer_norm_epsilon"}, Assumed{1e-5})};
  stack.norm_place = NormPlace::before;
  stack.final_norm = true;
  stack.position.kind = PositionKind::learned;
  stack.position.n_positions = config.size({"max_position_embeddings"}, 2048);
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = stack.d_model;
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture_of(config), OutputKind::next_words);
  spec.decoder = std::move(stack);
  return spec;
}

void place_gpt_neo(const Config&, const Section& root, Model& model) {
  const StackSpec& stack = *model.spec.decoder;
  const Section gpt = root.under({"transformer.", ""}, "wte.weight");
  const Index d = stack.d_model, n_vocab = model.spec.embedding.n_vocab;
  const Index d_ff = stack.layers.front().feed_forward.d_ff;
  StackParameters<float>& slots = model.parameters.decoder;
  gpt.matrix(model.parameters.embedding.words, "wte.weight", n_vocab, d);
  gpt.matrix(slots.position_table, "wpe.weight", stack.position.n_positions, d);
  slots.layers.resize(stack.layers.size());
  for (int l = 0; l < stack.n_layers(); ++l) {
    const Section at = gpt.at("h", l);
    LayerParameters<float>& layer = slots.layers[static_cast<std::size_t>(l)];
    at.norm(layer.self_norm, "ln_1", d);
    at.linear(layer.self.query, "attn.attention.q_proj", d, d, Bias::none);
    at.linear(layer.self.key, "attn.attention.k_proj", d, d, Bias::none);
    at.linear(layer.self.value, "attn.attention.v_proj", d, d, Bias::none);
    at.linear(layer.self.output, "attn.attention.out_proj", d, d);
    at.norm(layer.ffn_norm, "ln_2", d);
    at.linear(layer.up, "mlp.c_fc", d_ff, d);
    at.linear(layer.down, "mlp.c_proj", d, d_ff);
  }
  gpt.norm(slots.final_norm, "ln_f", d);
  if (place_decoder_label_head(root, d, model) || model.spec.output == OutputKind::none) return;
  place_word_output(root, "lm_head", gpt.source("wte.weight", {n_vocab, d}), model.spec.embedding.tied_output,
                    std::nullopt, model);
}

}  // namespace attn

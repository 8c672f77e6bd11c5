#include "core/training/hugging_face_layout.h"

#include <cmath>

#include "core/math/error.h"
#include "core/training/recipe.h"

namespace attn {

namespace {

using Json = nlohmann::ordered_json;

// Scores divided by sqrt(d_head), and a feed-forward network.
bool is_plain(const LayerSpec& layer) {
  return layer.feed_forward.d_ff > 0 && std::abs(layer.self.scale * std::sqrt(layer.self.d_head) - 1) < 1e-6;
}

bool is_bert(const ModelSpec& spec) {
  if (!spec.encoder || spec.decoder) return false;
  const StackSpec& stack = *spec.encoder;
  const LayerSpec& layer = stack.layers.front();
  return stack.norm_place == NormPlace::after && stack.norm.kind == NormKind::layer && stack.embedding_norm &&
         stack.position.kind == PositionKind::learned && layer.self.scoring == Scoring::dot_product &&
         !layer.self.causal && !layer.feed_forward.gated && is_plain(layer);
}

bool is_llama(const ModelSpec& spec) {
  if (!spec.decoder || spec.encoder) return false;
  const StackSpec& stack = *spec.decoder;
  const LayerSpec& layer = stack.layers.front();
  return stack.norm_place == NormPlace::before && stack.norm.kind == NormKind::rms && !stack.embedding_norm &&
         stack.final_norm && stack.position.kind == PositionKind::rotary &&
         layer.self.scoring == Scoring::dot_product && layer.self.causal && layer.feed_forward.gated &&
         is_plain(layer);
}

bool is_marian(const ModelSpec& spec) {
  if (!spec.is_encoder_decoder()) return false;
  for (const StackSpec* stack : {&*spec.encoder, &*spec.decoder}) {
    const LayerSpec& layer = stack->layers.front();
    if (stack->norm_place != NormPlace::after || stack->norm.kind != NormKind::layer ||
        stack->embedding_norm || stack->final_norm || stack->position.kind != PositionKind::sinusoidal ||
        layer.self.scoring != Scoring::dot_product || layer.feed_forward.gated)
      return false;
  }
  return true;
}

Json marian_config(const ModelSpec& spec) {
  Json config;
  config["architectures"] = {spec.architecture};
  config["model_type"] = "marian";
  config["is_encoder_decoder"] = true;
  config["d_model"] = spec.encoder->d_model;
  for (const bool decoder : {false, true}) {
    const StackSpec& stack = decoder ? *spec.decoder : *spec.encoder;
    const std::string side = decoder ? "decoder" : "encoder";
    config[side + "_layers"] = stack.n_layers();
    config[side + "_attention_heads"] = stack.layers.front().self.n_heads;
    config[side + "_ffn_dim"] = stack.layers.front().feed_forward.d_ff;
  }
  config["activation_function"] = "relu";
  config["max_position_embeddings"] = spec.encoder->position.n_positions;
  config["static_position_embeddings"] = true;
  config["scale_embedding"] = true;
  config["share_encoder_decoder_embeddings"] = true;
  config["tie_word_embeddings"] = true;
  config["vocab_size"] = spec.embedding.n_vocab;
  config["decoder_vocab_size"] = spec.embedding.n_vocab;
  config["dropout"] = 0.0;
  config["attention_dropout"] = 0.0;
  config["activation_dropout"] = 0.0;
  config["pad_token_id"] = spec.pad_id;
  config["eos_token_id"] = spec.eos_id;
  config["forced_eos_token_id"] = nullptr;
  config["decoder_start_token_id"] = spec.decoder_start_id;
  config["num_beams"] = 1;
  config["torch_dtype"] = "float32";
  return config;
}

Json bert_config(const ModelSpec& spec) {
  const StackSpec& stack = *spec.encoder;
  const LayerSpec& layer = stack.layers.front();
  Json config;
  config["architectures"] = {spec.architecture};
  config["model_type"] = "bert";
  config["hidden_size"] = stack.d_model;
  config["num_hidden_layers"] = stack.n_layers();
  config["num_attention_heads"] = layer.self.n_heads;
  config["intermediate_size"] = layer.feed_forward.d_ff;
  config["hidden_act"] = layer.feed_forward.activation == Activation::relu ? "relu" : "gelu";
  config["max_position_embeddings"] = stack.position.n_positions;
  config["type_vocab_size"] = spec.embedding.n_token_types;
  config["vocab_size"] = spec.embedding.n_vocab;
  config["layer_norm_eps"] = stack.norm.epsilon;
  config["hidden_dropout_prob"] = 0.0;
  config["attention_probs_dropout_prob"] = 0.0;
  config["pad_token_id"] = spec.pad_id;
  config["mask_token_id"] = spec.mask_id;
  config["tie_word_embeddings"] = true;
  config["torch_dtype"] = "float32";
  if (spec.output == OutputKind::token_label || spec.output == OutputKind::sequence_label) {
    Json names = Json::object(), ids = Json::object();
    for (std::size_t i = 0; i < spec.label_names.size(); ++i) {
      names[std::to_string(i)] = spec.label_names[i];
      ids[spec.label_names[i]] = i;
    }
    config["id2label"] = names;
    config["label2id"] = ids;
  }
  return config;
}

Json llama_config(const ModelSpec& spec) {
  const StackSpec& stack = *spec.decoder;
  const LayerSpec& layer = stack.layers.front();
  Json config;
  config["architectures"] = {spec.architecture};
  config["model_type"] = "llama";
  config["hidden_size"] = stack.d_model;
  config["num_hidden_layers"] = stack.n_layers();
  config["num_attention_heads"] = layer.self.n_heads;
  config["num_key_value_heads"] = layer.self.n_kv_heads;
  config["intermediate_size"] = layer.feed_forward.d_ff;
  config["hidden_act"] = "silu";
  config["max_position_embeddings"] = stack.position.n_positions;
  config["rope_theta"] = stack.position.rotary.theta;
  config["rms_norm_eps"] = stack.norm.epsilon;
  config["vocab_size"] = spec.embedding.n_vocab;
  config["attention_bias"] = false;
  config["mlp_bias"] = false;
  config["tie_word_embeddings"] = true;
  config["pad_token_id"] = spec.pad_id;
  config["bos_token_id"] = nullptr;
  config["eos_token_id"] = nullptr;
  config["torch_dtype"] = "float32";
  return config;
}

// Everything that a recipe's encoder or decoder of words can be, said piece by piece.
Json own_config(const ModelSpec& spec) {
  const bool masked = spec.output == OutputKind::masked_words;
  if (spec.is_encoder_decoder() || (!masked && spec.output != OutputKind::next_words))
    throw Error(
        "This model cannot be kept: no Hugging Face architecture has its positions, norms, mask and scoring "
        "together, and what is kept in a layout of our own names masked or next words.");
  const StackSpec& stack = spec.text_stack();
  const LayerSpec& layer = stack.layers.front();
  const bool scaled = std::abs(layer.self.scale * std::sqrt(layer.self.d_head) - 1) < 1e-6;
  Json config;
  config["architectures"] = {masked ? "AttnlabForMaskedLM" : "AttnlabForCausalLM"};
  config["model_type"] = "attnlab";
  config["is_decoder"] = spec.decoder.has_value();
  config["hidden_size"] = stack.d_model;
  config["num_hidden_layers"] = stack.n_layers();
  config["num_attention_heads"] = layer.self.n_heads;
  config["causal"] = layer.self.causal;
  config["scoring"] = layer.self.scoring == Scoring::additive ? "additive" : "dot_product";
  config["scaled"] = scaled;
  config["intermediate_size"] = layer.feed_forward.d_ff;
  config["hidden_act"] = layer.feed_forward.activation == Activation::silu ? "silu" : "relu";
  config["gated"] = layer.feed_forward.gated;
  config["position_embedding_type"] = name_of(stack.position.kind);
  config["max_position_embeddings"] = stack.position.n_positions;
  if (stack.position.kind == PositionKind::rotary) config["rope_theta"] = stack.position.rotary.theta;
  config["norm"] = stack.norm.kind == NormKind::none  ? "none"
                   : stack.norm.kind == NormKind::rms ? "rms"
                                                      : "layer";
  config["norm_eps"] = stack.norm.epsilon;
  config["norm_place"] = stack.norm_place == NormPlace::before ? "before" : "after";
  config["embedding_norm"] = stack.embedding_norm;
  config["final_norm"] = stack.final_norm;
  config["vocab_size"] = spec.embedding.n_vocab;
  config["type_vocab_size"] = spec.embedding.n_token_types;
  config["pad_token_id"] = spec.pad_id;
  if (spec.mask_id >= 0) config["mask_token_id"] = spec.mask_id;
  config["torch_dtype"] = "float32";
  return config;
}

// `name` under the first of the pairs it begins with, renamed; "" when there is none.
template <std::size_t N>
std::string renamed(const std::string& name, const std::pair<const char*, const char*> (&pairs)[N]) {
  for (const auto& [ours, theirs] : pairs) {
    const std::string prefix = ours;
    if (name == prefix || name.starts_with(prefix + ".")) return theirs + name.substr(prefix.size());
  }
  return {};
}

// "encoder.2.self.query.weight" → "2", "self.query.weight"; empty for what belongs to no layer.
std::pair<std::string, std::string> layer_and_rest(const std::string& name) {
  const std::size_t dot = name.find('.', 8);
  if ((!name.starts_with("encoder.") && !name.starts_with("decoder.")) || dot == std::string::npos) return {};
  return {name.substr(8, dot - 8), name.substr(dot + 1)};
}

std::string bert_name(const std::string& name, bool labels) {
  static constexpr std::pair<const char*, const char*> whole[] = {
      {"words", "bert.embeddings.word_embeddings.weight"},
      {"token_types", "bert.embeddings.token_type_embeddings.weight"},
      {"encoder.positions", "bert.embeddings.position_embeddings.weight"},
      {"encoder.embedding_norm", "bert.embeddings.LayerNorm"},
      {"transform_norm", "cls.predictions.transform.LayerNorm"},
      {"transform", "cls.predictions.transform.dense"},
      {"project.bias", "cls.predictions.bias"},
  };
  if (name.starts_with("project.") && labels) return "classifier" + name.substr(7);
  static constexpr std::pair<const char*, const char*> parts[] = {
      {"self.query", "attention.self.query"},
      {"self.key", "attention.self.key"},
      {"self.value", "attention.self.value"},
      {"self.output", "attention.output.dense"},
      {"self_norm", "attention.output.LayerNorm"},
      {"up", "intermediate.dense"},
      {"down", "output.dense"},
      {"ffn_norm", "output.LayerNorm"},
  };
  if (const std::string found = renamed(name, whole); !found.empty()) return found;
  const auto [layer, rest] = layer_and_rest(name);
  const std::string found = renamed(rest, parts);
  return found.empty() ? found : "bert.encoder.layer." + layer + "." + found;
}

std::string marian_name(const std::string& name) {
  static constexpr std::pair<const char*, const char*> whole[] = {
      {"words", "model.shared.weight"},
      {"project.bias", "final_logits_bias"},
  };
  static constexpr std::pair<const char*, const char*> parts[] = {
      {"self.query", "self_attn.q_proj"},
      {"self.key", "self_attn.k_proj"},
      {"self.value", "self_attn.v_proj"},
      {"self.output", "self_attn.out_proj"},
      {"self_norm", "self_attn_layer_norm"},
      {"cross.query", "encoder_attn.q_proj"},
      {"cross.key", "encoder_attn.k_proj"},
      {"cross.value", "encoder_attn.v_proj"},
      {"cross.output", "encoder_attn.out_proj"},
      {"cross_norm", "encoder_attn_layer_norm"},
      {"up", "fc1"},
      {"down", "fc2"},
      {"ffn_norm", "final_layer_norm"},
  };
  if (const std::string found = renamed(name, whole); !found.empty()) return found;
  const auto [layer, rest] = layer_and_rest(name);
  const std::string found = renamed(rest, parts);
  return found.empty() ? found : "model." + name.substr(0, 7) + ".layers." + layer + "." + found;
}

std::string llama_name(const std::string& name) {
  static constexpr std::pair<const char*, const char*> whole[] = {
      {"words", "model.embed_tokens.weight"},
      {"decoder.final_norm", "model.norm"},
  };
  static constexpr std::pair<const char*, const char*> parts[] = {
      {"self.query", "self_attn.q_proj"},
      {"self.key", "self_attn.k_proj"},
      {"self.value", "self_attn.v_proj"},
      {"self.output", "self_attn.o_proj"},
      {"self_norm", "input_layernorm"},
      {"ffn_norm", "post_attention_layernorm"},
      {"up", "mlp.up_proj"},
      {"gate", "mlp.gate_proj"},
      {"down", "mlp.down_proj"},
  };
  if (const std::string found = renamed(name, whole); !found.empty()) return found;
  const auto [layer, rest] = layer_and_rest(name);
  const std::string found = renamed(rest, parts);
  return found.empty() ? found : "model.layers." + layer + "." + found;
}

}  // namespace

nlohmann::ordered_json hugging_face_config(const ModelSpec& spec) {
  Json config = is_bert(spec)     ? bert_config(spec)
                : is_marian(spec) ? marian_config(spec)
                : is_llama(spec)  ? llama_config(spec)
                                  : own_config(spec);
  Json own;
  if (spec.pointer)
    own["pointer"] = {
        {"layer", spec.pointer->layer}, {"head", spec.pointer->head}, {"asked_at", spec.pointer->asked_at}};
  if (!spec.names_at.empty()) own["names_at"] = spec.names_at;
  if (spec.alignment_head)
    own["alignment_head"] = {{"layer", spec.alignment_head->layer}, {"head", spec.alignment_head->head}};
  own["card"] = {{"title", spec.card.title},
                 {"trained_on", spec.card.trained_on},
                 {"supervised", spec.card.supervised},
                 {"language", spec.card.language}};
  config["attnlab"] = own;

  return config;
}

std::string hugging_face_name(const ModelSpec& spec, const std::string& name) {
  const std::string theirs = is_marian(spec)  ? marian_name(name)
                             : is_llama(spec) ? llama_name(name)
                             : is_bert(spec)  ? bert_name(name, spec.output == OutputKind::token_label)
                                              : name;
  if (theirs.empty()) throw Error("'" + name + "' has no name in a " + spec.family + " checkpoint.");
  return theirs;
}

}  // namespace attn

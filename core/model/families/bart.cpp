// BART (Lewis et al. 2020) and encoder-decoders of the same parts: mBART, Blenderbot, Marian.
//
//              norms    positions            norm of the embedding   final norm
// BART         after    learned, offset 2    yes                     no
// mBART        before   learned, offset 2    yes                     yes
// Blenderbot   before   learned              no                      yes
// Marian       after    sines, in halves     no                      no
#include <cmath>

#include "core/model/families/bart_like.h"

namespace attn {

namespace {

ModelSpec encoder_decoder_spec(const Config& config, const StackSpec& traits) {
  ModelSpec spec;
  const std::string architecture = architecture_of(config);
  if (architecture.find("ForCausalLM") != std::string::npos)
    config.refuse("config.decoder_alone",
                  "asks for {architecture}, a decoder without its encoder, which is not supported.",
                  {{"architecture", architecture}});
  for (const bool decoder : {false, true}) {
    StackSpec stack = bart_like_stack(config, decoder ? "decoder" : "encoder", decoder, decoder);
    stack.norm_place = traits.norm_place;
    stack.embedding_norm = traits.embedding_norm;
    stack.final_norm = traits.final_norm;
    stack.position = traits.position;
    stack.position.n_positions = config.size({"max_position_embeddings"}, 1024);
    (decoder ? spec.decoder : spec.encoder) = std::move(stack);
  }
  spec.embedding.n_vocab = config.size({"vocab_size"});
  spec.embedding.d_embedding = spec.encoder->d_model;
  if (config.flag({"scale_embedding"}, Assumed{false}))
    spec.embedding.scale = std::sqrt(static_cast<double>(spec.encoder->d_model));
  spec.embedding.tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture, OutputKind::next_words);
  if (spec.output == OutputKind::sequence_label) spec.label_row = LabelRow::last_eos;
  spec.decoder_start_id = config.token_id({"decoder_start_token_id"});
  return spec;
}

// The words that target tokens are looked up in, where they are not the source's.
bool has_own_target_words(const Section& model, const ModelSpec& spec) {
  return !spec.embedding.tied_output && model.has("decoder.embed_tokens.weight") &&
         model.has("encoder.embed_tokens.weight");
}

void place_label_head(const Section& root, Index d, Model& model) {
  ModelSpec& spec = model.spec;
  OutputParameters<float>& output = model.parameters.output;
  if (spec.output == OutputKind::question) {
    if (head_is_there(root, {"qa_outputs.weight"}, model)) root.linear(output.project, "qa_outputs", 2, d);
  } else if (spec.output == OutputKind::sequence_label) {
    if (!head_is_there(root, {"classification_head.dense.weight"}, model)) return;
    root.linear(output.transform, "classification_head.dense", d, d);
    output.transform_activation = Activation::tanh;
    root.linear(output.project, "classification_head.out_proj", spec.n_labels, d);
  } else {
    spec.output = OutputKind::none;
  }
}

}  // namespace

ModelSpec bart_spec(const Config& config) {
  StackSpec traits;
  traits.norm_place = NormPlace::after;
  traits.embedding_norm = true;
  traits.position.kind = PositionKind::learned;
  traits.position.offset = 2;
  return encoder_decoder_spec(config, traits);
}

ModelSpec mbart_spec(const Config& config) {
  StackSpec traits;
  traits.norm_place = NormPlace::before;
  traits.embedding_norm = true;
  traits.final_norm = true;
  traits.position.kind = PositionKind::learned;
  traits.position.offset = 2;
  return encoder_decoder_spec(config, traits);
}

ModelSpec blenderbot_spec(const Config& config) {
  StackSpec traits;
  traits.norm_place = NormPlace::before;
  traits.final_norm = true;
  traits.position.kind = PositionKind::learned;
  return encoder_decoder_spec(config, traits);
}

ModelSpec marian_spec(const Config& config) {
  StackSpec traits;
  traits.norm_place = NormPlace::after;
  traits.position.kind = PositionKind::sinusoidal;
  traits.position.order = SinusoidOrder::halves;
  ModelSpec spec = encoder_decoder_spec(config, traits);
  if (!config.flag({"share_encoder_decoder_embeddings"}, true)) {
    spec.target_embedding = spec.embedding;
    spec.target_embedding->n_vocab = config.size({"decoder_vocab_size"}, spec.embedding.n_vocab);
  }
  return spec;
}

void place_bart(const Config&, const Section& root, Model& model) {
  ModelSpec& spec = model.spec;
  const Section at = root.under({"model.", ""}, "encoder.layers.0.fc1.weight");
  const Index d = spec.encoder->d_model, n_vocab = spec.embedding.n_vocab;
  ParametersOf<float>& slots = model.parameters;

  std::string source_words = "shared.weight", target_words = "shared.weight";
  if (has_own_target_words(at, spec) && !spec.target_embedding) spec.target_embedding = spec.embedding;
  if (spec.target_embedding || !at.has(source_words)) {
    source_words = "encoder.embed_tokens.weight";
    target_words = spec.target_embedding ? "decoder.embed_tokens.weight" : source_words;
  }
  const Index n_target = spec.target_embedding ? spec.target_embedding->n_vocab : n_vocab;
  at.matrix(slots.embedding.words, source_words, n_vocab, d);
  if (spec.target_embedding) at.matrix(slots.target_embedding.words, target_words, n_target, d);

  for (const bool decoder : {false, true}) {
    const Section side = at.at(decoder ? "decoder" : "encoder");
    const StackSpec& stack = decoder ? *spec.decoder : *spec.encoder;
    StackParameters<float>& parameters = decoder ? slots.decoder : slots.encoder;
    const Index n_rows = stack.position.n_positions + stack.position.offset;
    if (stack.position.kind == PositionKind::learned || side.has("embed_positions.weight"))
      side.matrix(parameters.position_table, "embed_positions.weight", n_rows, d);
    if (stack.embedding_norm) side.norm(parameters.embedding_norm, "layernorm_embedding", d);
    if (stack.final_norm) side.norm(parameters.final_norm, "layer_norm", d);
    place_bart_layers(side, stack, parameters);
  }

  if (spec.output != OutputKind::next_words) {
    if (spec.output != OutputKind::none) place_label_head(root, d, model);
    return;
  }
  std::optional<MatrixSource> bias;
  if (root.has("final_logits_bias")) bias = root.source("final_logits_bias", {n_target});
  place_word_output(root, "lm_head", at.source(target_words, {n_target, d}), spec.embedding.tied_output, bias,
                    model);
}

}  // namespace attn

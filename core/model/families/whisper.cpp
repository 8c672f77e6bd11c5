// Whisper (Radford et al. 2023): a spectrogram through two convolutions into an encoder; a decoder of words.
#include "core/model/families/bart_like.h"

namespace attn {

ModelSpec whisper_spec(const Config& config) {
  const std::string architecture = architecture_of(config);
  if (architecture.find("ForAudioClassification") != std::string::npos ||
      architecture.find("ForCausalLM") != std::string::npos)
    config.refuse("config.whisper_part",
                  "asks for {architecture}; Whisper with encoder and decoder is supported.",
                  {{"architecture", architecture}});
  ModelSpec spec;
  for (const bool decoder : {false, true}) {
    StackSpec stack = bart_like_stack(config, decoder ? "decoder" : "encoder", decoder, decoder);
    stack.norm_place = NormPlace::before;
    stack.final_norm = true;
    stack.position.kind = PositionKind::learned;  // the encoder's sines are in the file
    stack.position.n_positions =
        decoder ? config.size({"max_target_positions"}, 448) : config.size({"max_source_positions"}, 1500);
    (decoder ? spec.decoder : spec.encoder) = std::move(stack);
  }
  const int d = spec.encoder->d_model;
  spec.input = InputKind::features;
  spec.n_mel = config.size({"num_mel_bins"}, 80);
  spec.n_frames = 2 * spec.encoder->position.n_positions;
  for (const int stride : {1, 2}) {
    ConvolutionSpec convolution;
    convolution.channels = d;
    convolution.kernel = 3;
    convolution.stride = stride;
    convolution.padding = 1;
    convolution.activation = Activation::gelu;
    spec.stem.push_back(convolution);
  }
  spec.embedding.d_embedding = d;
  spec.embedding.tied_output = false;
  spec.target_embedding.emplace();  // scale_embedding is not applied by Hugging Face either
  spec.target_embedding->n_vocab = config.size({"vocab_size"});
  spec.target_embedding->d_embedding = d;
  spec.target_embedding->tied_output = config.flag({"tie_word_embeddings"}, true);
  spec.output = output_of(architecture, OutputKind::next_words);
  spec.decoder_start_id = config.token_id({"decoder_start_token_id"});
  return spec;
}

void place_whisper(const Config&, const Section& root, Model& model) {
  const ModelSpec& spec = model.spec;
  const Section whisper = root.under({"model.", ""}, "encoder.conv1.weight");
  const Index d = spec.encoder->d_model, n_vocab = spec.target_embedding->n_vocab;
  StemParameters<float>& stem = model.parameters.stem;
  stem.convolutions.resize(2);
  place_convolution(whisper, "encoder.conv1.", spec.stem[0], spec.n_mel, true, stem.convolutions[0]);
  place_convolution(whisper, "encoder.conv2.", spec.stem[1], d, true, stem.convolutions[1]);
  whisper.matrix(model.parameters.target_embedding.words, "decoder.embed_tokens.weight", n_vocab, d);
  for (const bool decoder : {false, true}) {
    const Section side = whisper.at(decoder ? "decoder" : "encoder");
    const StackSpec& stack = decoder ? *spec.decoder : *spec.encoder;
    StackParameters<float>& slots = decoder ? model.parameters.decoder : model.parameters.encoder;
    side.matrix(slots.position_table, "embed_positions.weight", stack.position.n_positions, d);
    side.norm(slots.final_norm, "layer_norm", d);
    place_bart_layers(side, stack, slots, Bias::required, Bias::none);
  }
  if (spec.output == OutputKind::next_words)
    place_word_output(root, "proj_out", whisper.source("decoder.embed_tokens.weight", {n_vocab, d}),
                      spec.target_embedding->tied_output, std::nullopt, model);
}

}  // namespace attn

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/forward/pass.h"
#include "core/forward/trace.h"

namespace attn {

// An attention file holds what one pass did, so that anyone can write one from Python with a model that this
// program cannot run, and look at its heads here. In .safetensors (or .npz, with the same names):
//   attentions.{layer}  [H, T, T]     of a model with one stack; of an encoder-decoder
//   encoder_attentions.{l},
//                                     decoder_attentions.{l}, cross_attentions.{l} [H, Tt, T]
//   hidden_states.{i}   [T, D]        i = 0 … L as Hugging Face returns them, so the last one after a final
//   norm
//                                     where there is one; encoder_hidden_states.{i},
//                                     decoder_hidden_states.{i}
//   logits              [T, V]        (or the labels') where the model has a head for it
// and in the metadata tokens, target_tokens, words, target_words, input_ids, decoder_input_ids (JSON arrays),
// model_type, model, model_path, fingerprint, interventions, stack ("encoder" or "decoder": what
// attentions.{l} belongs to).
// Only the weights are required.

// A Trace without a model, and what its file says of the model that made it.
struct Recording {
  std::shared_ptr<const Trace> trace;
  std::string model_type;           // "bert"; may be empty
  std::string model;                // "bert-base-uncased"; may be empty
  std::string interventions;        // text form, as written
  bool says_interventions = false;  // the file says what was changed, or that nothing was
  std::string model_path;           // the folder that it was opened from; may be empty
  std::string fingerprint;          // as Model::fingerprint: the file is one of our own; may be empty
};

// Writes row by row: heads that the Trace did not keep are made on demand, one at a time, and logits in
// blocks of rows. The ending of the path decides: .safetensors or .npz. Throws Error when the disk refuses,
// or for another ending.
void write_attention_file(const Trace& trace, const std::filesystem::path& path, Pool* pool = nullptr,
                          const CancelToken* cancel = nullptr);

// Throws Error naming file and tensor: not such a file, shapes that do not fit each other or the tokens,
// weights that are no weights (negative, not finite, rows that sum neither to 1 nor to 0).
//
// Also reads what Hugging Face's outputs are called in reference dumps: "attention.{l}", "hidden.{i}", each
// behind a `prefix` such as "run0.", and the tensors input_ids, token_type_ids, decoder_input_ids.
Recording read_attention_file(const std::filesystem::path& path, const std::string& prefix = "");

// Does the file hold weights by these names? False for other files, and for none.
bool is_attention_file(const std::filesystem::path& path);

// How far a Trace is from a recording of the same tokens.
struct LayerDifference {
  Stack stack = Stack::encoder;
  int layer = 0;
  double weights = 0;            // largest |difference| over all heads and cells
  std::optional<double> hidden;  // of the residual stream that enters the layer; nullopt: not recorded
};

// By layer, for `attnlab verify`. Throws Error when they have other numbers of layers, heads or tokens.
std::vector<LayerDifference> compare_with_recording(const Trace& trace, const Trace& recording);

}  // namespace attn

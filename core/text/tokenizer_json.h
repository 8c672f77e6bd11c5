#pragma once

#include <memory>
#include <string>

#include "core/text/folder_files.h"
#include "core/text/json_fields.h"
#include "core/text/pipeline.h"

namespace attn {

// The parts that a tokenizer.json describes. `name` stands before every field in an Error. Normalizers,
// pre-tokenizers and decoders of kinds that change no result here are read over; unknown kinds are refused.
PipelineParts read_tokenizer_json(const Json& json, const std::string& name);

// What transformers' fast classes change in a tokenizer.json when they load it with tokenizer_config.json:
// added tokens; lower case, accents and Chinese characters of BERT; GPT-2's blank in front; what Llama and
// Gemma put around a text.
void apply_tokenizer_config(const FolderFiles& files, Json& json);

// The members of read_tokenizer_json, each in its own file.
NormalizerPtr read_normalizer(const Json* json, const std::string& place, int depth = 0);
PreTokenizerPtr read_pre_tokenizer(const Json* json, const std::string& place, int depth = 0);
TokenModelPtr read_model(const Json& json, const std::string& place);
DecoderPtr read_decoder(const Json* json, const std::string& place, int depth = 0);

// {"String": …} or {"Regex": …}, or a string that is meant as it stands.
Pattern read_pattern(const Json& json, const std::string& place);

// Steps inside steps, no deeper than any real file goes; throws Error beyond.
void check_depth(int depth, const std::string& place);

}  // namespace attn

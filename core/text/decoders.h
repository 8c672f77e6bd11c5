#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/text/pattern.h"

namespace attn {

// Turns tokens back into text: each step changes the list, which is joined in the end. Named and defined as
// in Hugging Face's tokenizers. Immutable; safe from any thread.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual void apply(std::vector<std::string>& tokens) const = 0;
};

using DecoderPtr = std::shared_ptr<const Decoder>;

DecoderPtr byte_level_decoder();
DecoderPtr word_piece_decoder(std::string prefix, bool cleanup);
DecoderPtr metaspace_decoder(std::string replacement, bool drop_first);
DecoderPtr bpe_decoder(std::string suffix);
DecoderPtr byte_fallback_decoder();
DecoderPtr fuse_decoder();
DecoderPtr strip_decoder(char32_t content, std::size_t start, std::size_t stop);
DecoderPtr replace_decoder(Pattern pattern, std::string content);
DecoderPtr ctc_decoder(std::string pad, std::string word_delimiter, bool cleanup);
DecoderPtr sequence_decoder(std::vector<DecoderPtr> steps);

// The byte of "<0xE4>", or -1.
int byte_of_token(std::string_view token);

}  // namespace attn

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/vocabulary.h"

namespace attn {

// A token and the bytes of the piece that it covers.
struct PieceToken {
  int id;
  std::size_t begin, end;
};

// Turns one piece of a text into tokens. Immutable; safe from any thread.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  virtual void tokenize(std::string_view piece, std::vector<PieceToken>& out) const = 0;
  virtual const Vocabulary& vocabulary() const = 0;
  virtual std::optional<int> unknown_id() const = 0;
};

using TokenModelPtr = std::shared_ptr<const TokenModel>;

// One token a piece, or the unknown token. Where there is none, an unknown piece has no token.
TokenModelPtr word_level_model(Vocabulary vocabulary, const std::string& unknown);

// Longest beginning first, then the longest continuation, written with `prefix` in the vocabulary
// (Schuster & Nakajima 2012); a piece with a part that is not in the vocabulary, or of more than `max_chars`
// characters, is unknown as a whole. Linear in piece length × longest token.
TokenModelPtr word_piece_model(Vocabulary vocabulary, const std::string& unknown, std::string prefix,
                               std::size_t max_chars, const std::string& place);

}  // namespace attn

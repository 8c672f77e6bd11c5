#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attn {

// What a SentencePiece model file (a protocol buffer, sentencepiece_model.proto) holds, as far as it decides
// how text is cut.
struct SentencePieceFile {
  enum class Kind { unigram = 1, bpe = 2, word = 3, character = 4 };
  enum class PieceType { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };
  struct Piece {
    std::string text;
    float score = 0;  // log probability (unigram), or minus the rank of a merge (BPE)
    PieceType type = PieceType::normal;
  };

  std::vector<Piece> pieces;  // the id is the position
  Kind kind = Kind::unigram;
  bool byte_fallback = false;
  bool treat_whitespace_as_suffix = false;
  std::string precompiled_charsmap;
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

// Throws Error naming `place` for bytes that are cut off or no such file. Allocates in proportion to `bytes`.
SentencePieceFile read_sentencepiece_file(std::string_view bytes, const std::string& place);

}  // namespace attn

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/text/pipeline.h"
#include "core/text/sentencepiece.h"

namespace attn {

// What a transformers class does around SentencePiece.
struct SentencePieceRules {
  std::shared_ptr<const SentencePiece> pieces;
  Vocabulary vocabulary;                       // the ids of the model, not of the pieces
  int unknown = 0;                             // in the vocabulary
  std::function<int(std::string_view)> id_of;  // of a piece as SentencePiece prints it
  NormalizerPtr preprocess;                    // before SentencePiece's own; may be null
  bool split_digit_commas = false;             // ALBERT, XLNet: "2019," is cut again without its comma
  std::string shield;  // T5, Llama, not legacy: put before a text that begins with a blank, then taken off
  bool language_codes = false;  // Marian: ">>fr<<" in front is a token of its own
};

std::shared_ptr<const SegmentEncoder> make_sentencepiece_encoder(SentencePieceRules rules);

}  // namespace attn

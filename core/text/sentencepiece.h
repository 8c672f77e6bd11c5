#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/aligned_text.h"
#include "core/text/precompiled.h"
#include "core/text/sentencepiece_file.h"
#include "core/text/token_models.h"
#include "core/text/trie.h"

namespace attn {

inline constexpr std::string_view kBlank = "▁";  // U+2581: how SentencePiece writes a blank

// Cuts text as SentencePiece does (Kudo & Richardson 2018): its normalisation, then unigram (Viterbi) or BPE.
// Immutable; safe from any thread. Unigram is linear; BPE O(n log n), by words where no piece spans a blank.
class SentencePiece {
 public:
  // Throws Error naming `place`.
  SentencePiece(SentencePieceFile file, const std::string& place);

  AlignedText normalise(const AlignedText& text) const;
  // Tokens of a normalised text: piece ids; neighbours that are unknown are one token, or their bytes.
  void encode(std::string_view normalised, std::vector<PieceToken>& out) const;

  int size() const { return static_cast<int>(file_.pieces.size()); }
  const std::string& piece(int id) const { return file_.pieces[static_cast<std::size_t>(id)].text; }
  int id_of(std::string_view piece) const;  // the unknown one where there is no such piece
  int unknown_id() const { return unknown_; }

 private:
  using PieceType = SentencePieceFile::PieceType;
  PieceType type(int id) const { return file_.pieces[static_cast<std::size_t>(id)].type; }
  float score(int id) const { return file_.pieces[static_cast<std::size_t>(id)].score; }

  void encode_unigram(std::string_view text, std::vector<PieceToken>& out) const;
  void encode_bpe(std::string_view text, std::vector<PieceToken>& out) const;
  void encode_bpe_word(std::string_view text, std::vector<PieceToken>& out) const;
  void find_blanks_inside();

  SentencePieceFile file_;
  std::unique_ptr<PrecompiledMap> charsmap_;
  std::unordered_map<std::string_view, int> ids_;       // of pieces that text can become
  std::size_t longest_piece_ = 0;                       // bytes
  std::unordered_map<std::string_view, int> reserved_;  // control, unknown, byte
  Trie trie_, user_defined_;
  int unknown_ = 0;
  int bytes_[256];
  float least_score_ = 0, greatest_score_ = 0;
  bool words_are_apart_ = false;  // no piece goes on over a blank
};

}  // namespace attn

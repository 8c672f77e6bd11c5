#include "core/text/unigram.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "core/math/worded_error.h"
#include "core/text/trie.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

constexpr double kUnknownPenalty = 10.0;

class Unigram final : public TokenModel {
 public:
  Unigram(std::vector<std::pair<std::string, double>> pieces, int unknown_id, bool byte_fallback,
          const std::string& place)
      : unknown_(unknown_id) {
    std::vector<std::pair<std::string, long long>> entries;
    entries.reserve(pieces.size());
    double least = std::numeric_limits<double>::infinity();
    for (auto& [piece, score] : pieces) {
      scores_.push_back(score);
      least = std::min(least, score);
      entries.emplace_back(std::move(piece), static_cast<long long>(entries.size()));
    }
    vocabulary_ = Vocabulary(std::move(entries), place);
    unknown_score_ = least - kUnknownPenalty;
    std::vector<std::pair<std::string_view, int>> strings;
    strings.reserve(vocabulary_.size());
    for (const auto& [token, id] : vocabulary_.entries()) strings.emplace_back(token, id);
    trie_ = Trie(std::move(strings));
    if (byte_fallback) find_bytes();
  }

  void tokenize(std::string_view piece, std::vector<PieceToken>& out) const override {
    struct Best {
      int id = -1;
      double score = 0;
      std::size_t begin = kNowhere;
    };
    std::vector<Best> ends_at(piece.size() + 1);
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t length = unicode::decode(piece, at).length;
      const double here = ends_at[at].score;
      bool covers_character = false;
      const auto offer = [&](std::size_t end, int id, double score) {
        Best& best = ends_at[end];
        if (best.begin == kNowhere || score > best.score) best = {id, score, at};
      };
      trie_.prefixes(piece.substr(at), [&](std::size_t n, int id) {
        offer(at + n, id, here + scores_[static_cast<std::size_t>(id)]);
        covers_character = covers_character || n == length;
      });
      if (!covers_character) offer(at + length, unknown_, here + unknown_score_);
      at += length;
    }
    std::vector<PieceToken> backwards;
    for (std::size_t end = piece.size(); end > 0; end = ends_at[end].begin) {
      const Best& best = ends_at[end];
      if (best.id == unknown_ && !backwards.empty() && backwards.back().id == unknown_) {
        backwards.back().begin = best.begin;
      } else {
        backwards.push_back({best.id, best.begin, end});
      }
    }
    for (auto token = backwards.rbegin(); token != backwards.rend(); ++token) emit(piece, *token, out);
  }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<int> unknown_id() const override {
    return unknown_ >= 0 ? std::optional<int>(unknown_) : std::nullopt;
  }

 private:
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  void find_bytes() {
    has_bytes_ = true;
    for (int byte = 0; byte < 256; ++byte) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", byte);
      bytes_[static_cast<std::size_t>(byte)] = vocabulary_.find(name).value_or(-1);
    }
  }

  void emit(std::string_view piece, const PieceToken& token, std::vector<PieceToken>& out) const {
    if (token.id != unknown_) {
      out.push_back(token);
      return;
    }
    const std::string_view text = piece.substr(token.begin, token.end - token.begin);
    const bool in_bytes = has_bytes_ && std::all_of(text.begin(), text.end(), [this](char byte) {
                            return bytes_[static_cast<unsigned char>(byte)] >= 0;
                          });
    if (in_bytes) {
      for (std::size_t at = 0; at < text.size();) {  // each byte points at its character
        const std::size_t end = at + unicode::decode(text, at).length;
        for (std::size_t i = at; i < end; ++i) {
          out.push_back({bytes_[static_cast<unsigned char>(text[i])], token.begin + at, token.begin + end});
        }
        at = end;
      }
    } else if (unknown_ >= 0) {
      out.push_back(token);
    }
  }

  Vocabulary vocabulary_;
  std::vector<double> scores_;  // [pieces]
  Trie trie_;
  int unknown_;
  double unknown_score_ = 0;
  bool has_bytes_ = false;
  std::array<int, 256> bytes_{};
};

}  // namespace

TokenModelPtr unigram_model(std::vector<std::pair<std::string, double>> pieces, int unknown_id,
                            bool byte_fallback, const std::string& place) {
  if (unknown_id < -1 || unknown_id >= static_cast<int>(pieces.size())) {
    throw WordedError(framed("tokenizer.damaged", place + ": unk_id is " + std::to_string(unknown_id) +
                                                      ", but there are " + std::to_string(pieces.size()) +
                                                      " pieces."));
  }
  return std::make_shared<Unigram>(std::move(pieces), unknown_id, byte_fallback, place);
}

}  // namespace attn

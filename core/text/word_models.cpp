#include "core/math/worded_error.h"
#include "core/text/token_models.h"
#include "core/text/trie.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

class WordLevel final : public TokenModel {
 public:
  WordLevel(Vocabulary vocabulary, const std::string& unknown)
      : vocabulary_(std::move(vocabulary)), unknown_(vocabulary_.find(unknown)) {}
  void tokenize(std::string_view piece, std::vector<PieceToken>& out) const override {
    if (const auto id = vocabulary_.find(piece)) {
      out.push_back({*id, 0, piece.size()});
    } else if (unknown_) {
      out.push_back({*unknown_, 0, piece.size()});
    }
  }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<int> unknown_id() const override { return unknown_; }

 private:
  Vocabulary vocabulary_;
  std::optional<int> unknown_;
};

Trie trie_of(const Vocabulary& vocabulary) {
  std::vector<std::pair<std::string_view, int>> strings;
  strings.reserve(vocabulary.size());
  for (const auto& [token, id] : vocabulary.entries()) strings.emplace_back(token, id);
  return Trie(std::move(strings));
}

class WordPiece final : public TokenModel {
 public:
  WordPiece(Vocabulary vocabulary, const std::string& unknown, std::string prefix, std::size_t max_chars,
            const std::string& place)
      : vocabulary_(std::move(vocabulary)),
        trie_(trie_of(vocabulary_)),
        prefix_(std::move(prefix)),
        max_chars_(max_chars) {
    const auto id = vocabulary_.find(unknown);
    if (!id) {
      throw WordedError(
          worded("tokenizer.no_unknown",
                 "{file}: the unknown token '{token}' is not in the vocabulary; WordPiece cannot "
                 "do without it.",
                 {{"file", place}, {"token", unknown}}));
    }
    unknown_ = *id;
  }

  void tokenize(std::string_view piece, std::vector<PieceToken>& out) const override {
    const std::size_t before = out.size();
    const auto give_up = [&] {
      out.resize(before);
      out.push_back({unknown_, 0, piece.size()});
    };
    if (piece.size() > max_chars_ && unicode::count(piece) > max_chars_) return give_up();
    for (std::size_t at = 0; at < piece.size();) {
      const auto best = longest(piece.substr(at), at == 0);
      if (best.value == Trie::kNone) return give_up();
      out.push_back({best.value, at, at + best.length});
      at += best.length;
    }
  }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<int> unknown_id() const override { return unknown_; }

 private:
  Trie::Match longest(std::string_view rest, bool first) const {
    int node = Trie::kRoot;
    if (!first) {
      for (const char byte : prefix_) {
        node = trie_.step(node, byte);
        if (node == Trie::kNone) return {};
      }
    }
    Trie::Match best;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      node = trie_.step(node, rest[i]);
      if (node == Trie::kNone) break;
      if (trie_.value(node) != Trie::kNone) best = {i + 1, trie_.value(node)};
    }
    return best;
  }

  Vocabulary vocabulary_;
  Trie trie_;
  std::string prefix_;
  std::size_t max_chars_;
  int unknown_ = 0;
};

}  // namespace

TokenModelPtr word_level_model(Vocabulary vocabulary, const std::string& unknown) {
  return std::make_shared<WordLevel>(std::move(vocabulary), unknown);
}

TokenModelPtr word_piece_model(Vocabulary vocabulary, const std::string& unknown, std::string prefix,
                               std::size_t max_chars, const std::string& place) {
  return std::make_shared<WordPiece>(std::move(vocabulary), unknown, std::move(prefix), max_chars, place);
}

}  // namespace attn

#include "core/text/bpe.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <queue>

#include "core/math/error.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

constexpr std::string_view kBlank = "▁";

struct Merge {
  int rank;
  int id;  // what the pair becomes
};

std::uint64_t key_of(int left, int right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

// Keys are small numbers side by side; their bits must be spread (Steele et al. 2014, SplitMix64).
struct SpreadHash {
  std::size_t operator()(std::uint64_t x) const {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>(x ^ (x >> 31));
  }
};

// A token in the doubly linked list that a piece is while it is being merged.
struct Symbol {
  int id;
  int previous, next;  // -1: none
  std::size_t begin, end;
};

struct Candidate {
  int rank, left, merged_id;
  int left_id, right_id;  // what stood there when it was found: it is stale if either has changed
  bool operator<(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : left > other.left;
  }
};

class Bpe final : public TokenModel {
 public:
  Bpe(Vocabulary vocabulary, const MergeList& merges, const BpeSettings& settings, const std::string& place)
      : vocabulary_(std::move(vocabulary)), settings_(settings) {
    if (!settings_.unknown.empty()) unknown_ = vocabulary_.find(settings_.unknown);
    if (settings_.byte_fallback) find_bytes();
    words_are_apart_ = blanks_part_words();
    merges_.reserve(merges.size());
    const auto id_of = [&](const std::string& token, std::size_t rank) {
      const auto id = vocabulary_.find(token);
      if (!id) {
        throw Error(place + ": merge " + std::to_string(rank) + " needs the token '" + token +
                    "', which is not in the vocabulary; the two do not belong together.");
      }
      return *id;
    };
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
      const auto& [left, right] = merges[rank];
      const std::size_t skipped =
          right.compare(0, settings_.continuing_prefix.size(), settings_.continuing_prefix) == 0
              ? settings_.continuing_prefix.size()
              : 0;
      if (left.empty() || right.size() <= skipped) {
        throw Error(place + ": merge " + std::to_string(rank) +
                    " has an empty part, so that merging would never end.");
      }
      const int a = id_of(left, rank), b = id_of(right, rank);
      merges_[key_of(a, b)] = {static_cast<int>(rank), id_of(left + right.substr(skipped), rank)};
    }
  }

  void tokenize(std::string_view piece, std::vector<PieceToken>& out) const override {
    if (settings_.ignore_merges) {
      if (const auto id = vocabulary_.find(piece)) {
        out.push_back({*id, 0, piece.size()});
        return;
      }
    }
    if (!words_are_apart_) return tokenize_word(piece, out);
    std::unordered_map<std::string_view, std::vector<PieceToken>> known;
    for (std::size_t begin = 0; begin < piece.size();) {
      std::size_t end = begin;
      while (piece.substr(end, kBlank.size()) == kBlank) end += kBlank.size();
      end = std::min(piece.find(kBlank, end), piece.size());
      const auto [entry, is_new] = known.try_emplace(piece.substr(begin, end - begin));
      if (is_new) tokenize_word(entry->first, entry->second);
      for (const PieceToken& token : entry->second) {
        out.push_back({token.id, begin + token.begin, begin + token.end});
      }
      begin = end;
    }
  }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<int> unknown_id() const override { return unknown_; }

 private:
  void tokenize_word(std::string_view word, std::vector<PieceToken>& out) const {
    std::vector<Symbol> symbols = characters(word);
    merge(symbols);
    for (int i = symbols.empty() ? -1 : 0; i >= 0; i = symbols[static_cast<std::size_t>(i)].next) {
      const Symbol& symbol = symbols[static_cast<std::size_t>(i)];
      out.push_back({symbol.id, symbol.begin, symbol.end});
    }
  }

  // Where no token goes on over a blank "▁", the words of a long piece can be merged one by one: the same
  // tokens, faster.
  bool blanks_part_words() const {
    if (!settings_.continuing_prefix.empty() || !settings_.end_of_word_suffix.empty()) return false;
    if (!vocabulary_.find(kBlank)) return false;
    for (const auto& [token, id] : vocabulary_.entries()) {
      std::size_t begin = 0;
      while (token.compare(begin, kBlank.size(), kBlank) == 0) begin += kBlank.size();
      if (token.find(kBlank, begin) != std::string::npos) return false;
    }
    return true;
  }

  void find_bytes() {
    for (int byte = 0; byte < 256; ++byte) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", byte);
      bytes_[static_cast<std::size_t>(byte)] = vocabulary_.find(name).value_or(-1);
    }
  }

  std::vector<Symbol> characters(std::string_view piece) const {
    std::vector<Symbol> symbols;
    std::string name;
    bool after_unknown = false;
    const auto add = [&](int id, std::size_t begin, std::size_t end) {
      const int here = static_cast<int>(symbols.size());
      if (here > 0) symbols.back().next = here;
      symbols.push_back({id, here - 1, -1, begin, end});
    };
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t end = at + unicode::decode(piece, at).length;
      name.clear();
      if (at > 0) name += settings_.continuing_prefix;
      name += piece.substr(at, end - at);
      if (end == piece.size()) name += settings_.end_of_word_suffix;
      if (const auto id = vocabulary_.find(name)) {
        add(*id, at, end);
        after_unknown = false;
      } else if (settings_.byte_fallback && all_bytes_known(name)) {
        for (const char byte : name) add(bytes_[static_cast<unsigned char>(byte)], at, end);
        after_unknown = false;
      } else if (unknown_) {
        if (after_unknown && settings_.fuse_unknown) {
          symbols.back().end = end;
        } else {
          add(*unknown_, at, end);
        }
        after_unknown = true;
      }
      at = end;
    }
    return symbols;
  }

  bool all_bytes_known(std::string_view name) const {
    for (const char byte : name) {
      if (bytes_[static_cast<unsigned char>(byte)] < 0) return false;
    }
    return true;
  }

  void merge(std::vector<Symbol>& symbols) const {
    std::priority_queue<Candidate> queue;
    const auto consider = [&](int left) {
      if (left < 0) return;
      const Symbol& a = symbols[static_cast<std::size_t>(left)];
      if (a.next < 0) return;
      const Symbol& b = symbols[static_cast<std::size_t>(a.next)];
      const auto found = merges_.find(key_of(a.id, b.id));
      if (found != merges_.end()) queue.push({found->second.rank, left, found->second.id, a.id, b.id});
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) consider(static_cast<int>(i));
    while (!queue.empty()) {
      const Candidate best = queue.top();
      queue.pop();
      Symbol& left = symbols[static_cast<std::size_t>(best.left)];
      if (left.id != best.left_id || left.next < 0) continue;
      Symbol& right = symbols[static_cast<std::size_t>(left.next)];
      if (right.id != best.right_id) continue;
      left.id = best.merged_id;
      left.end = right.end;
      left.next = right.next;
      right.id = -1;
      if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = best.left;
      consider(left.previous);
      consider(best.left);
    }
  }

  Vocabulary vocabulary_;
  BpeSettings settings_;
  std::optional<int> unknown_;
  bool words_are_apart_ = false;
  std::array<int, 256> bytes_{};
  std::unordered_map<std::uint64_t, Merge, SpreadHash> merges_;
};

}  // namespace

TokenModelPtr bpe_model(Vocabulary vocabulary, const MergeList& merges, const BpeSettings& settings,
                        const std::string& place) {
  return std::make_shared<Bpe>(std::move(vocabulary), merges, settings, place);
}

}  // namespace attn

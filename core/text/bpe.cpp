#include "core/text/bpe.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <queue>

#include "core/math/worded_error.h"
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

// The merges by their pairs, in one block of memory: a long word asks for millions.
class MergeTable {
 public:
  void reserve(std::size_t n) {
    std::size_t size = 2;
    while (size < 2 * n) size *= 2;
    slots_.assign(size, {});
  }
  // The last of two merges of one pair counts. reserve() must have made room.
  void set(std::uint64_t pair, Merge merge) { slots_[slot_of(pair)] = {pair, merge}; }
  const Merge* find(std::uint64_t pair) const {
    const Slot& slot = slots_[slot_of(pair)];
    return slot.pair == pair ? &slot.merge : nullptr;
  }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};  // ids are below 2^31
  struct Slot {
    std::uint64_t pair = kNone;
    Merge merge{};
  };

  std::size_t slot_of(std::uint64_t pair) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = SpreadHash()(pair) & mask;
    while (slots_[at].pair != pair && slots_[at].pair != kNone) at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots_ = std::vector<Slot>(2);
};

// A merge that may be done, as one number: the lowest rank first, of equals the leftmost.
std::uint64_t candidate_of(int rank, int left) {
  return key_of(rank, left);
}

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
        throw WordedError(
            worded("tokenizer.merge_unknown",
                   "{file}: merge {n} needs the token '{token}', which is not in the vocabulary; "
                   "the two do not belong together.",
                   {{"file", place}, {"n", std::to_string(rank)}, {"token", token}}));
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
        throw WordedError(worded("tokenizer.merge_empty",
                                 "{file}: merge {n} has an empty part, so that merging would never end.",
                                 {{"file", place}, {"n", std::to_string(rank)}}));
      }
      const int a = id_of(left, rank), b = id_of(right, rank);
      merges_.set(key_of(a, b), {static_cast<int>(rank), id_of(left + right.substr(skipped), rank)});
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
    // What becomes of the symbol and the one behind it; null: they do not merge.
    const auto merge_at = [&](int left) -> const Merge* {
      if (left < 0) return nullptr;
      const Symbol& a = symbols[static_cast<std::size_t>(left)];
      if (a.id < 0 || a.next < 0) return nullptr;
      return merges_.find(key_of(a.id, symbols[static_cast<std::size_t>(a.next)].id));
    };
    std::vector<std::uint64_t> first;
    for (int i = 0; i + 1 < static_cast<int>(symbols.size()); ++i)
      if (const Merge* merge = merge_at(i)) first.push_back(candidate_of(merge->rank, i));
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> queue(std::greater<>(),
                                                                                         std::move(first));
    const auto consider = [&](int left) {
      if (const Merge* merge = merge_at(left)) queue.push(candidate_of(merge->rank, left));
    };
    while (!queue.empty()) {
      const std::uint64_t best = queue.top();
      queue.pop();
      const int at = static_cast<int>(best & 0xFFFFFFFFu);
      const Merge* merge = merge_at(at);
      if (!merge || candidate_of(merge->rank, at) != best) continue;  // its symbols were merged meanwhile
      Symbol& left = symbols[static_cast<std::size_t>(at)];
      Symbol& right = symbols[static_cast<std::size_t>(left.next)];
      left.id = merge->id;
      left.end = right.end;
      left.next = right.next;
      right.id = -1;
      if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = at;
      consider(left.previous);
      consider(at);
    }
  }

  Vocabulary vocabulary_;
  BpeSettings settings_;
  std::optional<int> unknown_;
  bool words_are_apart_ = false;
  std::array<int, 256> bytes_{};
  MergeTable merges_;
};

}  // namespace

TokenModelPtr bpe_model(Vocabulary vocabulary, const MergeList& merges, const BpeSettings& settings,
                        const std::string& place) {
  return std::make_shared<Bpe>(std::move(vocabulary), merges, settings, place);
}

}  // namespace attn

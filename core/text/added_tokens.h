#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/normalizers.h"
#include "core/text/trie.h"

namespace attn {

// A token that is found in the text as it stands, before anything else is cut.
struct AddedToken {
  int id = 0;
  std::string content;
  bool single_word = false;  // only between characters that are no part of a word
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // and after it
  bool normalized = false;   // looked for in the normalised text
  bool special = false;
};

// Finds added tokens: of those that begin first the longest. Immutable; safe from any thread.
class AddedTokens {
 public:
  AddedTokens() = default;
  // Where `normalizer` is given, tokens with `normalized` are looked for as it leaves them, in a second
  // round.
  AddedTokens(std::vector<AddedToken> tokens, const Normalizer* normalizer);

  struct Part {
    std::size_t begin, end;
    int id;  // -1: text between
  };
  std::vector<Part> split(std::string_view text) const { return split(text, as_written_); }
  std::vector<Part> split_normalised(std::string_view text) const { return split(text, normalised_); }

  const AddedToken* find(int id) const;
  const AddedToken* find(std::string_view content) const;
  const std::vector<AddedToken>& all() const { return tokens_; }

 private:
  std::vector<Part> split(std::string_view text, const Trie& trie) const;

  std::vector<AddedToken> tokens_;
  std::unordered_map<int, std::size_t> by_id_;
  Trie as_written_, normalised_;  // values: positions in tokens_
};

}  // namespace attn

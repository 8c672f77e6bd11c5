#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/normalizers.h"

namespace attn {

// SentencePiece's compiled normalisation: a double-array trie (Aoe 1989, in Darts-clone's layout) from
// strings to places in a block of zero-terminated replacements. The bytes come from a file and may lie: every
// step is checked against them. Immutable; safe from any thread.
class PrecompiledMap {
 public:
  // 4 bytes with the size of the trie, the trie (units of 4 bytes, little endian), the replacements. Throws
  // Error naming `place` where the sizes do not fit.
  PrecompiledMap(std::string_view bytes, const std::string& place);

  struct Match {
    std::size_t length;
    std::string_view replacement;
  };
  // The shortest or the longest known string that `text` begins with.
  std::optional<Match> shortest(std::string_view text) const { return find(text, false); }
  std::optional<Match> longest(std::string_view text) const { return find(text, true); }

 private:
  std::optional<Match> find(std::string_view text, bool longest_one) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

// tokenizers' "Precompiled": grapheme by grapheme, where it is known (up to 5 bytes), else character by
// character.
NormalizerPtr precompiled_normalizer(std::shared_ptr<const PrecompiledMap> map);

// Throws Error naming `place` for a character that is not of base64.
std::string decode_base64(std::string_view text, const std::string& place);

}  // namespace attn

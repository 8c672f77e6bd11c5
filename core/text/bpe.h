#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/text/token_models.h"

namespace attn {

struct BpeSettings {
  std::string unknown;             // "": none
  std::string continuing_prefix;   // before every character of a piece but the first
  std::string end_of_word_suffix;  // after the last
  bool fuse_unknown = false;       // unknown characters side by side are one token
  bool byte_fallback = false;      // an unknown character becomes its bytes, <0xE4> …
  bool ignore_merges = false;      // a piece that is in the vocabulary is taken as it is
};

using MergeList = std::vector<std::pair<std::string, std::string>>;

// Byte-pair encoding (Sennrich et al. 2016): of all neighbours the pair that stands first in `merges` is
// joined, from the left, until none is left. O(n log n) in the length of a piece.
//
// Throws Error (`place` names file and field) for a merge of or into tokens that are not in the vocabulary,
// and for an empty part, which would never end.
TokenModelPtr bpe_model(Vocabulary vocabulary, const MergeList& merges, const BpeSettings& settings,
                        const std::string& place);

}  // namespace attn

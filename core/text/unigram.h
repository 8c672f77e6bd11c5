#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/text/token_models.h"

namespace attn {

// The most probable segmentation under a unigram language model (Kudo 2018, by Viterbi's algorithm), as
// tokenizer.json describes it: `pieces` with their log probabilities, the id is the position. An unknown
// character costs 10 more than the least probable piece; neighbours of that kind are one unknown token, or
// their bytes where the vocabulary has <0x00> … <0xFF> and `byte_fallback` is set.
// O(n × longest piece).
TokenModelPtr unigram_model(std::vector<std::pair<std::string, double>> pieces, int unknown_id,
                            bool byte_fallback, const std::string& place);

}  // namespace attn

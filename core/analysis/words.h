#pragma once

#include <string>
#include <vector>

#include "core/forward/trace.h"

namespace attn {

// Which tokens make one word: groups[w] lists the tokens of word w in order; every token is in one group, and
// a special token is a group of its own.
struct WordGroups {
  std::vector<std::vector<int>> groups;
  std::vector<std::string> names;  // as a person reads them: "tokenization" of "token" + "##ization"
  int n_words() const { return static_cast<int>(groups.size()); }
};

// `words`: the word number of each token, -1 for special ones (Encoding::words); neighbours with the same
// number belong together. Empty: see infer_words.
WordGroups group_words(const std::vector<std::string>& tokens, const std::vector<int>& words = {});

// Word numbers read from how tokenizers mark pieces: "##" continues a word, "Ġ", "▁" or a space begins one;
// with neither mark in the whole text every token is a word. Special tokens ("[CLS]", "</s>", "<|…|>") get
// -1.
std::vector<int> infer_words(const std::vector<std::string>& tokens);

// Weights between words (Clark et al. 2019, section 4.1): attention *to* a word is the sum over its pieces,
// attention *from* a word the mean over its pieces, so that rows still sum to 1. [query words, key words].
Matrix merge_words(const HeadWeights& weights, const WordGroups& queries, const WordGroups& keys);

// The weights as if these keys could not be seen: their columns 0, the rest of each row divided by what is
// left. A row with nothing left becomes 0. What the model would really do without them is an intervention.
Matrix hide_keys(const HeadWeights& weights, const std::vector<bool>& hidden);

}  // namespace attn

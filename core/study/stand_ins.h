#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/study/study.h"
#include "core/text/tokenizer.h"

namespace attn {

// A word of a text that the model's vocabulary does not have: unknown tokens with no space between them.
struct UnknownWord {
  std::string text;                 // as it stands there
  std::size_t first = 0, last = 0;  // tokens
};

// All of them, in order. `text`: what was encoded; words of a second text (a pair) are left out.
std::vector<UnknownWord> unknown_words(const Tokenizer& tokenizer, const Encoding& encoding,
                                       const std::string& text);

// How Subject::stand_ins names a word: letter case aside.
std::string stand_in_key(const std::string& word);

// Puts known words in the place of unknown ones, as Subject::stand_ins asks: each becomes one token, named
// "wug≈dog", with dog's id. A stand-in that is no single known word itself changes nothing.
void put_stand_ins(const Subject& subject, const Tokenizer& tokenizer, Encoding& encoding);

}  // namespace attn

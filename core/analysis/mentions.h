#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/tokenizer.h"

namespace attn {

// A word or phrase of a text: what it is called, where it stands, and which tokens it became.
struct Mention {
  std::string word;       // as asked for: "it", "it#2", "the old dog"
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  std::vector<int> tokens;  // ascending; never empty
};

// Finds a word in a text: whole words, letter case aside; "it#2" asks for the second occurrence. In scripts
// without spaces a word begins and ends where tokens do. A phrase of several words is found as it stands.
// Throws Error when the text has no such word, not so many of them, or the word was cut away with the end of
// the text.
Mention find_mention(std::string_view text, const Encoding& encoding, std::string_view word);

// The tokens that the bytes [begin, end) of the text became: all that overlap them.
std::vector<int> tokens_between(const Encoding& encoding, std::size_t begin, std::size_t end);

// The personal and possessive pronouns of the third person that a question may be about, in English and
// Chinese; the model's own list, where it has one, is PointerSpec::asked_at.
std::span<const std::string_view> third_person_pronouns();

// A text and encoding to search in when only tokens are known (a recording): the tokens as a person reads
// them, spaces between words. `words`: the word number of each token, or empty: then read from the tokens.
struct SpelledText {
  std::string text;
  Encoding encoding;
};
SpelledText spell(const std::vector<std::string>& tokens, const std::vector<int>& words = {});

}  // namespace attn

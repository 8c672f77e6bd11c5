#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Code points and their properties (Unicode 15, from utf8proc), under the names that tokenizers use.
// All pure, safe from any thread.
namespace attn::unicode {

struct CodePoint {
  char32_t value;      // U+FFFD where the bytes are no UTF-8
  std::size_t length;  // bytes taken, at least 1
  bool valid;
};

// The code point at byte `at` of `text` (at < size). Of invalid bytes it takes the longest beginning of a
// character (the Unicode standard's "maximal subpart", as Python and Rust do).
CodePoint decode(std::string_view text, std::size_t at);

void append(std::string& out, char32_t c);
std::string encode(char32_t c);
std::size_t count(std::string_view text);  // code points in it

bool is_whitespace(char32_t c);        // the property White_Space
bool is_python_space(char32_t c);      // str.isspace(): White_Space and U+001C to U+001F
bool is_punctuation(char32_t c);       // categories P*
bool is_bert_punctuation(char32_t c);  // P*, and every ASCII symbol such as $ + < =
bool is_number(char32_t c);            // categories N*
bool is_python_digit(char32_t c);      // str.isdigit(): Nd and digits such as ²
bool is_word(char32_t c);              // \w of Unicode's annex 18: letters, marks, decimal digits, connectors
bool is_mark(char32_t c);              // M*
bool is_nonspacing_mark(char32_t c);   // Mn
bool is_other(char32_t c);             // controls, formats, surrogates, private use
bool is_unassigned(char32_t c);        // Cn
bool is_cjk_ideograph(char32_t c);     // the eight blocks that BERT puts blanks around
bool is_unspaced_script(char32_t c);   // Han, kana: scripts whose words are not parted by blanks
bool is_cased(char32_t c);             // letters that have two cases
bool is_modifier(char32_t c);          // Mn Me Cf Lm Sk
int combining_class(char32_t c);

// Full lower case of one character: "İ" becomes "i" and a combining dot; no look at its neighbours.
std::string lower(char32_t c);
void append_lower(std::string& out, char32_t c);
std::string lower_case(std::string_view text);  // each character by itself

enum class Form { nfc, nfd, nfkc, nfkd };

// The canonical (or compatibility) decomposition of one character, unordered.
void decompose(char32_t c, bool compatibility, std::vector<char32_t>& out);
// The one character that two compose to, if there is one.
std::optional<char32_t> compose(char32_t first, char32_t second);

// Where the grapheme cluster that begins at byte `at` ends.
std::size_t grapheme_end(std::string_view text, std::size_t at);

}  // namespace attn::unicode

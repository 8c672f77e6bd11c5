#include "core/analysis/mentions.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/analysis/words.h"
#include "core/math/error.h"
#include "core/text/unicode.h"

namespace attn {

namespace {

// One character of a text: its code point in lower case and its first byte.
struct Character {
  char32_t code;
  std::size_t begin;
};

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  std::string lower;
  for (std::size_t i = 0; i < text.size();) {
    const unicode::CodePoint character = unicode::decode(text, i);
    lower.clear();
    unicode::append_lower(lower, character.value);
    characters.push_back({unicode::decode(lower, 0).value, i});
    i += character.length;
  }
  characters.push_back({0, text.size()});
  return characters;
}

bool is_token_border(const Encoding& encoding, std::size_t byte) {
  for (std::size_t t = 0; t < encoding.begin.size(); ++t)
    if (encoding.begin[t] < encoding.end[t] && (encoding.begin[t] == byte || encoding.end[t] == byte))
      return true;
  return false;
}

// Can a word begin or end before character c?
bool is_word_border(const std::vector<Character>& text, std::size_t c, const Encoding& encoding) {
  if (c == 0 || c + 1 == text.size()) return true;
  const char32_t before = text[c - 1].code, after = text[c].code;
  if (!unicode::is_word(before) || !unicode::is_word(after)) return true;
  if (unicode::is_unspaced_script(before) || unicode::is_unspaced_script(after))
    return is_token_border(encoding, text[c].begin);
  return false;
}

struct Wanted {
  std::string_view word;
  int occurrence = 1;
};

// "it#2" → "it", 2. A "#" that no number follows is part of the word.
Wanted parse_wanted(std::string_view asked) {
  const std::size_t hash = asked.rfind('#');
  int occurrence = 0;
  if (hash != std::string_view::npos && hash > 0 && hash + 1 < asked.size()) {
    const char* end = asked.data() + asked.size();
    const auto [stop, error] = std::from_chars(asked.data() + hash + 1, end, occurrence);
    if (error == std::errc() && stop == end && occurrence > 0) return {asked.substr(0, hash), occurrence};
  }
  return {asked, 1};
}

std::string some_words_of(std::string_view text) {
  constexpr std::size_t kShown = 80;
  if (text.size() <= kShown) return std::string(text);
  std::size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

}  // namespace

std::vector<int> tokens_between(const Encoding& encoding, std::size_t begin, std::size_t end) {
  std::vector<int> tokens;
  for (std::size_t t = 0; t < encoding.begin.size(); ++t)
    if (encoding.begin[t] < end && encoding.end[t] > begin && encoding.begin[t] < encoding.end[t])
      tokens.push_back(static_cast<int>(t));
  return tokens;
}

Mention find_mention(std::string_view text, const Encoding& encoding, std::string_view asked) {
  const Wanted wanted = parse_wanted(asked);
  const std::vector<Character> haystack = characters_of(text), needle = characters_of(wanted.word);
  const std::size_t length = needle.size() - 1;
  if (length == 0) throw Error("The word to look for is empty: name a word of the text.");

  const auto alike = [](const Character& a, const Character& b) { return a.code == b.code; };
  int seen = 0;
  for (std::size_t c = 0; c + length < haystack.size(); ++c) {
    if (!std::equal(needle.begin(), needle.end() - 1, haystack.begin() + static_cast<std::ptrdiff_t>(c),
                    alike))
      continue;
    if (!is_word_border(haystack, c, encoding) || !is_word_border(haystack, c + length, encoding)) continue;
    if (++seen < wanted.occurrence) continue;
    Mention mention{std::string(asked), haystack[c].begin, haystack[c + length].begin, {}};
    mention.tokens = tokens_between(encoding, mention.begin, mention.end);
    if (mention.tokens.empty())
      throw Error("'" + mention.word +
                  "' is in the text, but has no token of its own: it may have been cut away "
                  "with the end of a long text.");
    return mention;
  }
  const std::string word(wanted.word);
  if (seen == 0) throw Error("'" + word + "' is not a word of the text \"" + some_words_of(text) + "\".");
  throw Error("'" + word + "' stands only " + std::to_string(seen) + (seen == 1 ? " time" : " times") +
              " in the text; '" + std::string(asked) + "' asks for occurrence " +
              std::to_string(wanted.occurrence) + ".");
}

std::span<const std::string_view> third_person_pronouns() {
  static constexpr std::array<std::string_view, 16> kAll = {"it",   "they", "he",   "she",   "him", "her",
                                                            "them", "its",  "his",  "their", "它",  "它们",
                                                            "他",   "她",   "他们", "她们"};
  return kAll;
}

SpelledText spell(const std::vector<std::string>& tokens, const std::vector<int>& words) {
  SpelledText spelled;
  spelled.encoding.tokens = tokens;
  spelled.encoding.words = words.size() == tokens.size() ? words : infer_words(tokens);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const int word = spelled.encoding.words[t];
    const bool special = word < 0;
    const bool continues = t > 0 && !special && word == spelled.encoding.words[t - 1];
    if (!continues && !special && !spelled.text.empty()) spelled.text += ' ';
    const std::size_t begin = spelled.text.size();
    if (!special) spelled.text += readable_token(tokens[t]);
    spelled.encoding.special.push_back(special);
    spelled.encoding.begin.push_back(begin);
    spelled.encoding.end.push_back(spelled.text.size());
  }
  return spelled;
}

}  // namespace attn

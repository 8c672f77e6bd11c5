#include "core/study/stand_ins.h"

#include <optional>

#include "core/text/unicode.h"

namespace attn {

namespace {

bool is_unknown(const Tokenizer& tokenizer, const Encoding& encoding, std::size_t t, std::size_t text_bytes) {
  const bool of_first_text = encoding.type_ids.empty() || encoding.type_ids[t] == 0;
  return of_first_text && tokenizer.unknown_id() == encoding.ids[t] && encoding.end[t] > encoding.begin[t] &&
         encoding.end[t] <= text_bytes;
}

// The one token that a word becomes; nullopt: it is none, or unknown itself.
std::optional<int> known_id(const Tokenizer& tokenizer, const std::string& word) {
  const Encoding encoding = tokenizer.encode(word, EncodeOptions{false});
  if (encoding.ids.size() != 1 || tokenizer.unknown_id() == encoding.ids.front()) return std::nullopt;
  return encoding.ids.front();
}

template <class T>
void erase(std::vector<T>& values, std::size_t first, std::size_t end) {
  if (values.empty()) return;
  values.erase(values.begin() + static_cast<std::ptrdiff_t>(first),
               values.begin() + static_cast<std::ptrdiff_t>(end));
}

void erase_tokens(Encoding& e, std::size_t first, std::size_t end) {
  erase(e.ids, first, end);
  erase(e.tokens, first, end);
  erase(e.type_ids, first, end);
  erase(e.special, first, end);
  erase(e.begin, first, end);
  erase(e.end, first, end);
  erase(e.words, first, end);
}

}  // namespace

std::vector<UnknownWord> unknown_words(const Tokenizer& tokenizer, const Encoding& encoding,
                                       const std::string& text) {
  std::vector<UnknownWord> words;
  for (std::size_t t = 0; t < encoding.ids.size(); ++t) {
    if (!is_unknown(tokenizer, encoding, t, text.size())) continue;
    const bool goes_on =
        !words.empty() && words.back().last + 1 == t && encoding.end[t - 1] == encoding.begin[t];
    if (goes_on)
      words.back().last = t;
    else
      words.push_back({{}, t, t});
  }
  for (UnknownWord& word : words)
    word.text = text.substr(encoding.begin[word.first], encoding.end[word.last] - encoding.begin[word.first]);
  return words;
}

std::string stand_in_key(const std::string& word) {
  return unicode::lower_case(word);
}

void put_stand_ins(const Subject& subject, const Tokenizer& tokenizer, Encoding& encoding) {
  if (subject.stand_ins.empty()) return;
  const std::vector<UnknownWord> words = unknown_words(tokenizer, encoding, subject.text);
  for (auto word = words.rbegin(); word != words.rend(); ++word) {  // from the end: places before stay
    const auto found = subject.stand_ins.find(stand_in_key(word->text));
    if (found == subject.stand_ins.end()) continue;
    const std::optional<int> id = known_id(tokenizer, found->second);
    if (!id) continue;
    encoding.ids[word->first] = *id;
    encoding.tokens[word->first] = word->text + "≈" + found->second;
    encoding.end[word->first] = encoding.end[word->last];
    erase_tokens(encoding, word->first + 1, word->last + 1);
  }
}

}  // namespace attn

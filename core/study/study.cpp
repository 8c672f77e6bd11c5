#include "core/study/study.h"

#include <algorithm>

namespace attn {

namespace {

// Part of a word in a script that separates words: ASCII letters, digits, apostrophes, and the two-byte
// letters (Latin with accents, Greek, Cyrillic …). Han and kana take three bytes and stand for themselves.
bool joins_words(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         byte == '\'' || (byte >= 0x80 && byte <= 0xDF);
}

// A continuation byte of a Han character is below 0xC0 too, so ask for the character's first byte.
bool ends_with_letter(const std::string& text, std::size_t end) {
  std::size_t first = end;
  while (first > 0 && (static_cast<unsigned char>(text[first - 1]) & 0xC0) == 0x80) --first;
  if (first > 0 && first != end) --first;
  if (first == end) return end > 0 && joins_words(text[end - 1]);
  return joins_words(text[first]);
}

std::optional<std::size_t> find_word(const std::string& text, const std::string& word, int occurrence) {
  if (word.empty()) return std::nullopt;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins_inside = joins_words(word.front()) && ends_with_letter(text, at);
    const bool ends_inside =
        end < text.size() && joins_words(text[end]) && ends_with_letter(word, word.size());
    if (begins_inside || ends_inside) continue;
    if (occurrence-- == 0) return at;
  }
  return std::nullopt;
}

}  // namespace

bool names_tokens(const Interventions& interventions) {
  const bool masked = std::any_of(
      interventions.masks.begin(), interventions.masks.end(),
      [](const auto& mask) { return !mask.second.hidden_keys.empty() || !mask.second.blocked.empty(); });
  return masked || !interventions.cells.empty() || !interventions.numbers.empty() ||
         interventions.positions == PositionSetting::shuffled;
}

Interventions without_tokens(const Interventions& interventions) {
  Interventions rest = interventions;
  for (auto& [stack, mask] : rest.masks) {
    mask.hidden_keys.clear();
    mask.blocked.clear();
  }
  std::erase_if(rest.masks, [](const auto& mask) { return mask.second == MaskSetting{}; });
  rest.cells.clear();
  rest.numbers.clear();
  if (rest.positions == PositionSetting::shuffled) {
    rest.positions = PositionSetting::as_trained;
    rest.permutation.clear();
  }
  return rest;
}

bool is_suspended(const Subject& subject) {
  // Without a bound text (a script, the command line) they were written for whatever text there is.
  return !subject.bound_text.empty() && subject.bound_text != subject.text &&
         names_tokens(subject.interventions);
}

bool is_changed(const Subject& subject) {
  return subject.interventions.any() || !subject.stand_ins.empty();
}

Subject as_trained(Subject subject) {
  subject.interventions = {};
  subject.stand_ins.clear();
  return subject;
}

Interventions in_force(const Subject& subject) {
  return is_suspended(subject) ? without_tokens(subject.interventions) : subject.interventions;
}

std::optional<std::string> twin_text(const std::string& text, const Twin& twin) {
  const std::optional<std::size_t> at = find_word(text, twin.word, twin.occurrence);
  if (!at) return std::nullopt;
  return text.substr(0, *at) + twin.alternative + text.substr(*at + twin.word.size());
}

Subject Study::shown() const {
  Subject subject = a;
  if (flipped && twin) subject.text = twin_text(a.text, *twin).value_or(a.text);
  return subject;
}

std::optional<Subject> Study::other() const {
  if (!twin) return std::nullopt;
  const std::optional<std::string> text = twin_text(a.text, *twin);
  if (!text) return std::nullopt;
  Subject subject = a;
  if (!flipped) subject.text = *text;
  return subject;
}

int follow_token(const std::vector<std::string>& before, const std::vector<std::string>& after, int index) {
  const int n_before = static_cast<int>(before.size());
  const int n_after = static_cast<int>(after.size());
  if (index < 0 || index >= n_before) return -1;
  const int shorter = std::min(n_before, n_after);
  int same_start = 0;
  while (same_start < shorter && before[same_start] == after[same_start]) ++same_start;
  if (index < same_start) return index;
  int same_end = 0;
  while (same_end < shorter - same_start && before[n_before - 1 - same_end] == after[n_after - 1 - same_end])
    ++same_end;
  if (index >= n_before - same_end) return index + n_after - n_before;
  // Inside the changed stretch: a word that was retyped in place keeps its place.
  return n_before == n_after ? index : -1;
}

}  // namespace attn

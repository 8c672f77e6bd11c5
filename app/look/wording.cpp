#include "app/look/wording.h"

namespace attn::app {

std::string in_words(const Words& words, const Wording& wording) {
  const std::string key = "problem." + wording.key;
  if (wording.key.empty() || !words.has(key)) return wording.english;
  std::vector<std::pair<std::string, std::string>> values = wording.values;
  for (const auto& [name, sentence] : wording.sentences) values.emplace_back(name, in_words(words, sentence));
  return filled(words(key), values);
}

std::string card_text(const Words& words, std::string_view model, std::string_view field,
                      std::string_view as_written) {
  const std::string key = "card." + std::string(model) + "." + std::string(field);
  return std::string(words.has(key) ? words(key) : as_written);
}

}  // namespace attn::app

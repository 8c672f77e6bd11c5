#include "core/math/worded_error.h"

namespace attn {

std::string filled(std::string_view text, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    out += text.substr(0, open);
    std::string_view in_its_place = text.substr(open, close - open + 1);
    for (const auto& [known, value] : values)
      if (known == name) in_its_place = value;
    out += in_its_place;
    text.remove_prefix(close + 1);
  }
  out += text;
  return out;
}

Wording worded(std::string key, std::string_view english,
               std::vector<std::pair<std::string, std::string>> values, std::vector<NamedWording> sentences) {
  std::vector<std::pair<std::string, std::string>> all = values;
  for (const auto& [name, sentence] : sentences) all.emplace_back(name, sentence.english);
  return {std::move(key), std::move(values), filled(english, all), std::move(sentences)};
}

Wording framed(std::string key, std::string english) {
  std::vector<std::pair<std::string, std::string>> values = {{"detail", english}};
  return {std::move(key), std::move(values), std::move(english), {}};
}

bool Wording::operator==(const Wording& other) const {
  return key == other.key && values == other.values && english == other.english &&
         sentences == other.sentences;
}

Wording unworded(std::string english) {
  return {"", {}, std::move(english), {}};
}

Wording wording_of(const std::exception& problem) {
  if (const auto* worded = dynamic_cast<const WordedError*>(&problem)) return worded->wording();
  return unworded(problem.what());
}

}  // namespace attn

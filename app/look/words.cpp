#include "app/look/words.h"

#include <nlohmann/json.hpp>

#include "app/look/embedded.h"
#include "core/math/error.h"

namespace attn::app {
namespace {

void flatten(const nlohmann::json& node, const std::string& prefix,
             std::map<std::string, std::string, std::less<>>& out) {
  for (const auto& [name, value] : node.items()) {
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    if (value.is_object())
      flatten(value, key, out);
    else if (value.is_string())
      out[key] = value.get<std::string>();
    else
      throw Error("The words of the interface: '" + key + "' is not a text.");
  }
}

}  // namespace

Words Words::parse(std::string_view json) {
  const nlohmann::json root = nlohmann::json::parse(json, nullptr, false);
  if (!root.is_object()) throw Error("The words of the interface are not a JSON object.");
  Words words;
  flatten(root, "", words.entries_);
  return words;
}

Words::Words(Language language)
    : Words(parse(
          embedded_text(language == Language::chinese ? "assets/text/zh.json" : "assets/text/en.json"))) {}

std::string_view Words::operator()(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? key : std::string_view(found->second);
}

std::string Words::operator()(
    std::string_view key, std::initializer_list<std::pair<std::string_view, std::string_view>> values) const {
  std::string text((*this)(key));
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + std::string(name) + "}";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

}  // namespace attn::app

#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "app/state/view_state.h"

namespace attn::app {

// Every word of the interface in one language, from assets/text (English en.json, Chinese zh.json).
// Keys are the nested names joined by dots: words("controls.mask.title").
class Words {
 public:
  explicit Words(Language language);
  // From a JSON text, for tests. Throws Error when it is not an object of objects and strings.
  static Words parse(std::string_view json);

  // The words at `key`; a missing key shows itself (and fails a test).
  std::string_view operator()(std::string_view key) const;

  // The same with every "{name}" replaced: words("status.tokens", {{"n", "12"}}) → "12 tokens".
  std::string operator()(std::string_view key,
                         std::initializer_list<std::pair<std::string_view, std::string_view>> values) const;

  bool has(std::string_view key) const { return entries_.find(key) != entries_.end(); }
  const std::map<std::string, std::string, std::less<>>& entries() const { return entries_; }

 private:
  Words() = default;
  std::map<std::string, std::string, std::less<>> entries_;
};

}  // namespace attn::app

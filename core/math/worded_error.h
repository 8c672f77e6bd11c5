#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/math/error.h"

namespace attn {

// A sentence for a person that can be said in another language too. `key` names it in the words of the
// window, `values` stand for the {marks} in it; `english` is the sentence itself, marks filled in: what the
// command line prints, and what is said where there are no words for the key (or no key).
struct NamedWording;
struct Wording {
  std::string key;
  std::vector<std::pair<std::string, std::string>> values;
  std::string english;
  // Values that are sentences themselves, said in the language of the sentence around them.
  std::vector<NamedWording> sentences;

  bool empty() const { return english.empty(); }
  bool operator==(const Wording& other) const;
};

// A value of a sentence that is a sentence too.
struct NamedWording {
  std::string name;  // of its {mark}
  Wording wording;
  bool operator==(const NamedWording&) const = default;
};

// `text` with every "{name}" replaced by its value; values are not searched again.
std::string filled(std::string_view text, const std::vector<std::pair<std::string, std::string>>& values);

// worded("text.too_long", "{n} tokens are too many", {{"n", "12"}}).
Wording worded(std::string key, std::string_view english,
               std::vector<std::pair<std::string, std::string>> values = {},
               std::vector<NamedWording> sentences = {});
// A sentence whose frame only is said in other languages, around its English as {detail}: for damage that few
// people meet. framed("file.damaged", "gpt2/model.safetensors: …").
Wording framed(std::string key, std::string english);
// A sentence that exists in English only.
Wording unworded(std::string english);

// An Error that the window can say in its own language.
class WordedError : public Error {
 public:
  explicit WordedError(Wording wording) : Error(wording.english), wording_(std::move(wording)) {}
  const Wording& wording() const { return wording_; }

 private:
  Wording wording_;
};

// What an exception says, with its key where it has one.
Wording wording_of(const std::exception& problem);

}  // namespace attn

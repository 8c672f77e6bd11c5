#pragma once

#include <string>
#include <vector>

#include "core/text/tokenizer.h"

namespace attn {

// Words between spaces, one token each; id = place in the list, the last ones being [UNK] and [MASK].
class SpaceTokenizer : public Tokenizer {
 public:
  explicit SpaceTokenizer(std::vector<std::string> words) : words_(std::move(words)) {
    words_.push_back("[UNK]");
    words_.push_back("[MASK]");
  }
  Encoding encode(std::string_view text, const EncodeOptions& = {}) const override {
    Encoding encoding;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t end = std::min(text.find(' ', i), text.size());
      if (end > i) {
        const std::string word(text.substr(i, end - i));
        encoding.ids.push_back(find_id(word).value_or(*unknown_id()));
        encoding.tokens.push_back(word);
        encoding.special.push_back(false);
        encoding.begin.push_back(i);
        encoding.end.push_back(end);
        encoding.words.push_back(static_cast<int>(encoding.words.size()));
      }
      i = end + 1;
    }
    return encoding;
  }
  Encoding encode_pair(std::string_view first, std::string_view,
                       const EncodeOptions& options) const override {
    return encode(first, options);
  }
  std::string decode(const std::vector<int>&, bool) const override { return ""; }
  int n_vocab() const override { return static_cast<int>(words_.size()); }
  std::string token(int id) const override { return words_[static_cast<std::size_t>(id)]; }
  std::optional<int> find_id(std::string_view token) const override {
    for (std::size_t i = 0; i < words_.size(); ++i)
      if (words_[i] == token) return static_cast<int>(i);
    return std::nullopt;
  }
  bool is_special(int id) const override { return id >= n_vocab() - 2; }
  std::optional<int> unknown_id() const override { return n_vocab() - 2; }
  std::optional<int> mask_id() const override { return n_vocab() - 1; }

 private:
  std::vector<std::string> words_;
};

}  // namespace attn

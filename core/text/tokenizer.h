#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attn {

// What a tokenizer made of a text (or a pair), parallel vectors.
struct Encoding {
  std::vector<int> ids;
  std::vector<std::string> tokens;  // as convert_ids_to_tokens prints them: "##ing", "Ġthe", "▁the", "<0xE4>"
  std::vector<int> type_ids;        // 0 first text, 1 second
  std::vector<bool> special;        // added by the template ([CLS], </s>), not part of the text
  std::vector<std::size_t> begin,
      end;                 // byte offsets into the text (or the pair) it came from; begin == end for special
  std::vector<int> words;  // which word of the text a token belongs to, counted from 0; -1 for special
};

struct EncodeOptions {
  bool add_special_tokens = true;
};

// Turns text into tokens the way one Hugging Face folder says. Immutable, safe from any thread.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Any UTF-8 text; invalid bytes count as U+FFFD. Never throws for a text.
  virtual Encoding encode(std::string_view text, const EncodeOptions& options = {}) const = 0;
  // A pair of texts (BERT: [CLS] a [SEP] b [SEP]).
  virtual Encoding encode_pair(std::string_view first, std::string_view second,
                               const EncodeOptions& options = {}) const = 0;
  // The target of an encoder-decoder where its vocabulary differs (Marian); otherwise as encode.
  virtual Encoding encode_target(std::string_view text, const EncodeOptions& options = {}) const;

  virtual std::string decode(const std::vector<int>& ids, bool skip_special = true) const = 0;

  virtual int n_vocab() const = 0;              // largest id + 1
  virtual std::string token(int id) const = 0;  // "" when there is none
  virtual std::optional<int> find_id(std::string_view token) const = 0;
  virtual bool is_special(int id) const = 0;
  virtual std::optional<int> unknown_id() const = 0;
  virtual std::optional<int> mask_id() const = 0;
};

// A token as a person reads it: "Ġthe" → "the", "##ing" → "ing", "▁the" → "the"; byte pieces that are no
// whole character stay as their codes. For drawing; never for computing.
std::string readable_token(std::string_view token);
// The tokens of a text, each as a person reads it where it stands: pieces of one character carry it and their
// number
// ("中·1", "中·2"), and what is nothing but blanks shows them ("␣", "⏎"). For drawing; never for computing.
std::vector<std::string> readable_tokens(std::span<const std::string> tokens);
// The same for one of them alone.
std::string readable_token(std::span<const std::string> tokens, std::size_t at);
// What they spell together: "tokenization" of "token" + "##ization", "中" of its three bytes.
std::string readable_word(std::span<const std::string> tokens);

// Reads tokenizer.json, or vocab.txt, vocab.json + merges.txt, spiece.model, tokenizer.model, source.spm +
// target.spm, with tokenizer_config.json, special_tokens_map.json and added_tokens.json, in the order that
// Hugging Face reads them. Throws Error naming file and field.
std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& folder);

// The same from the text of a tokenizer.json; `name` is what an Error calls it.
std::shared_ptr<const Tokenizer> load_tokenizer_from_json(std::string_view json,
                                                          const std::string& name = "tokenizer.json");

}  // namespace attn

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/text/added_tokens.h"
#include "core/text/json_fields.h"
#include "core/text/pipeline.h"

namespace attn {

// The whole of a file. Throws Error naming it.
std::string read_whole_file(const std::filesystem::path& path);

// What the small JSON files of a folder say; each may be missing, then it is an empty object.
struct FolderFiles {
  std::filesystem::path folder;
  Json tokenizer_config, special_tokens_map, added_tokens, config;
  std::string tokenizer_class;  // without "Fast"; by the model type where tokenizer_config.json says nothing

  bool has(const char* file) const;
  std::filesystem::path path(const char* file) const { return folder / file; }
  std::string place() const { return path("tokenizer_config.json").string(); }
  bool flag(const char* key, bool fallback) const;
  std::string text(const char* key, const std::string& fallback) const;
};

FolderFiles read_folder_files(const std::filesystem::path& folder);

// A special token as a tokenizer class defaults to it.
struct SpecialDefault {
  const char* role;     // "mask_token"
  const char* content;  // "[MASK]"
  bool lstrip = false;
};

// The special tokens of a folder, resolved as transformers' slow tokenizers do: added_tokens_decoder if
// tokenizer_config.json has it, else special_tokens_map.json and added_tokens.json; then the class's
// defaults.
class SpecialTokens {
 public:
  SpecialTokens(const FolderFiles& files, const std::vector<SpecialDefault>& defaults);

  std::string content(const std::string& role) const;  // "" when there is none
  // In the order in which transformers lists them.
  std::vector<std::string> all() const;
  bool is_special(const std::string& content) const;
  void add_if_missing(const AddedToken& token);  // to the added tokens, by id
  bool has_decoder() const { return has_decoder_; }

  // Everything that is looked for in a text. A token without an id gets that of the vocabulary, or the next
  // one at `size` and beyond.
  std::vector<AddedToken> added(const std::function<std::optional<int>(std::string_view)>& find,
                                int size) const;

 private:
  std::map<std::string, AddedToken> roles_;
  std::vector<AddedToken> additional_;
  std::map<int, AddedToken> decoder_;
  bool has_decoder_ = false;
};

}  // namespace attn

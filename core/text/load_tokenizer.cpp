#include "core/math/worded_error.h"
#include "core/text/folder_tokenizers.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_json.h"

namespace attn {

std::shared_ptr<const Tokenizer> load_tokenizer_from_json(std::string_view json, const std::string& name) {
  return make_pipeline(read_tokenizer_json(parse_json_object(json, name), name));
}

namespace {

// Some file that a tokenizer is read from (a class in tokenizer_config.json alone is none).
bool has_any_tokenizer(const FolderFiles& files) {
  for (const char* name :
       {"tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "tokenizer.model",
        "sentencepiece.bpe.model", "spm.model", "source.spm", "target.spm"})
    if (files.has(name)) return true;
  return false;
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    throw WordedError(worded("tokenizer.no_folder",
                             "{path} is no folder that can be read; name the folder of the model.",
                             {{"path", folder.string()}}));
  }
  const FolderFiles files = read_folder_files(folder);
  if (!has_any_tokenizer(files))
    throw WordedError(
        worded("tokenizer.none",
               "{path} has no tokenizer.json, no vocab.txt or vocab.json, and no SentencePiece model",
               {{"path", folder.string()}}));
  if (files.has("tokenizer.json")) {
    const std::string name = files.path("tokenizer.json").string();
    Json json = parse_json_object(read_whole_file(name), name);
    apply_tokenizer_config(files, json);
    PipelineParts parts = read_tokenizer_json(json, name);
    const std::string mask = SpecialTokens(files, {}).content("mask_token");
    if (!mask.empty()) parts.mask_token = mask;
    return make_pipeline(std::move(parts));
  }
  if (auto tokenizer = load_word_piece_folder(files)) return tokenizer;
  if (auto tokenizer = load_bpe_folder(files)) return tokenizer;
  if (auto tokenizer = load_sentencepiece_folder(files)) return tokenizer;
  if (auto tokenizer = load_marian_folder(files)) return tokenizer;
  if (auto tokenizer = load_letters_folder(files)) return tokenizer;
  throw WordedError(worded("tokenizer.unknown_class",
                           "{path}: there is no tokenizer.json, and the tokenizer class is '{class}', which "
                           "this program does not know; convert the tokenizer to tokenizer.json.",
                           {{"path", folder.string()}, {"class", files.tokenizer_class}}));
}

}  // namespace attn

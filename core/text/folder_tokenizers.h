#pragma once

#include <memory>

#include "core/text/folder_files.h"
#include "core/text/tokenizer.h"

namespace attn {

// Tokenizers of folders without tokenizer.json, as transformers' slow tokenizers compute them. Each is asked
// for a tokenizer class; null: not one of its kind. Throw Error naming file and field.

// vocab.txt: BERT, DistilBERT, ELECTRA, MPNet and their kin.
std::shared_ptr<const Tokenizer> load_word_piece_folder(const FolderFiles& files);

// vocab.json + merges.txt: GPT-2, RoBERTa, BART, Phi, Qwen2, Whisper, CLIP, openai-gpt and their kin.
std::shared_ptr<const Tokenizer> load_bpe_folder(const FolderFiles& files);

// vocab.json of wav2vec 2.0: one token a letter.
std::shared_ptr<const Tokenizer> load_letters_folder(const FolderFiles& files);

// spiece.model, sentencepiece.bpe.model, tokenizer.model, spm.model: T5, Llama, Gemma, ALBERT, XLNet, XLM-R,
// CamemBERT, mBART, DeBERTa-v2.
std::shared_ptr<const Tokenizer> load_sentencepiece_folder(const FolderFiles& files);

// source.spm + target.spm + vocab.json: Marian.
std::shared_ptr<const Tokenizer> load_marian_folder(const FolderFiles& files);

// What stands before and after texts, by their ids. Throws Error where `token` is unknown.
class TokenIds {
 public:
  TokenIds(const Vocabulary& vocabulary, const std::vector<AddedToken>& added, std::string place)
      : vocabulary_(vocabulary), added_(added), place_(std::move(place)) {}
  int required(const std::string& token) const;

 private:
  const Vocabulary& vocabulary_;
  const std::vector<AddedToken>& added_;
  std::string place_;
};

// [before] first [between] second [after], and without the second.
TokenTemplate frame(const std::vector<int>& before, const std::vector<int>& between,
                    const std::vector<int>& after, int second_type);

}  // namespace attn

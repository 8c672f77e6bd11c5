#pragma once

#include <memory>

#include "core/text/folder_files.h"
#include "core/text/tokenizer.h"

namespace attn {

// Tokenizers of folders without tokenizer.json, as transformers' slow tokenizers compute them. Each is asked
// for a tokenizer class; null: not one of its kind. Throw Error naming file and field.

// vocab.txt: BERT, DistilBERT, ELECTRA, MPNet and their kin.
std::shared_ptr<const Tokenizer> load_word_piece_folder(const FolderFiles& files);

}  // namespace attn

#pragma once

#include <string>
#include <vector>

namespace attn {

// The tokenizer of a small model of our own, as a Hugging Face tokenizer.json that any other program reads
// too:
//
//   normalizer     NFC, lower case, contractions written out: "didn't" → "did not", "won't" → "will not",
//                  "they're" → "they are", "I'll", "I'm", "I've"; "'s" stays, as it may be "is" or the
//                  genitive (Replace with regular expressions)
//   pre_tokenizer  white space parts words (WhitespaceSplit); punctuation and "'s" stand alone, and Chinese
//   is
//                  cut by the longest word of `words` that begins here, else by characters (Split by one
//                  regular expression whose alternatives are the Chinese words, longest first)
//   model          WordLevel: one token a word, "[UNK]" for one that is not in the vocabulary
//
// Offsets lead back through all of it: "did" and "not" of "didn't" point at "did" and "n't".
//
// words: the vocabulary after [PAD] [UNK] [CLS] [SEP] [MASK], which take the ids 0 to 4; in lower case, each
// once. `framed` puts [CLS] before and [SEP] after a text.
std::string word_level_tokenizer_json(const std::vector<std::string>& words, bool framed);

}  // namespace attn

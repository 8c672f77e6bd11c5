#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/text/aligned_text.h"
#include "core/text/pattern.h"

namespace attn {

// A normalised text and the pieces of it (in bytes, in order, none empty) that a model sees one by one.
struct Pieces {
  AlignedText text;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
};

// Cuts a text into pieces; no token reaches over a cut. Named and defined as in Hugging Face's tokenizers.
// Immutable; safe from any thread.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(Pieces& pieces) const = 0;
};

using PreTokenizerPtr = std::shared_ptr<const PreTokenizer>;

// What becomes of the parts that a pattern matched.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

enum class PrependScheme { always, first, never };

// Blanks part; each punctuation mark is a piece, save inside the words of `never_split`.
PreTokenizerPtr bert_pre_tokenizer(std::set<std::string> never_split = {});
PreTokenizerPtr whitespace_pre_tokenizer();  // \w+|[^\w\s]+
PreTokenizerPtr whitespace_split_pre_tokenizer();
PreTokenizerPtr punctuation_pre_tokenizer(SplitBehavior behavior);
PreTokenizerPtr digits_pre_tokenizer(bool individual);
PreTokenizerPtr delimiter_pre_tokenizer(char32_t delimiter);
PreTokenizerPtr split_pre_tokenizer(Pattern pattern, SplitBehavior behavior, bool invert);
// GPT-2's: words with the blank before them (where `use_regex`), then every byte as its character.
PreTokenizerPtr byte_level_pre_tokenizer(bool add_prefix_space, bool use_regex);
PreTokenizerPtr metaspace_pre_tokenizer(std::string replacement, PrependScheme scheme, bool split);
PreTokenizerPtr sequence_pre_tokenizer(std::vector<PreTokenizerPtr> steps);

// GPT-2's splitting rule, as published with it.
extern const char* const kGpt2Pattern;

}  // namespace attn

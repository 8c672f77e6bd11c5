#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/text/aligned_text.h"
#include "core/text/pattern.h"

namespace attn {

// What happens to a text before it is cut. Named and defined as in Hugging Face's tokenizers; each keeps
// every letter pointing at where it came from. Immutable; safe from any thread.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(AlignedText& text) const = 0;
};

using NormalizerPtr = std::shared_ptr<const Normalizer>;

struct BertNormalization {
  bool clean_text = true;  // drops controls, turns white space into blanks
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
  // As transformers' own BasicTokenizer: NFC first, and characters that are not assigned are dropped too.
  bool as_basic_tokenizer = false;
};

NormalizerPtr bert_normalizer(const BertNormalization& settings);
NormalizerPtr unicode_normalizer(unicode::Form form);
NormalizerPtr lowercase_normalizer();
NormalizerPtr strip_accents_normalizer();
NormalizerPtr strip_normalizer(bool left, bool right);
NormalizerPtr nmt_normalizer();
NormalizerPtr replace_normalizer(Pattern pattern, std::string content);
NormalizerPtr prepend_normalizer(std::string prefix);
NormalizerPtr byte_level_normalizer();
NormalizerPtr sequence_normalizer(std::vector<NormalizerPtr> steps);

// Lower case for all but the given strings (tried in order at each character), as transformers does before
// it looks for special tokens.
NormalizerPtr lowercase_except(std::vector<std::string> kept);
// Python's str.lower(): as above, but "Σ" at the end of a word becomes "ς".
NormalizerPtr python_lowercase_normalizer();
// Drops every character with a combining class (unicodedata.combining).
NormalizerPtr strip_combining_normalizer();
// A blank in front; `always`, or only before a text that is not empty and does not begin with white space.
NormalizerPtr prefix_blank_normalizer(bool always);

}  // namespace attn

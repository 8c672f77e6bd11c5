#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attn {

// A piece of a text, in bytes, and whether a pattern matched it.
struct TextPart {
  std::size_t begin, end;
  bool matched;
};

// What a tokenizer looks for: a fixed string or a Unicode regular expression (PCRE2, with Oniguruma's meaning
// of \s and \w). Immutable; safe from any thread.
class Pattern {
 public:
  static Pattern literal(std::string text);
  // `place` names the file and field for the Error that a regex which does not compile throws.
  static Pattern regex(const std::string& expression, const std::string& place);

  // The whole of `text`, cut into matches and what lies between them; no part is empty. `text` must be valid
  // UTF-8 (an AlignedText is). Linear for the patterns in use; an expression that explodes stops matching.
  std::vector<TextPart> cut(std::string_view text) const;

 private:
  struct Compiled;
  std::string literal_;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace attn

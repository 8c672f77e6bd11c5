#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/unicode.h"

namespace attn {

// A stretch of the text that the person typed, in bytes. Texts up to 4 GB.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// A text on its way through normalisation. Every byte knows which bytes of the typed text it stands for, so
// that a token can point back at its letters whatever was lowered, stripped, composed or replaced before.
// What was put in (a blank before the first word) has a span of no length.
class AlignedText {
 public:
  AlignedText() = default;
  // Each byte stands for itself; bytes that are no UTF-8 become U+FFFD.
  static AlignedText from_utf8(std::string_view text);

  const std::string& text() const { return text_; }
  std::string_view view() const { return text_; }
  std::size_t size() const { return text_.size(); }
  bool empty() const { return text_.empty(); }

  // What bytes [begin, end) stand for. Empty ranges get the place where they are.
  Span span(std::size_t begin, std::size_t end) const;
  std::uint32_t start() const { return start_; }  // where the text begins in the typed text

  // An empty text at the same place, to be filled with what becomes of this one.
  AlignedText emptied() const;
  // Whether `bytes` is more than any honest rule makes of what was typed: then a rule stops, since a file of
  // replacements that double could fill the memory.
  bool is_too_much(std::size_t bytes) const { return bytes > limit_; }

  AlignedText slice(std::size_t begin, std::size_t end) const;
  void reserve(std::size_t bytes);
  void append(std::string_view bytes, Span origin);
  void append(const AlignedText& other, std::size_t begin, std::size_t end);
  void append(char32_t c, Span origin);

  // A new text, character by character: `change` is given each and what it stands for, and appends to `out`
  // what it becomes.
  template <class Change>
  void transform(const Change& change) {
    AlignedText out = emptied();
    out.reserve(size());
    for (std::size_t at = 0; at < size();) {
      const auto c = unicode::decode(text_, at);
      change(c.value, span(at, at + c.length), out);
      at += c.length;
    }
    *this = std::move(out);
  }
  void normalise(unicode::Form form);
  bool is_ascii() const;

 private:
  std::string text_;
  std::vector<Span> origin_;  // [bytes]
  std::uint32_t start_ = 0;
  std::size_t limit_ = kLeastLimit;  // bytes

  static constexpr std::size_t kLeastLimit = std::size_t{1} << 20;
};

}  // namespace attn

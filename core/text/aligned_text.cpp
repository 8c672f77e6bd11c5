#include "core/text/aligned_text.h"

#include <algorithm>

namespace attn {
namespace {

std::uint32_t narrow(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

struct Letter {
  char32_t value;
  int combining_class;
  Span origin;
};

Span join(Span a, Span b) {
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

// Marks in the order of their classes, those of one class as they stood (Unicode standard, 3.11).
void reorder(std::vector<Letter>& letters) {
  for (std::size_t i = 0; i < letters.size();) {
    if (letters[i].combining_class == 0) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < letters.size() && letters[end].combining_class != 0) ++end;
    std::stable_sort(letters.begin() + static_cast<std::ptrdiff_t>(i),
                     letters.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const Letter& a, const Letter& b) { return a.combining_class < b.combining_class; });
    i = end;
  }
}

// The canonical composition algorithm (Unicode standard, 3.11, D117).
void compose(std::vector<Letter>& letters) {
  std::size_t kept = 0, starter = letters.size();
  int last_class = -1;  // of what stands between the starter and here; -1: nothing
  for (const Letter letter : letters) {
    if (starter < kept && (last_class == -1 || last_class < letter.combining_class)) {
      if (const auto composed = unicode::compose(letters[starter].value, letter.value)) {
        letters[starter].value = *composed;
        letters[starter].origin = join(letters[starter].origin, letter.origin);
        continue;
      }
    }
    if (letter.combining_class == 0) {
      starter = kept;
      last_class = -1;
    } else {
      last_class = letter.combining_class;
    }
    letters[kept++] = letter;
  }
  letters.resize(kept);
}

}  // namespace

AlignedText AlignedText::from_utf8(std::string_view text) {
  constexpr std::size_t kGrowth = 16;
  AlignedText out;
  out.limit_ = kLeastLimit + kGrowth * text.size();
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto c = unicode::decode(text, at);
    if (c.length == 1 && c.valid) {
      out.text_ += text[at];
      out.origin_.push_back({narrow(at), narrow(at + 1)});
    } else {
      out.append(c.value, {narrow(at), narrow(at + c.length)});
    }
    at += c.length;
  }
  return out;
}

Span AlignedText::span(std::size_t begin, std::size_t end) const {
  if (begin >= end) {
    const std::uint32_t place = begin < origin_.size() ? origin_[begin].begin
                                : origin_.empty()      ? start_
                                                       : origin_.back().end;
    return {place, place};
  }
  Span whole = origin_[begin];
  for (std::size_t i = begin + 1; i < end; ++i) whole = join(whole, origin_[i]);
  return whole;
}

AlignedText AlignedText::emptied() const {
  AlignedText out;
  out.start_ = start_;
  out.limit_ = limit_;
  return out;
}

AlignedText AlignedText::slice(std::size_t begin, std::size_t end) const {
  AlignedText out = emptied();
  out.start_ = begin == 0 ? start_ : span(begin, begin).begin;
  out.append(*this, begin, end);
  return out;
}

void AlignedText::reserve(std::size_t bytes) {
  text_.reserve(bytes);
  origin_.reserve(bytes);
}

void AlignedText::append(std::string_view bytes, Span origin) {
  text_ += bytes;
  origin_.insert(origin_.end(), bytes.size(), origin);
}

void AlignedText::append(const AlignedText& other, std::size_t begin, std::size_t end) {
  text_.append(other.text_, begin, end - begin);
  origin_.insert(origin_.end(), other.origin_.begin() + static_cast<std::ptrdiff_t>(begin),
                 other.origin_.begin() + static_cast<std::ptrdiff_t>(end));
}

void AlignedText::append(char32_t c, Span origin) {
  if (c < 0x80) {
    text_ += static_cast<char>(c);
    origin_.push_back(origin);
    return;
  }
  unicode::append(text_, c);
  origin_.resize(text_.size(), origin);
}

bool AlignedText::is_ascii() const {
  return std::all_of(text_.begin(), text_.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

void AlignedText::normalise(unicode::Form form) {
  if (is_ascii()) return;
  const bool compatibility = form == unicode::Form::nfkc || form == unicode::Form::nfkd;
  std::vector<Letter> letters;
  letters.reserve(size());
  std::vector<char32_t> parts;
  for (std::size_t at = 0; at < size();) {
    const auto c = unicode::decode(text_, at);
    const Span origin = span(at, at + c.length);
    at += c.length;
    if (c.value < 0x80) {
      letters.push_back({c.value, 0, origin});
      continue;
    }
    parts.clear();
    unicode::decompose(c.value, compatibility, parts);
    for (const char32_t part : parts) letters.push_back({part, unicode::combining_class(part), origin});
  }
  reorder(letters);
  if (form == unicode::Form::nfc || form == unicode::Form::nfkc) compose(letters);
  AlignedText out = emptied();
  out.reserve(size());
  for (const Letter& letter : letters) out.append(letter.value, letter.origin);
  *this = std::move(out);
}

}  // namespace attn

#include "core/text/pre_tokenizers.h"

#include <algorithm>

#include "core/text/byte_level.h"

namespace attn {

const char* const kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;

// The pieces that `behavior` makes of parts which lie side by side.
Ranges arrange(const std::vector<TextPart>& parts, SplitBehavior behavior) {
  Ranges out;
  switch (behavior) {
    case SplitBehavior::removed:
      for (const auto& p : parts) {
        if (!p.matched) out.emplace_back(p.begin, p.end);
      }
      break;
    case SplitBehavior::isolated:
      for (const auto& p : parts) out.emplace_back(p.begin, p.end);
      break;
    case SplitBehavior::merged_with_previous: {
      bool previous = false;
      for (const auto& p : parts) {
        if (p.matched && !previous && !out.empty()) {
          out.back().second = p.end;
        } else {
          out.emplace_back(p.begin, p.end);
        }
        previous = p.matched;
      }
      break;
    }
    case SplitBehavior::merged_with_next: {
      bool next = false;
      for (auto p = parts.rbegin(); p != parts.rend(); ++p) {
        if (p->matched && !next && !out.empty()) {
          out.back().first = p->begin;
        } else {
          out.emplace_back(p->begin, p->end);
        }
        next = p->matched;
      }
      std::reverse(out.begin(), out.end());
      break;
    }
    case SplitBehavior::contiguous: {
      bool previous = false;
      for (const auto& p : parts) {
        if (p.matched == previous && !out.empty()) {
          out.back().second = p.end;
        } else {
          out.emplace_back(p.begin, p.end);
        }
        previous = p.matched;
      }
      break;
    }
  }
  return out;
}

template <class Cut>
void split(Pieces& pieces, SplitBehavior behavior, const Cut& cut) {
  Ranges out;
  for (const auto& [begin, end] : pieces.ranges) {
    const auto parts = cut(pieces.text.view().substr(begin, end - begin));
    for (const auto& [b, e] : arrange(parts, behavior)) out.emplace_back(begin + b, begin + e);
  }
  pieces.ranges = std::move(out);
}

// Every character that is `wanted` on its own, the others in runs.
template <class Wanted>
std::vector<TextPart> cut_characters(std::string_view text, const Wanted& wanted) {
  std::vector<TextPart> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = unicode::decode(text, at);
    const bool matched = wanted(c.value);
    if (!matched && !parts.empty() && !parts.back().matched) {
      parts.back().end += c.length;
    } else {
      parts.push_back({at, at + c.length, matched});
    }
    at += c.length;
  }
  return parts;
}

// Splits at characters.
class AtCharacters final : public PreTokenizer {
 public:
  using Wanted = bool (*)(char32_t);
  AtCharacters(Wanted wanted, SplitBehavior behavior) : wanted_(wanted), behavior_(behavior) {}
  void apply(Pieces& pieces) const override {
    split(pieces, behavior_, [this](std::string_view text) { return cut_characters(text, wanted_); });
  }

 private:
  Wanted wanted_;
  SplitBehavior behavior_;
};

class AtDelimiter final : public PreTokenizer {
 public:
  explicit AtDelimiter(char32_t delimiter) : delimiter_(delimiter) {}
  void apply(Pieces& pieces) const override {
    split(pieces, SplitBehavior::removed, [this](std::string_view text) {
      return cut_characters(text, [this](char32_t c) { return c == delimiter_; });
    });
  }

 private:
  char32_t delimiter_;
};

class AtPattern final : public PreTokenizer {
 public:
  AtPattern(Pattern pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}
  void apply(Pieces& pieces) const override {
    split(pieces, behavior_, [this](std::string_view text) {
      auto parts = pattern_.cut(text);
      if (invert_) {
        for (auto& part : parts) part.matched = !part.matched;
      }
      return parts;
    });
  }

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

class BertPreTokenizer final : public PreTokenizer {
 public:
  explicit BertPreTokenizer(std::set<std::string> never_split) : never_split_(std::move(never_split)) {}
  void apply(Pieces& pieces) const override {
    split(pieces, SplitBehavior::removed,
          [](std::string_view text) { return cut_characters(text, unicode::is_whitespace); });
    split(pieces, SplitBehavior::isolated, [this](std::string_view text) {
      if (!never_split_.empty() && never_split_.count(std::string(text)) > 0) {
        return std::vector<TextPart>{{0, text.size(), false}};
      }
      return cut_characters(text, unicode::is_bert_punctuation);
    });
  }

 private:
  std::set<std::string> never_split_;
};

class ByteLevelPreTokenizer final : public PreTokenizer {
 public:
  ByteLevelPreTokenizer(bool add_prefix_space, bool use_regex) : add_prefix_space_(add_prefix_space) {
    if (use_regex) pattern_ = std::make_unique<Pattern>(Pattern::regex(kGpt2Pattern, "byte level"));
  }

  void apply(Pieces& pieces) const override {
    if (add_prefix_space_) prefix(pieces);
    if (pattern_) {
      split(pieces, SplitBehavior::isolated, [this](std::string_view text) { return pattern_->cut(text); });
    }
    Pieces out;
    out.text = pieces.text.emptied();
    out.text.reserve(2 * pieces.text.size());
    for (const auto& [begin, end] : pieces.ranges) {
      const std::size_t from = out.text.size();
      for (std::size_t i = begin; i < end; ++i) {
        const auto byte = static_cast<unsigned char>(pieces.text.view()[i]);
        out.text.append(alphabet_.character[byte], pieces.text.span(i, i + 1));
      }
      out.ranges.emplace_back(from, out.text.size());
    }
    pieces = std::move(out);
  }

 private:
  static void prefix(Pieces& pieces) {
    Pieces out;
    out.text = pieces.text.emptied();
    for (const auto& [begin, end] : pieces.ranges) {
      const std::size_t from = out.text.size();
      if (pieces.text.view()[begin] != ' ') out.text.append(" ", pieces.text.span(begin, begin));
      out.text.append(pieces.text, begin, end);
      out.ranges.emplace_back(from, out.text.size());
    }
    pieces = std::move(out);
  }

  bool add_prefix_space_;
  std::unique_ptr<Pattern> pattern_;
  ByteAlphabet alphabet_;
};

class MetaspacePreTokenizer final : public PreTokenizer {
 public:
  MetaspacePreTokenizer(std::string replacement, PrependScheme scheme, bool split_words)
      : replacement_(std::move(replacement)),
        scheme_(scheme),
        split_(split_words),
        pattern_(Pattern::literal(replacement_)) {}

  void apply(Pieces& pieces) const override {
    Pieces out;
    out.text = pieces.text.emptied();
    out.text.reserve(pieces.text.size() + pieces.text.size() / 2);
    for (const auto& [begin, end] : pieces.ranges) {
      const std::size_t from = out.text.size();
      const std::string_view text = pieces.text.view().substr(begin, end - begin);
      const bool marked = text[0] == ' ' || text.substr(0, replacement_.size()) == replacement_;
      const bool wanted = scheme_ == PrependScheme::always ||
                          (scheme_ == PrependScheme::first &&
                           (begin == 0 ? pieces.text.start() : pieces.text.span(begin, end).begin) == 0);
      if (wanted && !marked) out.text.append(replacement_, pieces.text.span(begin, begin));
      std::size_t done = begin;
      for (std::size_t i = begin; i < end; ++i) {
        if (pieces.text.view()[i] != ' ') continue;
        out.text.append(pieces.text, done, i);
        out.text.append(replacement_, pieces.text.span(i, i + 1));
        done = i + 1;
      }
      out.text.append(pieces.text, done, end);
      out.ranges.emplace_back(from, out.text.size());
    }
    pieces = std::move(out);
    if (split_) {
      split(pieces, SplitBehavior::merged_with_next,
            [this](std::string_view text) { return pattern_.cut(text); });
    }
  }

 private:
  std::string replacement_;
  PrependScheme scheme_;
  bool split_;
  Pattern pattern_;
};

class SequencePreTokenizer final : public PreTokenizer {
 public:
  explicit SequencePreTokenizer(std::vector<PreTokenizerPtr> steps) : steps_(std::move(steps)) {}
  void apply(Pieces& pieces) const override {
    for (const auto& step : steps_) {
      if (!pieces.text.is_too_much(pieces.text.size())) step->apply(pieces);
    }
  }

 private:
  std::vector<PreTokenizerPtr> steps_;
};

}  // namespace

PreTokenizerPtr bert_pre_tokenizer(std::set<std::string> never_split) {
  return std::make_shared<BertPreTokenizer>(std::move(never_split));
}
PreTokenizerPtr whitespace_pre_tokenizer() {
  return std::make_shared<AtPattern>(
      Pattern::regex(R"([\w\x{200c}\x{200d}]+|[^\w\s\x{200c}\x{200d}]+)", "whitespace"),
      SplitBehavior::removed, true);
}
PreTokenizerPtr whitespace_split_pre_tokenizer() {
  return std::make_shared<AtCharacters>(unicode::is_whitespace, SplitBehavior::removed);
}
PreTokenizerPtr punctuation_pre_tokenizer(SplitBehavior behavior) {
  return std::make_shared<AtCharacters>(unicode::is_bert_punctuation, behavior);
}
PreTokenizerPtr digits_pre_tokenizer(bool individual) {
  return std::make_shared<AtCharacters>(unicode::is_number,
                                        individual ? SplitBehavior::isolated : SplitBehavior::contiguous);
}
PreTokenizerPtr delimiter_pre_tokenizer(char32_t delimiter) {
  return std::make_shared<AtDelimiter>(delimiter);
}
PreTokenizerPtr split_pre_tokenizer(Pattern pattern, SplitBehavior behavior, bool invert) {
  return std::make_shared<AtPattern>(std::move(pattern), behavior, invert);
}
PreTokenizerPtr byte_level_pre_tokenizer(bool add_prefix_space, bool use_regex) {
  return std::make_shared<ByteLevelPreTokenizer>(add_prefix_space, use_regex);
}
PreTokenizerPtr metaspace_pre_tokenizer(std::string replacement, PrependScheme scheme, bool split) {
  return std::make_shared<MetaspacePreTokenizer>(std::move(replacement), scheme, split);
}
PreTokenizerPtr sequence_pre_tokenizer(std::vector<PreTokenizerPtr> steps) {
  return std::make_shared<SequencePreTokenizer>(std::move(steps));
}

}  // namespace attn

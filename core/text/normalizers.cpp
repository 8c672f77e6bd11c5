#include "core/text/normalizers.h"

#include "core/text/byte_level.h"

namespace attn {
namespace {

class Bert final : public Normalizer {
 public:
  explicit Bert(const BertNormalization& settings) : settings_(settings) {}

  void apply(AlignedText& text) const override {
    if (settings_.clean_text || settings_.handle_chinese_chars) clean(text);
    if (settings_.as_basic_tokenizer) text.normalise(unicode::Form::nfc);
    if (settings_.strip_accents && !text.is_ascii()) {
      text.normalise(unicode::Form::nfd);
      text.transform([](char32_t c, Span origin, AlignedText& out) {
        if (!unicode::is_nonspacing_mark(c)) out.append(c, origin);
      });
    }
    if (settings_.lowercase) lowercase_normalizer()->apply(text);
  }

 private:
  void clean(AlignedText& text) const {
    text.transform([this](char32_t c, Span origin, AlignedText& out) {
      if (settings_.clean_text) {
        if (c == '\t' || c == '\n' || c == '\r') c = ' ';
        if (c == 0 || c == 0xFFFD || unicode::is_other(c)) return;
        if (settings_.as_basic_tokenizer && unicode::is_unassigned(c)) return;
        if (unicode::is_whitespace(c)) c = ' ';
      }
      const bool apart = settings_.handle_chinese_chars && unicode::is_cjk_ideograph(c);
      if (apart) out.append(" ", {origin.begin, origin.begin});
      out.append(c, origin);
      if (apart) out.append(" ", {origin.end, origin.end});
    });
  }

  BertNormalization settings_;
};

class UnicodeForm final : public Normalizer {
 public:
  explicit UnicodeForm(unicode::Form form) : form_(form) {}
  void apply(AlignedText& text) const override { text.normalise(form_); }

 private:
  unicode::Form form_;
};

class Lowercase final : public Normalizer {
 public:
  void apply(AlignedText& text) const override {
    text.transform([](char32_t c, Span origin, AlignedText& out) {
      if (c < 0x80) {
        out.append(c >= 'A' && c <= 'Z' ? c + 32 : c, origin);
      } else {
        out.append(unicode::lower(c), origin);
      }
    });
  }
};

class StripAccents final : public Normalizer {
 public:
  void apply(AlignedText& text) const override {
    if (text.is_ascii()) return;
    text.transform([](char32_t c, Span origin, AlignedText& out) {
      if (!unicode::is_mark(c)) out.append(c, origin);
    });
  }
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(AlignedText& text) const override {
    std::size_t first = text.size(), last = 0;  // what is not white space
    for (std::size_t at = 0; at < text.size();) {
      const auto c = unicode::decode(text.view(), at);
      if (!unicode::is_whitespace(c.value)) {
        if (first == text.size()) first = at;
        last = at + c.length;
      }
      at += c.length;
    }
    const std::size_t begin = left_ ? first : 0, end = right_ ? last : text.size();
    text = text.slice(begin, begin < end ? end : begin);
  }

 private:
  bool left_, right_;
};

class Nmt final : public Normalizer {
 public:
  void apply(AlignedText& text) const override {
    text.transform([](char32_t c, Span origin, AlignedText& out) {
      const bool dropped = (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
                           c == 0x8F || c == 0x9F;
      const bool blank = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                         (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                         c == 0xFEFF || c == 0xFFFD;
      if (!dropped) out.append(blank ? U' ' : c, origin);
    });
  }
};

class Replace final : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(AlignedText& text) const override {
    const auto parts = pattern_.cut(text.view());
    if (parts.empty() || (parts.size() == 1 && !parts[0].matched)) return;
    AlignedText out = text.emptied();
    out.reserve(text.size());
    for (const TextPart& part : parts) {
      if (part.matched && !out.is_too_much(out.size() + content_.size())) {
        out.append(content_, text.span(part.begin, part.end));
      } else {
        out.append(text, part.begin, part.end);
      }
    }
    text = std::move(out);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  void apply(AlignedText& text) const override {
    if (text.empty()) return;
    AlignedText out = text.emptied();
    out.reserve(text.size() + prefix_.size());
    out.append(prefix_, text.span(0, 0));
    out.append(text, 0, text.size());
    text = std::move(out);
  }

 private:
  std::string prefix_;
};

class ByteLevel final : public Normalizer {
 public:
  void apply(AlignedText& text) const override {
    AlignedText out = text.emptied();
    for (std::size_t i = 0; i < text.size(); ++i) {
      out.append(alphabet_.character[static_cast<unsigned char>(text.view()[i])], text.span(i, i + 1));
    }
    text = std::move(out);
  }

 private:
  ByteAlphabet alphabet_;
};

class Sequence final : public Normalizer {
 public:
  explicit Sequence(std::vector<NormalizerPtr> steps) : steps_(std::move(steps)) {}
  void apply(AlignedText& text) const override {
    for (const auto& step : steps_) {
      if (!text.is_too_much(text.size())) step->apply(text);
    }
  }

 private:
  std::vector<NormalizerPtr> steps_;
};

class LowercaseExcept final : public Normalizer {
 public:
  explicit LowercaseExcept(std::vector<std::string> kept) : kept_(std::move(kept)) {}
  void apply(AlignedText& text) const override {
    AlignedText out = text.emptied();
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const std::string_view rest = text.view().substr(at);
      std::size_t length = 0;
      for (const std::string& token : kept_) {
        if (rest.substr(0, token.size()) == token) {
          length = token.size();
          break;
        }
      }
      if (length > 0) {
        out.append(text, at, at + length);
      } else {
        const auto c = unicode::decode(text.view(), at);
        length = c.length;
        out.append(unicode::lower(c.value), text.span(at, at + length));
      }
      at += length;
    }
    text = std::move(out);
  }

 private:
  std::vector<std::string> kept_;
};

// Stands between letters without ending a word (the property Case_Ignorable).
bool is_case_ignorable(char32_t c) {
  for (const char32_t known : {0x27, 0x2E, 0x3A, 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027,
                               0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A}) {
    if (c == known) return true;
  }
  return unicode::is_modifier(c);
}

class PythonLowercase final : public Normalizer {
 public:
  void apply(AlignedText& text) const override {
    const std::string before = text.text();
    std::size_t at = 0;
    bool after_cased = false;
    text.transform([&](char32_t c, Span origin, AlignedText& out) {
      at += unicode::decode(before, at).length;
      const bool final_sigma = c == kSigma && after_cased && !cased_follows(before, at);
      out.append(final_sigma ? "ς" : unicode::lower(c), origin);
      if (!is_case_ignorable(c)) after_cased = unicode::is_cased(c);
    });
  }

 private:
  static constexpr char32_t kSigma = 0x3A3;

  static bool cased_follows(std::string_view text, std::size_t at) {
    while (at < text.size()) {
      const auto c = unicode::decode(text, at);
      if (!is_case_ignorable(c.value)) return unicode::is_cased(c.value);
      at += c.length;
    }
    return false;
  }
};

class StripCombining final : public Normalizer {
 public:
  void apply(AlignedText& text) const override {
    if (text.is_ascii()) return;
    text.transform([](char32_t c, Span origin, AlignedText& out) {
      if (unicode::combining_class(c) == 0) out.append(c, origin);
    });
  }
};

class PrefixBlank final : public Normalizer {
 public:
  explicit PrefixBlank(bool always) : always_(always) {}
  void apply(AlignedText& text) const override {
    if (!always_ && (text.empty() || unicode::is_python_space(unicode::decode(text.view(), 0).value))) return;
    AlignedText out = text.emptied();
    out.reserve(text.size() + 1);
    out.append(" ", text.span(0, 0));
    out.append(text, 0, text.size());
    text = std::move(out);
  }

 private:
  bool always_;
};

}  // namespace

NormalizerPtr strip_combining_normalizer() {
  return std::make_shared<StripCombining>();
}
NormalizerPtr python_lowercase_normalizer() {
  return std::make_shared<PythonLowercase>();
}
NormalizerPtr prefix_blank_normalizer(bool always) {
  return std::make_shared<PrefixBlank>(always);
}
NormalizerPtr bert_normalizer(const BertNormalization& settings) {
  return std::make_shared<Bert>(settings);
}
NormalizerPtr unicode_normalizer(unicode::Form form) {
  return std::make_shared<UnicodeForm>(form);
}
NormalizerPtr lowercase_normalizer() {
  return std::make_shared<Lowercase>();
}
NormalizerPtr strip_accents_normalizer() {
  return std::make_shared<StripAccents>();
}
NormalizerPtr strip_normalizer(bool left, bool right) {
  return std::make_shared<Strip>(left, right);
}
NormalizerPtr nmt_normalizer() {
  return std::make_shared<Nmt>();
}
NormalizerPtr replace_normalizer(Pattern pattern, std::string content) {
  return std::make_shared<Replace>(std::move(pattern), std::move(content));
}
NormalizerPtr prepend_normalizer(std::string prefix) {
  return std::make_shared<Prepend>(std::move(prefix));
}
NormalizerPtr byte_level_normalizer() {
  return std::make_shared<ByteLevel>();
}
NormalizerPtr sequence_normalizer(std::vector<NormalizerPtr> steps) {
  return std::make_shared<Sequence>(std::move(steps));
}
NormalizerPtr lowercase_except(std::vector<std::string> kept) {
  std::erase(kept, std::string());
  return std::make_shared<LowercaseExcept>(std::move(kept));
}

}  // namespace attn

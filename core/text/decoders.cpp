#include "core/text/decoders.h"

#include "core/text/byte_level.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 24;  // of one token, whatever is put into it

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos;
       at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// English spacing, as transformers' clean_up_tokenization has it.
void clean_up(std::string& text) {
  constexpr std::pair<std::string_view, std::string_view> kRules[] = {
      {" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},     {" ' ", "'"},
      {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [from, to] : kRules) replace_all(text, from, to);
}

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto c = unicode::decode(bytes, at);
    unicode::append(out, c.value);
    at += c.length;
  }
  return out;
}

class ByteLevelDecoder final : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string bytes;
    for (const auto& token : tokens) bytes += alphabet_.bytes_of(token);
    tokens = {valid_utf8(bytes)};
  }

 private:
  ByteAlphabet alphabet_;
};

class WordPieceDecoder final : public Decoder {
 public:
  WordPieceDecoder(std::string prefix, bool cleanup) : prefix_(std::move(prefix)), cleanup_(cleanup) {}
  void apply(std::vector<std::string>& tokens) const override {
    bool first = true;
    for (auto& token : tokens) {
      if (!first) {
        if (token.size() > prefix_.size() && token.compare(0, prefix_.size(), prefix_) == 0) {
          token.erase(0, prefix_.size());
        } else {
          token.insert(0, " ");
        }
      }
      if (cleanup_) clean_up(token);
      first = false;
    }
  }

 private:
  std::string prefix_;
  bool cleanup_;
};

class MetaspaceDecoder final : public Decoder {
 public:
  MetaspaceDecoder(std::string replacement, bool drop_first)
      : replacement_(std::move(replacement)), drop_first_(drop_first) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i == 0 && drop_first_ && tokens[0].compare(0, replacement_.size(), replacement_) == 0) {
        tokens[0].erase(0, replacement_.size());
      }
      replace_all(tokens[i], replacement_, " ");
    }
  }

 private:
  std::string replacement_;
  bool drop_first_;
};

class BpeDecoder final : public Decoder {
 public:
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      replace_all(tokens[i], suffix_, i + 1 == tokens.size() ? "" : " ");
    }
  }

 private:
  std::string suffix_;
};

class ByteFallbackDecoder final : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::vector<std::string> out;
    std::string bytes;
    const auto flush = [&] {
      bool valid = true;
      for (std::size_t at = 0; at < bytes.size();) {
        const auto c = unicode::decode(bytes, at);
        valid = valid && c.valid;
        at += c.length;
      }
      if (valid) {
        if (!bytes.empty()) out.push_back(bytes);
      } else {
        for (std::size_t i = 0; i < bytes.size(); ++i) out.push_back("\xEF\xBF\xBD");
      }
      bytes.clear();
    };
    for (auto& token : tokens) {
      const int byte = byte_of_token(token);
      if (byte >= 0) {
        bytes += static_cast<char>(byte);
      } else {
        flush();
        out.push_back(std::move(token));
      }
    }
    flush();
    tokens = std::move(out);
  }
};

class FuseDecoder final : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string all;
    for (const auto& token : tokens) all += token;
    tokens = {std::move(all)};
  }
};

class StripDecoder final : public Decoder {
 public:
  StripDecoder(char32_t content, std::size_t start, std::size_t stop)
      : content_(unicode::encode(content)), start_(start), stop_(stop) {}
  void apply(std::vector<std::string>& tokens) const override {
    const std::size_t n = content_.size();
    for (auto& token : tokens) {
      std::size_t begin = 0, end = token.size();
      for (std::size_t i = 0; i < start_ && end - begin >= n && token.compare(begin, n, content_) == 0; ++i) {
        begin += n;
      }
      for (std::size_t i = 0; i < stop_ && end - begin >= n && token.compare(end - n, n, content_) == 0;
           ++i) {
        end -= n;
      }
      token = token.substr(begin, end - begin);
    }
  }

 private:
  std::string content_;
  std::size_t start_, stop_;
};

class ReplaceDecoder final : public Decoder {
 public:
  ReplaceDecoder(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (auto& token : tokens) {
      std::string out;
      for (const auto& part : pattern_.cut(token)) {
        out += part.matched && out.size() < kMostBytes
                   ? std::string_view(content_)
                   : std::string_view(token).substr(part.begin, part.end - part.begin);
      }
      token = std::move(out);
    }
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class CtcDecoder final : public Decoder {
 public:
  CtcDecoder(std::string pad, std::string word_delimiter, bool cleanup)
      : pad_(std::move(pad)), word_delimiter_(std::move(word_delimiter)), cleanup_(cleanup) {}
  void apply(std::vector<std::string>& tokens) const override {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0 && tokens[i] == tokens[i - 1]) continue;
      if (tokens[i] == pad_) continue;
      std::string token = tokens[i];
      if (cleanup_) {
        clean_up(token);
        replace_all(token, word_delimiter_, " ");
      }
      out.push_back(std::move(token));
    }
    tokens = std::move(out);
  }

 private:
  std::string pad_, word_delimiter_;
  bool cleanup_;
};

class SequenceDecoder final : public Decoder {
 public:
  explicit SequenceDecoder(std::vector<DecoderPtr> steps) : steps_(std::move(steps)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (const auto& step : steps_) step->apply(tokens);
  }

 private:
  std::vector<DecoderPtr> steps_;
};

}  // namespace

int byte_of_token(std::string_view token) {
  if (token.size() != 6 || token.substr(0, 3) != "<0x" || token[5] != '>') return -1;
  int byte = 0;
  for (const char c : token.substr(3, 2)) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    byte = 16 * byte + digit;
  }
  return byte;
}

DecoderPtr byte_level_decoder() {
  return std::make_shared<ByteLevelDecoder>();
}
DecoderPtr word_piece_decoder(std::string prefix, bool cleanup) {
  return std::make_shared<WordPieceDecoder>(std::move(prefix), cleanup);
}
DecoderPtr metaspace_decoder(std::string replacement, bool drop_first) {
  return std::make_shared<MetaspaceDecoder>(std::move(replacement), drop_first);
}
DecoderPtr bpe_decoder(std::string suffix) {
  return std::make_shared<BpeDecoder>(std::move(suffix));
}
DecoderPtr byte_fallback_decoder() {
  return std::make_shared<ByteFallbackDecoder>();
}
DecoderPtr fuse_decoder() {
  return std::make_shared<FuseDecoder>();
}
DecoderPtr strip_decoder(char32_t content, std::size_t start, std::size_t stop) {
  return std::make_shared<StripDecoder>(content, start, stop);
}
DecoderPtr replace_decoder(Pattern pattern, std::string content) {
  return std::make_shared<ReplaceDecoder>(std::move(pattern), std::move(content));
}
DecoderPtr ctc_decoder(std::string pad, std::string word_delimiter, bool cleanup) {
  return std::make_shared<CtcDecoder>(std::move(pad), std::move(word_delimiter), cleanup);
}
DecoderPtr sequence_decoder(std::vector<DecoderPtr> steps) {
  return std::make_shared<SequenceDecoder>(std::move(steps));
}

}  // namespace attn

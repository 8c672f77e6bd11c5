#include "core/text/sentencepiece_encoder.h"

namespace attn {
namespace {

class Encoder final : public SegmentEncoder {
 public:
  explicit Encoder(SentencePieceRules rules) : rules_(std::move(rules)) {
    if (!rules_.shield.empty()) {
      shield_length_ = cut(AlignedText::from_utf8(rules_.shield)).size();
    }
  }

  void encode(AlignedText segment, std::vector<TextToken>& out) const override {
    if (rules_.language_codes) take_language_codes(segment, out);
    if (rules_.preprocess) rules_.preprocess->apply(segment);
    const std::string_view text = segment.view();
    std::vector<Named> tokens;
    if (!rules_.shield.empty() && (text.starts_with(kBlank) || text.starts_with(' '))) {
      AlignedText shielded;
      shielded.append(rules_.shield, segment.span(0, 0));
      shielded.append(segment, 0, segment.size());
      tokens = cut(shielded);
      if (tokens.size() >= shield_length_) {
        tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(shield_length_));
      }
    } else {
      tokens = cut(segment);
    }
    bool first = true;
    for (const Named& token : tokens) {
      out.push_back({rules_.id_of(token.name), token.origin, first});
      first = false;
    }
  }
  const Vocabulary& vocabulary() const override { return rules_.vocabulary; }
  std::optional<int> unknown_id() const override { return rules_.unknown; }

 private:
  // A piece as SentencePiece prints it: its text, for an unknown one what stands there.
  struct Named {
    std::string name;
    Span origin;
  };

  std::vector<Named> cut(const AlignedText& text) const {
    const SentencePiece& model = *rules_.pieces;
    const AlignedText normalised = model.normalise(text);
    std::vector<PieceToken> tokens;
    model.encode(normalised.view(), tokens);
    std::vector<Named> out;
    out.reserve(tokens.size());
    for (const PieceToken& token : tokens) {
      const std::string_view surface = normalised.view().substr(token.begin, token.end - token.begin);
      Named named{token.id == model.unknown_id() ? std::string(surface) : model.piece(token.id),
                  normalised.span(token.begin, token.end)};
      if (rules_.split_digit_commas && ends_in_digit_and_comma(named.name)) {
        cut_without_comma(normalised, token, named, out);
      } else {
        out.push_back(std::move(named));
      }
    }
    return out;
  }

  static bool ends_in_digit_and_comma(std::string_view piece) {
    if (piece.size() < 2 || piece.back() != ',') return false;
    std::size_t at = piece.size() - 2;
    while (at > 0 && (static_cast<unsigned char>(piece[at]) & 0xC0) == 0x80) --at;
    return unicode::is_python_digit(unicode::decode(piece, at).value);
  }

  void cut_without_comma(const AlignedText& normalised, const PieceToken& token, const Named& whole,
                         std::vector<Named>& out) const {
    const SentencePiece& model = *rules_.pieces;
    const std::size_t comma = token.end - 1;
    AlignedText rest;
    for (std::size_t at = token.begin; at < comma;) {
      if (normalised.view().substr(at).starts_with(kBlank)) {
        at += kBlank.size();
      } else {
        rest.append(normalised, at, at + 1);
        ++at;
      }
    }
    const AlignedText again = model.normalise(rest);
    std::vector<PieceToken> parts;
    model.encode(again.view(), parts);
    bool first = true;
    for (const PieceToken& part : parts) {
      std::string name(again.view().substr(part.begin, part.end - part.begin));
      if (first && !whole.name.starts_with(kBlank) && name.starts_with(kBlank)) {
        name.erase(0, kBlank.size());
      }
      first = false;
      if (!name.empty()) out.push_back({std::move(name), again.span(part.begin, part.end)});
    }
    out.push_back({",", normalised.span(comma, token.end)});
  }

  // As the pattern ">>.+<<" does: greedy, within a line; all of them are taken out, the one in front stays.
  void take_language_codes(AlignedText& segment, std::vector<TextToken>& out) const {
    const std::string_view text = segment.view();
    AlignedText rest = segment.emptied();
    std::size_t done = 0;
    for (std::size_t line = 0; line < text.size();) {
      const std::size_t end = std::min(text.find('\n', line), text.size());
      const std::string_view within = text.substr(line, end - line);
      const std::size_t open = within.find(">>"), close = within.rfind("<<");
      if (open != within.npos && close != within.npos && close > open + 2) {
        const std::size_t stop = line + close + 2;
        if (line + open == 0) {
          out.push_back({rules_.id_of(text.substr(0, stop)), segment.span(0, stop), true});
        }
        rest.append(segment, done, line + open);
        done = stop;
      }
      line = end + 1;
    }
    if (done == 0) return;
    rest.append(segment, done, segment.size());
    segment = std::move(rest);
  }

  SentencePieceRules rules_;
  std::size_t shield_length_ = 0;
};

}  // namespace

std::shared_ptr<const SegmentEncoder> make_sentencepiece_encoder(SentencePieceRules rules) {
  return std::make_shared<Encoder>(std::move(rules));
}

}  // namespace attn

#include "core/text/pipeline.h"

#include <algorithm>
#include <unordered_map>

namespace attn {
namespace {

// Words are short and come again: the model is asked once for each in a text.
class StandardEncoder final : public SegmentEncoder {
 public:
  StandardEncoder(NormalizerPtr normalizer, PreTokenizerPtr pre_tokenizer, TokenModelPtr model,
                  std::shared_ptr<const AddedTokens> added)
      : normalizer_(std::move(normalizer)),
        pre_tokenizer_(std::move(pre_tokenizer)),
        model_(std::move(model)),
        added_(std::move(added)) {}

  void encode(AlignedText segment, std::vector<TextToken>& out) const override {
    if (normalizer_) normalizer_->apply(segment);
    std::unordered_map<std::string, std::vector<PieceToken>> known;
    for (const auto& part : added_->split_normalised(segment.view())) {
      if (part.id >= 0) {
        out.push_back({part.id, segment.span(part.begin, part.end), true, true});
        continue;
      }
      Pieces pieces;
      pieces.text = segment.slice(part.begin, part.end);
      pieces.ranges.emplace_back(0, pieces.text.size());
      if (pre_tokenizer_) pre_tokenizer_->apply(pieces);
      for (const auto& [begin, end] : pieces.ranges) encode_piece(pieces.text, begin, end, known, out);
    }
  }
  const Vocabulary& vocabulary() const override { return model_->vocabulary(); }
  std::optional<int> unknown_id() const override { return model_->unknown_id(); }

 private:
  using Known = std::unordered_map<std::string, std::vector<PieceToken>>;

  void encode_piece(const AlignedText& text, std::size_t begin, std::size_t end, Known& known,
                    std::vector<TextToken>& out) const {
    constexpr std::size_t kWorthKeeping = 64;
    const std::string_view piece = text.view().substr(begin, end - begin);
    std::vector<PieceToken> fresh;
    const std::vector<PieceToken>* tokens = &fresh;
    if (piece.size() <= kWorthKeeping) {
      const auto [entry, is_new] = known.try_emplace(std::string(piece));
      if (is_new) model_->tokenize(piece, entry->second);
      tokens = &entry->second;
    } else {
      model_->tokenize(piece, fresh);
    }
    bool first = true;
    for (const PieceToken& token : *tokens) {
      out.push_back({token.id, text.span(begin + token.begin, begin + token.end), first});
      first = false;
    }
  }

  NormalizerPtr normalizer_;
  PreTokenizerPtr pre_tokenizer_;
  TokenModelPtr model_;
  std::shared_ptr<const AddedTokens> added_;
};

// A token points at letters, not at the blanks beside them; one of nothing but blanks points at those.
Span without_blanks(std::string_view text, Span span) {
  std::uint32_t first = span.end, last = span.begin;
  for (std::uint32_t at = span.begin; at < span.end;) {
    const auto c = unicode::decode(text, at);
    const auto next = at + static_cast<std::uint32_t>(c.length);
    if (!unicode::is_whitespace(c.value)) {
      first = std::min(first, at);
      last = next;
    }
    at = next;
  }
  return first < last ? Span{first, std::min(last, span.end)} : span;
}

bool parts_words(char32_t c) {
  return unicode::is_unspaced_script(c) || unicode::is_bert_punctuation(c);
}

char32_t last_character(std::string_view text, Span span) {
  std::uint32_t at = span.end - 1;
  while (at > span.begin && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return unicode::decode(text, at).value;
}

// Whether a new word begins between two neighbours: at white space, at punctuation, and at every character
// of a script without spaces. Tokens that share a character belong together.
bool word_begins(std::string_view text, Span before, Span here) {
  if (here.begin < before.end || here.begin == here.end) return false;
  for (std::uint32_t at = before.end; at < here.begin;) {
    const auto c = unicode::decode(text, at);
    if (unicode::is_whitespace(c.value)) return true;
    at += static_cast<std::uint32_t>(c.length);
  }
  const char32_t first = unicode::decode(text, here.begin).value;
  if (unicode::is_whitespace(first)) return true;
  if (before.begin == before.end) return false;
  const char32_t last = last_character(text, before);
  return !unicode::is_whitespace(last) && (parts_words(first) || parts_words(last));
}

class Pipeline final : public Tokenizer {
 public:
  explicit Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
    for (const AddedToken& token : parts_.added->all()) n_vocab_ = std::max(n_vocab_, token.id + 1);
    n_vocab_ = std::max(n_vocab_, parts_.encoder->vocabulary().end_id());
  }

  Encoding encode(std::string_view text, const EncodeOptions& options) const override {
    Encoding out;
    const auto tokens = tokens_of(text);
    assemble(options.add_special_tokens ? parts_.around.single : TokenTemplate().single, text, tokens, {}, {},
             out);
    return out;
  }

  Encoding encode_pair(std::string_view first, std::string_view second,
                       const EncodeOptions& options) const override {
    Encoding out;
    const auto a = tokens_of(first), b = tokens_of(second);
    assemble(options.add_special_tokens ? parts_.around.pair : TokenTemplate().pair, first, a, second, b,
             out);
    return out;
  }

  Encoding encode_target(std::string_view text, const EncodeOptions& options) const override {
    return parts_.target ? parts_.target->encode(text, options) : encode(text, options);
  }

  std::string decode(const std::vector<int>& ids, bool skip_special) const override {
    std::vector<std::string> tokens;
    for (const int id : ids) {
      if (skip_special && is_special(id)) continue;
      std::string text = token(id);
      if (!text.empty()) tokens.push_back(std::move(text));
    }
    if (parts_.decoder && !tokens.empty()) parts_.decoder->apply(tokens);
    std::string out;
    for (const auto& text : tokens) {
      if (!parts_.decoder && !out.empty()) out += ' ';
      out += text;
    }
    return out;
  }

  int n_vocab() const override { return n_vocab_; }
  std::string token(int id) const override {
    if (const AddedToken* added = parts_.added->find(id)) return added->content;
    return std::string(parts_.encoder->vocabulary().token(id));
  }
  std::optional<int> find_id(std::string_view token) const override {
    if (const AddedToken* added = parts_.added->find(token)) return added->id;
    return parts_.encoder->vocabulary().find(token);
  }
  bool is_special(int id) const override {
    const AddedToken* added = parts_.added->find(id);
    return added != nullptr && added->special;
  }
  std::optional<int> unknown_id() const override { return parts_.encoder->unknown_id(); }
  std::optional<int> mask_id() const override {
    return parts_.mask_token.empty() ? std::nullopt : find_id(parts_.mask_token);
  }

 private:
  std::vector<TextToken> tokens_of(std::string_view typed) const {
    AlignedText text = AlignedText::from_utf8(typed);
    if (parts_.prepare) parts_.prepare->apply(text);
    std::vector<TextToken> tokens;
    for (const auto& part : parts_.added->split(text.view())) {
      if (part.id >= 0) {
        tokens.push_back({part.id, text.span(part.begin, part.end), true, true});
      } else {
        parts_.encoder->encode(text.slice(part.begin, part.end), tokens);
      }
    }
    if (tokens.size() > 1 && tokens[0].id == parts_.drop_first_before_special && tokens[1].as_written &&
        is_special(tokens[1].id)) {
      tokens.erase(tokens.begin());
    }
    return tokens;
  }

  void assemble(const std::vector<TemplateItem>& items, std::string_view first,
                const std::vector<TextToken>& a, std::string_view second, const std::vector<TextToken>& b,
                Encoding& out) const {
    int words = 0;
    const std::vector<TextToken>* last = &a;
    for (const TemplateItem& item : items) {
      switch (item.kind) {
        case TemplateItem::Kind::first:
          append(first, a, item.type, words, out);
          break;
        case TemplateItem::Kind::second:
          append(second, b, item.type, words, out);
          last = &b;
          break;
        case TemplateItem::Kind::token_unless_there:
          if (!last->empty() && last->back().id == item.id) break;
          [[fallthrough]];
        case TemplateItem::Kind::token:
          add(item.id, item.type, true, {0, 0}, -1, out);
          break;
      }
    }
  }

  // Words of the second text count on from those of the first.
  void append(std::string_view typed, const std::vector<TextToken>& tokens, int type, int& words,
              Encoding& out) const {
    Span before{0, 0};
    bool any = false;
    for (const TextToken& token : tokens) {
      const Span span = without_blanks(typed, token.origin);
      if (!any || token.starts_piece || word_begins(typed, before, span)) ++words;
      add(token.id, type, false, span, words - 1, out);
      before = span;
      any = true;
    }
  }

  void add(int id, int type, bool special, Span span, int word, Encoding& out) const {
    out.ids.push_back(id);
    out.tokens.push_back(token(id));
    out.type_ids.push_back(type);
    out.special.push_back(special);
    out.begin.push_back(span.begin);
    out.end.push_back(span.end);
    out.words.push_back(word);
  }

  PipelineParts parts_;
  int n_vocab_ = 0;
};

}  // namespace

std::shared_ptr<const Tokenizer> make_pipeline(PipelineParts parts) {
  return std::make_shared<Pipeline>(std::move(parts));
}

std::shared_ptr<const SegmentEncoder> make_standard_encoder(NormalizerPtr normalizer,
                                                            PreTokenizerPtr pre_tokenizer,
                                                            TokenModelPtr model,
                                                            std::shared_ptr<const AddedTokens> added) {
  return std::make_shared<StandardEncoder>(std::move(normalizer), std::move(pre_tokenizer), std::move(model),
                                           std::move(added));
}

}  // namespace attn

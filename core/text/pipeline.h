#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/text/added_tokens.h"
#include "core/text/decoders.h"
#include "core/text/normalizers.h"
#include "core/text/pre_tokenizers.h"
#include "core/text/token_models.h"
#include "core/text/tokenizer.h"

namespace attn {

// A token and what it stands for in the typed text.
struct TextToken {
  int id;
  Span origin;
  bool starts_piece;
  bool as_written = false;  // an added token, found in the text
};

// Turns a stretch of text without added tokens into tokens. Immutable; safe from any thread.
class SegmentEncoder {
 public:
  virtual ~SegmentEncoder() = default;
  virtual void encode(AlignedText segment, std::vector<TextToken>& out) const = 0;
  virtual const Vocabulary& vocabulary() const = 0;
  virtual std::optional<int> unknown_id() const = 0;
};

// What is put around one text or a pair.
struct TemplateItem {
  enum class Kind { first, second, token, token_unless_there };
  Kind kind = Kind::first;
  int id = -1;   // of a token; "unless there": not where the text ends with it already
  int type = 0;  // token_type_ids
};

struct TokenTemplate {
  std::vector<TemplateItem> single{{TemplateItem::Kind::first, -1, 0}};
  std::vector<TemplateItem> pair{{TemplateItem::Kind::first, -1, 0}, {TemplateItem::Kind::second, -1, 1}};
};

// Everything a Hugging Face tokenizer consists of.
struct PipelineParts {
  NormalizerPtr prepare;  // the whole text, before added tokens are looked for; may be null
  std::shared_ptr<const AddedTokens> added = std::make_shared<AddedTokens>();
  std::shared_ptr<const SegmentEncoder> encoder;
  TokenTemplate around;
  DecoderPtr decoder;  // null: tokens joined by blanks
  std::string mask_token;
  int drop_first_before_special = -1;       // this token is left out where a special one follows the first
  std::shared_ptr<const Tokenizer> target;  // null: the same
};

std::shared_ptr<const Tokenizer> make_pipeline(PipelineParts parts);

// Normalizer, second round of added tokens, pre-tokenizer, model. Normalizer and pre-tokenizer may be null.
std::shared_ptr<const SegmentEncoder> make_standard_encoder(NormalizerPtr normalizer,
                                                            PreTokenizerPtr pre_tokenizer,
                                                            TokenModelPtr model,
                                                            std::shared_ptr<const AddedTokens> added);

}  // namespace attn

#include "core/math/worded_error.h"
#include "core/text/precompiled.h"
#include "core/text/tokenizer_json.h"

namespace attn {
namespace {

[[noreturn]] void unknown_kind(const std::string& place, const std::string& type) {
  throw WordedError(worded("tokenizer.unknown_step",
                           "{place} has the type '{type}', which this program does not know.",
                           {{"place", place}, {"type", type}}));
}

char32_t single_character(const std::string& text, const std::string& place) {
  if (text.empty() || unicode::decode(text, 0).length != text.size()) {
    throw WordedError(framed("tokenizer.damaged", place + " must be one character, found '" + text + "'."));
  }
  return unicode::decode(text, 0).value;
}

SplitBehavior read_behavior(const Json& json, const std::string& fallback, const std::string& place) {
  const std::string name = string_field(json, "behavior", fallback, place);
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  throw WordedError(
      framed("tokenizer.damaged",
             place + ".behavior is '" + name +
                 "', expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous."));
}

const Json& step_list(const Json& json, const char* key, const std::string& place) {
  const Json& list = required_field(json, key, place);
  if (!list.is_array())
    throw WordedError(
        framed("tokenizer.damaged", place + "." + key + " is " + list.type_name() + ", expected a list."));
  return list;
}

}  // namespace

void check_depth(int depth, const std::string& place) {
  constexpr int kDeepest = 16;
  if (depth > kDeepest)
    throw WordedError(
        framed("tokenizer.damaged", place + " is nested more than 16 deep; this is no real tokenizer."));
}

Pattern read_pattern(const Json& json, const std::string& place) {
  if (json.is_string()) return Pattern::literal(json.get<std::string>());
  if (find_field(json, "String") != nullptr) return Pattern::literal(string_field(json, "String", "", place));
  if (find_field(json, "Regex") != nullptr) {
    return Pattern::regex(string_field(json, "Regex", "", place), place);
  }
  throw WordedError(framed("tokenizer.damaged", place + " must be {\"String\": …} or {\"Regex\": …}."));
}

NormalizerPtr read_normalizer(const Json* json, const std::string& place, int depth) {
  if (json == nullptr) return nullptr;
  check_depth(depth, place);
  const std::string type = string_field(*json, "type", "", place);
  if (type == "Sequence") {
    std::vector<NormalizerPtr> steps;
    for (const Json& step : step_list(*json, "normalizers", place)) {
      if (auto normalizer = read_normalizer(&step, place + ".normalizers", depth + 1)) {
        steps.push_back(std::move(normalizer));
      }
    }
    return sequence_normalizer(std::move(steps));
  }
  if (type == "BertNormalizer") {
    BertNormalization settings;
    settings.clean_text = bool_field(*json, "clean_text", true, place);
    settings.handle_chinese_chars = bool_field(*json, "handle_chinese_chars", true, place);
    settings.lowercase = bool_field(*json, "lowercase", true, place);
    settings.strip_accents = bool_field(*json, "strip_accents", settings.lowercase, place);
    return bert_normalizer(settings);
  }
  if (type == "NFC") return unicode_normalizer(unicode::Form::nfc);
  if (type == "NFD") return unicode_normalizer(unicode::Form::nfd);
  if (type == "NFKC") return unicode_normalizer(unicode::Form::nfkc);
  if (type == "NFKD") return unicode_normalizer(unicode::Form::nfkd);
  if (type == "Lowercase") return lowercase_normalizer();
  if (type == "StripAccents") return strip_accents_normalizer();
  if (type == "Nmt") return nmt_normalizer();
  if (type == "ByteLevel") return byte_level_normalizer();
  if (type == "Strip") {
    return strip_normalizer(bool_field(*json, "strip_left", true, place),
                            bool_field(*json, "strip_right", true, place));
  }
  if (type == "Prepend") return prepend_normalizer(string_field(*json, "prepend", "", place));
  if (type == "Replace") {
    return replace_normalizer(read_pattern(required_field(*json, "pattern", place), place + ".pattern"),
                              string_field(*json, "content", "", place));
  }
  if (type == "Precompiled") {
    const std::string text = string_field(*json, "precompiled_charsmap", "", place);
    return precompiled_normalizer(
        std::make_shared<PrecompiledMap>(decode_base64(text, place), place + ".precompiled_charsmap"));
  }
  unknown_kind(place, type);
}

PreTokenizerPtr read_pre_tokenizer(const Json* json, const std::string& place, int depth) {
  if (json == nullptr) return nullptr;
  check_depth(depth, place);
  const std::string type = string_field(*json, "type", "", place);
  if (type == "Sequence") {
    std::vector<PreTokenizerPtr> steps;
    for (const Json& step : step_list(*json, "pretokenizers", place)) {
      if (auto pre_tokenizer = read_pre_tokenizer(&step, place + ".pretokenizers", depth + 1)) {
        steps.push_back(std::move(pre_tokenizer));
      }
    }
    return sequence_pre_tokenizer(std::move(steps));
  }
  if (type == "BertPreTokenizer") return bert_pre_tokenizer();
  if (type == "Whitespace") return whitespace_pre_tokenizer();
  if (type == "WhitespaceSplit") return whitespace_split_pre_tokenizer();
  if (type == "Punctuation") return punctuation_pre_tokenizer(read_behavior(*json, "Isolated", place));
  if (type == "Digits") return digits_pre_tokenizer(bool_field(*json, "individual_digits", false, place));
  if (type == "CharDelimiterSplit") {
    return delimiter_pre_tokenizer(
        single_character(string_field(*json, "delimiter", "", place), place + ".delimiter"));
  }
  if (type == "Split") {
    return split_pre_tokenizer(read_pattern(required_field(*json, "pattern", place), place + ".pattern"),
                               read_behavior(*json, "", place), bool_field(*json, "invert", false, place));
  }
  if (type == "ByteLevel") {
    return byte_level_pre_tokenizer(bool_field(*json, "add_prefix_space", true, place),
                                    bool_field(*json, "use_regex", true, place));
  }
  if (type == "Metaspace") {
    const bool prefix = bool_field(*json, "add_prefix_space", true, place);
    const std::string scheme = string_field(*json, "prepend_scheme", prefix ? "always" : "never", place);
    if (scheme != "always" && scheme != "first" && scheme != "never") {
      throw WordedError(framed("tokenizer.damaged", place + ".prepend_scheme is '" + scheme +
                                                        "', expected always, first or never."));
    }
    const std::string replacement = string_field(*json, "replacement", "▁", place);
    single_character(replacement, place + ".replacement");
    return metaspace_pre_tokenizer(replacement,
                                   scheme == "always"  ? PrependScheme::always
                                   : scheme == "first" ? PrependScheme::first
                                                       : PrependScheme::never,
                                   bool_field(*json, "split", true, place));
  }
  unknown_kind(place, type);
}

DecoderPtr read_decoder(const Json* json, const std::string& place, int depth) {
  if (json == nullptr) return nullptr;
  check_depth(depth, place);
  const std::string type = string_field(*json, "type", "", place);
  if (type == "Sequence") {
    std::vector<DecoderPtr> steps;
    for (const Json& step : step_list(*json, "decoders", place)) {
      if (auto decoder = read_decoder(&step, place + ".decoders", depth + 1)) {
        steps.push_back(std::move(decoder));
      }
    }
    return sequence_decoder(std::move(steps));
  }
  if (type == "ByteLevel") return byte_level_decoder();
  if (type == "WordPiece") {
    return word_piece_decoder(string_field(*json, "prefix", "##", place),
                              bool_field(*json, "cleanup", true, place));
  }
  if (type == "Metaspace") {
    const bool prefix = bool_field(*json, "add_prefix_space", true, place);
    const std::string scheme = string_field(*json, "prepend_scheme", prefix ? "always" : "never", place);
    return metaspace_decoder(string_field(*json, "replacement", "▁", place), scheme != "never");
  }
  if (type == "BPEDecoder") return bpe_decoder(string_field(*json, "suffix", "</w>", place));
  if (type == "ByteFallback") return byte_fallback_decoder();
  if (type == "Fuse") return fuse_decoder();
  if (type == "Strip") {
    return strip_decoder(single_character(string_field(*json, "content", " ", place), place + ".content"),
                         static_cast<std::size_t>(int_field(*json, "start", 0, place)),
                         static_cast<std::size_t>(int_field(*json, "stop", 0, place)));
  }
  if (type == "Replace") {
    return replace_decoder(read_pattern(required_field(*json, "pattern", place), place + ".pattern"),
                           string_field(*json, "content", "", place));
  }
  if (type == "CTC") {
    return ctc_decoder(string_field(*json, "pad_token", "<pad>", place),
                       string_field(*json, "word_delimiter_token", "|", place),
                       bool_field(*json, "cleanup", true, place));
  }
  unknown_kind(place, type);
}

}  // namespace attn

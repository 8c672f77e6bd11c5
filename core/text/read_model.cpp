#include "core/math/worded_error.h"
#include "core/text/bpe.h"
#include "core/text/tokenizer_json.h"
#include "core/text/unigram.h"

namespace attn {
namespace {

Vocabulary read_vocabulary(const Json& model, const std::string& place) {
  const Json& json = required_field(model, "vocab", place);
  const std::string here = place + ".vocab";
  if (!json.is_object())
    throw WordedError(
        framed("tokenizer.damaged", here + " is " + json.type_name() + ", expected {token: id}."));
  std::vector<std::pair<std::string, long long>> tokens;
  tokens.reserve(json.size());
  for (const auto& [token, id] : json.items()) {
    if (!id.is_number_integer()) {
      throw WordedError(framed("tokenizer.damaged", here + ": the id of '" + token + "' is " +
                                                        id.type_name() + ", expected a whole number."));
    }
    tokens.emplace_back(token, to_int(id, here + ": the id of '" + token + "'"));
  }
  return Vocabulary(std::move(tokens), here);
}

// Merges are "a b", or ["a", "b"] in newer files.
MergeList read_merges(const Json& model, const std::string& place) {
  const Json& json = required_field(model, "merges", place);
  const std::string here = place + ".merges";
  if (!json.is_array())
    throw WordedError(framed("tokenizer.damaged", here + " is " + json.type_name() + ", expected a list."));
  MergeList merges;
  merges.reserve(json.size());
  for (const Json& merge : json) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
      continue;
    }
    const std::string text = merge.is_string() ? merge.get<std::string>() : std::string();
    const std::size_t blank = text.find(' ');
    if (blank == std::string::npos) {
      throw WordedError(framed("tokenizer.damaged", here + "[" + std::to_string(merges.size()) +
                                                        "] must be two tokens with a blank between."));
    }
    merges.emplace_back(text.substr(0, blank), text.substr(blank + 1));
  }
  return merges;
}

TokenModelPtr read_bpe(const Json& json, const std::string& place) {
  if (const Json* dropout = find_field(json, "dropout")) {
    if (!dropout->is_number() || dropout->get<double>() != 0.0) {
      throw WordedError(
          worded("tokenizer.dropout",
                 "{place}.dropout asks for random merges; set it to null to get the same tokens each time.",
                 {{"place", place}}));
    }
  }
  BpeSettings settings;
  settings.unknown = string_field(json, "unk_token", "", place);
  settings.continuing_prefix = string_field(json, "continuing_subword_prefix", "", place);
  settings.end_of_word_suffix = string_field(json, "end_of_word_suffix", "", place);
  settings.fuse_unknown = bool_field(json, "fuse_unk", false, place);
  settings.byte_fallback = bool_field(json, "byte_fallback", false, place);
  settings.ignore_merges = bool_field(json, "ignore_merges", false, place);
  return bpe_model(read_vocabulary(json, place), read_merges(json, place), settings, place + ".merges");
}

TokenModelPtr read_unigram(const Json& json, const std::string& place) {
  const Json& vocab = required_field(json, "vocab", place);
  if (!vocab.is_array())
    throw WordedError(framed("tokenizer.damaged",
                             place + ".vocab is " + vocab.type_name() + ", expected a list of pairs."));
  std::vector<std::pair<std::string, double>> pieces;
  pieces.reserve(vocab.size());
  for (const Json& entry : vocab) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number()) {
      throw WordedError(framed("tokenizer.damaged", place + ".vocab[" + std::to_string(pieces.size()) +
                                                        "] must be [piece, log probability]."));
    }
    pieces.emplace_back(entry[0].get<std::string>(), entry[1].get<double>());
  }
  return unigram_model(std::move(pieces), int_field(json, "unk_id", -1, place),
                       bool_field(json, "byte_fallback", false, place), place);
}

// Files written before 2020 name no type: what they hold tells it.
std::string type_of(const Json& json, const std::string& place) {
  const std::string type = string_field(json, "type", "", place);
  if (!type.empty()) return type;
  if (find_field(json, "merges") != nullptr) return "BPE";
  if (find_field(json, "continuing_subword_prefix") != nullptr ||
      find_field(json, "max_input_chars_per_word") != nullptr) {
    return "WordPiece";
  }
  const Json* vocab = find_field(json, "vocab");
  return vocab != nullptr && vocab->is_array() ? "Unigram" : "WordLevel";
}

}  // namespace

TokenModelPtr read_model(const Json& json, const std::string& place) {
  const std::string type = type_of(json, place);
  if (type == "BPE") return read_bpe(json, place);
  if (type == "Unigram") return read_unigram(json, place);
  if (type == "WordPiece") {
    return word_piece_model(read_vocabulary(json, place), string_field(json, "unk_token", "[UNK]", place),
                            string_field(json, "continuing_subword_prefix", "##", place),
                            static_cast<std::size_t>(int_field(json, "max_input_chars_per_word", 100, place)),
                            place);
  }
  if (type == "WordLevel") {
    return word_level_model(read_vocabulary(json, place), string_field(json, "unk_token", "<unk>", place));
  }
  throw WordedError(worded("tokenizer.unknown_model",
                           "{place}.type is '{type}', expected BPE, Unigram, WordPiece or WordLevel.",
                           {{"place", place}, {"type", type}}));
}

}  // namespace attn

#include "core/text/tokenizer_json.h"

#include <algorithm>

#include "core/math/worded_error.h"

namespace attn {
namespace {

std::vector<AddedToken> read_added_tokens(const Json& json, const TokenModel& model,
                                          const std::string& name) {
  std::vector<AddedToken> tokens;
  const Json* list = find_field(json, "added_tokens");
  if (list == nullptr) return tokens;
  if (!list->is_array())
    throw WordedError(
        framed("tokenizer.damaged", name + ": added_tokens is " + list->type_name() + ", expected a list."));
  for (const Json& entry : *list) {
    const std::string place = name + ": added_tokens[" + std::to_string(tokens.size()) + "]";
    AddedToken token;
    token.id = to_int(required_field(entry, "id", place), place + ".id");
    token.content = string_field(entry, "content", "", place);
    token.single_word = bool_field(entry, "single_word", false, place);
    token.lstrip = bool_field(entry, "lstrip", false, place);
    token.rstrip = bool_field(entry, "rstrip", false, place);
    token.special = bool_field(entry, "special", false, place);
    token.normalized = bool_field(entry, "normalized", !token.special, place);
    if (const auto known = model.vocabulary().find(token.content)) token.id = *known;
    tokens.push_back(std::move(token));
  }
  return tokens;
}

constexpr std::size_t kMostItems = 1000;

std::vector<TemplateItem> read_template(const Json& processor, const char* key, const std::string& place) {
  const Json& list = required_field(processor, key, place);
  if (!list.is_array())
    throw WordedError(
        framed("tokenizer.damaged", place + "." + key + " is " + list.type_name() + ", expected a list."));
  std::vector<TemplateItem> items;
  for (const Json& entry : list) {
    const std::string here = place + "." + key + "[" + std::to_string(items.size()) + "]";
    if (const Json* sequence = find_field(entry, "Sequence")) {
      const bool second = string_field(*sequence, "id", "A", here) == "B";
      items.push_back({second ? TemplateItem::Kind::second : TemplateItem::Kind::first, -1,
                       int_field(*sequence, "type_id", 0, here)});
      continue;
    }
    const Json& token = required_field(entry, "SpecialToken", here);
    const std::string token_name = string_field(token, "id", "", here);
    const Json& known = required_field(processor, "special_tokens", place);
    const Json& special = required_field(known, token_name.c_str(), place + ".special_tokens");
    for (const Json& id : required_field(special, "ids", place + ".special_tokens." + token_name)) {
      items.push_back({TemplateItem::Kind::token, to_int(id, here), int_field(token, "type_id", 0, here)});
      if (items.size() > kMostItems)
        throw WordedError(framed("tokenizer.damaged", place + "." + key + " has more than 1000 tokens."));
    }
  }
  return items;
}

// ["[SEP]", 102]
int read_token_pair(const Json& processor, const char* key, const std::string& place) {
  const Json& pair = required_field(processor, key, place);
  if (!pair.is_array() || pair.size() != 2)
    throw WordedError(framed("tokenizer.damaged", place + "." + key + " must be [token, id]."));
  return to_int(pair[1], place + "." + key);
}

void read_post_processor(const Json* json, const std::string& place, int depth, TokenTemplate& around) {
  if (json == nullptr) return;
  check_depth(depth, place);
  using Kind = TemplateItem::Kind;
  const std::string type = string_field(*json, "type", "", place);
  if (type == "ByteLevel") return;  // moves offsets only; ours never hold blanks
  if (type == "Sequence") {
    for (const Json& step : required_field(*json, "processors", place)) {
      read_post_processor(&step, place + ".processors", depth + 1, around);
    }
  } else if (type == "TemplateProcessing") {
    around.single = read_template(*json, "single", place);
    around.pair = read_template(*json, "pair", place);
  } else if (type == "BertProcessing") {
    const int sep = read_token_pair(*json, "sep", place), cls = read_token_pair(*json, "cls", place);
    around.single = {{Kind::token, cls, 0}, {Kind::first, -1, 0}, {Kind::token, sep, 0}};
    around.pair = around.single;
    around.pair.push_back({Kind::second, -1, 1});
    around.pair.push_back({Kind::token, sep, 1});
  } else if (type == "RobertaProcessing") {
    const int sep = read_token_pair(*json, "sep", place), cls = read_token_pair(*json, "cls", place);
    around.single = {{Kind::token, cls, 0}, {Kind::first, -1, 0}, {Kind::token, sep, 0}};
    around.pair = around.single;
    around.pair.push_back({Kind::token, sep, 0});
    around.pair.push_back({Kind::second, -1, 0});
    around.pair.push_back({Kind::token, sep, 0});
  } else {
    throw WordedError(worded("tokenizer.unknown_step",
                             "{place} has the type '{type}', which this program does not know.",
                             {{"place", place}, {"type", type}}));
  }
}

}  // namespace

PipelineParts read_tokenizer_json(const Json& json, const std::string& name) {
  PipelineParts parts;
  const auto model = read_model(required_field(json, "model", name), name + ": model");
  const auto normalizer = read_normalizer(find_field(json, "normalizer"), name + ": normalizer");
  auto pre_tokenizer = read_pre_tokenizer(find_field(json, "pre_tokenizer"), name + ": pre_tokenizer");
  parts.added = std::make_shared<AddedTokens>(read_added_tokens(json, *model, name), normalizer.get());
  parts.encoder = make_standard_encoder(normalizer, std::move(pre_tokenizer), model, parts.added);
  read_post_processor(find_field(json, "post_processor"), name + ": post_processor", 0, parts.around);
  parts.decoder = read_decoder(find_field(json, "decoder"), name + ": decoder");
  for (const char* mask : {"[MASK]", "<mask>"}) {
    if (parts.mask_token.empty() && parts.added->find(mask) != nullptr) parts.mask_token = mask;
  }
  return parts;
}

}  // namespace attn

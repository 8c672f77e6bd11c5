#include "core/text/tokenizer_json.h"

namespace attn {
namespace {

bool is_one_of(const std::string& name, std::initializer_list<const char*> known) {
  for (const char* other : known) {
    if (name == other) return true;
  }
  return false;
}

// Flags of tokenizer_config.json win over those of tokenizer.json; tokens that it lacks are added.
void merge_added_tokens(const FolderFiles& files, Json& json) {
  const Json* decoder = find_field(files.tokenizer_config, "added_tokens_decoder");
  if (decoder == nullptr || !decoder->is_object()) return;
  if (find_field(json, "added_tokens") == nullptr) json["added_tokens"] = Json::array();
  Json& list = json["added_tokens"];
  if (!list.is_array()) return;
  std::map<std::string, std::size_t> there;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (find_field(list[i], "content") && list[i]["content"].is_string()) {
      there[list[i]["content"].get<std::string>()] = i;
    }
  }
  for (const auto& [key, value] : decoder->items()) {
    if (!value.is_object() || !value.contains("content") || !value["content"].is_string()) continue;
    const auto known = there.find(value["content"].get<std::string>());
    if (known != there.end()) {
      list[known->second].update(value);
    } else if (!key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos) {
      Json token = value;
      token["id"] = std::stoi(key);
      list.push_back(std::move(token));
    }
  }
}

// A Llama or Gemma class writes its own template, whatever tokenizer.json says.
void set_llama_template(const FolderFiles& files, Json& json) {
  const bool gemma = files.tokenizer_class == "GemmaTokenizer";
  const SpecialTokens special(
      files, {{"bos_token", gemma ? "<bos>" : "<s>"}, {"eos_token", gemma ? "<eos>" : "</s>"}});
  const auto id_of = [&](const std::string& token) -> Json {
    if (const Json* list = find_field(json, "added_tokens"); list && list->is_array()) {
      for (const Json& entry : *list) {
        if (entry.is_object() && entry.value("content", Json()) == token) return entry.value("id", Json());
      }
    }
    return {};
  };
  Json single = Json::array(), pair = Json::array(), known = Json::object();
  const auto add = [&](const char* role, bool wanted, int type) {
    const std::string token = special.content(role);
    const Json id = id_of(token);
    if (!wanted || !id.is_number_integer()) return;
    known[token] = {{"id", token}, {"ids", Json::array({id})}, {"tokens", Json::array({token})}};
    const Json item = {{"SpecialToken", {{"id", token}, {"type_id", type}}}};
    if (type == 0) single.push_back(item);
    pair.push_back(item);
  };
  const bool bos = files.flag("add_bos_token", true), eos = files.flag("add_eos_token", false);
  for (int type = 0; type < 2; ++type) {
    add("bos_token", bos, type);
    const Json sequence = {{"Sequence", {{"id", type == 0 ? "A" : "B"}, {"type_id", type}}}};
    if (type == 0) single.push_back(sequence);
    pair.push_back(sequence);
    add("eos_token", eos, type);
  }
  json["post_processor"] = {
      {"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", known}};
}

}  // namespace

void apply_tokenizer_config(const FolderFiles& files, Json& json) {
  merge_added_tokens(files, json);
  const Json* said = nullptr;
  const auto says = [&](const char* key) {
    return (said = find_field(files.tokenizer_config, key)) != nullptr;
  };
  if (Json* normalizer = json.contains("normalizer") ? &json["normalizer"] : nullptr;
      normalizer != nullptr && normalizer->is_object() &&
      normalizer->value("type", Json()) == "BertNormalizer") {
    if (says("do_lower_case")) (*normalizer)["lowercase"] = *said;
    if (says("strip_accents")) (*normalizer)["strip_accents"] = *said;
    if (says("tokenize_chinese_chars")) (*normalizer)["handle_chinese_chars"] = *said;
  }
  if (Json* cutter = json.contains("pre_tokenizer") ? &json["pre_tokenizer"] : nullptr;
      cutter != nullptr && cutter->is_object() && cutter->value("type", Json()) == "ByteLevel" &&
      says("add_prefix_space")) {
    (*cutter)["add_prefix_space"] = *said;
  }
  if (is_one_of(files.tokenizer_class, {"LlamaTokenizer", "GemmaTokenizer"}) &&
      find_field(files.tokenizer_config, "tokenizer_class") != nullptr) {
    set_llama_template(files, json);
  }
}

}  // namespace attn

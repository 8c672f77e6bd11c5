#include "core/text/folder_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "core/math/worded_error.h"

namespace attn {
namespace {

constexpr const char* kRoles[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                  "pad_token", "cls_token", "mask_token"};

Json read_json_if_there(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Json::object();
  return parse_json_object(read_whole_file(path), path.string());
}

std::string class_of_model_type(const std::string& type) {
  static constexpr std::pair<std::string_view, std::string_view> kClasses[] = {
      {"bert", "BertTokenizer"},
      {"distilbert", "DistilBertTokenizer"},
      {"electra", "ElectraTokenizer"},
      {"mpnet", "MPNetTokenizer"},
      {"roberta", "RobertaTokenizer"},
      {"xlm-roberta", "XLMRobertaTokenizer"},
      {"camembert", "CamembertTokenizer"},
      {"albert", "AlbertTokenizer"},
      {"xlnet", "XLNetTokenizer"},
      {"deberta-v2", "DebertaV2Tokenizer"},
      {"deberta", "DebertaTokenizer"},
      {"gpt2", "GPT2Tokenizer"},
      {"gpt_neo", "GPT2Tokenizer"},
      {"gptj", "GPT2Tokenizer"},
      {"opt", "GPT2Tokenizer"},
      {"phi", "CodeGenTokenizer"},
      {"codegen", "CodeGenTokenizer"},
      {"qwen2", "Qwen2Tokenizer"},
      {"llama", "LlamaTokenizer"},
      {"mistral", "LlamaTokenizer"},
      {"phi3", "LlamaTokenizer"},
      {"gemma", "GemmaTokenizer"},
      {"gemma2", "GemmaTokenizer"},
      {"t5", "T5Tokenizer"},
      {"mt5", "T5Tokenizer"},
      {"umt5", "T5Tokenizer"},
      {"bart", "BartTokenizer"},
      {"mbart", "MBartTokenizer"},
      {"marian", "MarianTokenizer"},
      {"blenderbot", "BlenderbotTokenizer"},
      {"whisper", "WhisperTokenizer"},
      {"wav2vec2", "Wav2Vec2CTCTokenizer"},
      {"clip", "CLIPTokenizer"},
      {"openai-gpt", "OpenAIGPTTokenizer"},
      {"pegasus", "PegasusTokenizer"},
      {"longformer", "LongformerTokenizer"},
      {"led", "LEDTokenizer"},
      {"mobilebert", "MobileBertTokenizer"}};
  for (const auto& [model_type, name] : kClasses) {
    if (type == model_type) return std::string(name);
  }
  return {};
}

AddedToken read_flags(const Json& json, const std::string& place) {
  AddedToken token;
  token.content = string_field(json, "content", "", place);
  token.single_word = bool_field(json, "single_word", false, place);
  token.lstrip = bool_field(json, "lstrip", false, place);
  token.rstrip = bool_field(json, "rstrip", false, place);
  token.special = bool_field(json, "special", true, place);
  token.id = -1;
  return token;
}

AddedToken plain(const std::string& content) {
  AddedToken token;
  token.content = content;
  token.special = true;
  token.id = -1;
  return token;
}

AddedToken read_token(const Json& json, const std::string& place) {
  if (json.is_string()) return plain(json.get<std::string>());
  if (!json.is_object())
    throw WordedError(framed("tokenizer.damaged", place + " is " + json.type_name() + ", expected a token."));
  AddedToken token = read_flags(json, place);
  token.special = true;
  return token;
}

}  // namespace

std::string read_whole_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw WordedError(worded("tokenizer.unreadable",
                             "{path} cannot be read; is it there, and are you allowed to read it?",
                             {{"path", path.string()}}));
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad())
    throw WordedError(framed("tokenizer.damaged", path.string() + " could not be read to its end."));
  return text;
}

bool FolderFiles::has(const char* file) const {
  std::error_code error;
  return std::filesystem::exists(path(file), error);
}

bool FolderFiles::flag(const char* key, bool fallback) const {
  return bool_field(tokenizer_config, key, fallback, place());
}

std::string FolderFiles::text(const char* key, const std::string& fallback) const {
  return string_field(tokenizer_config, key, fallback, place());
}

FolderFiles read_folder_files(const std::filesystem::path& folder) {
  FolderFiles files;
  files.folder = folder;
  files.tokenizer_config = read_json_if_there(folder / "tokenizer_config.json");
  files.special_tokens_map = read_json_if_there(folder / "special_tokens_map.json");
  files.added_tokens = read_json_if_there(folder / "added_tokens.json");
  files.config = read_json_if_there(folder / "config.json");
  const std::string config_place = (folder / "config.json").string();
  files.tokenizer_class = files.text("tokenizer_class", "");
  if (files.tokenizer_class.empty()) {
    files.tokenizer_class = string_field(files.config, "tokenizer_class", "", config_place);
  }
  const std::string_view fast = "Fast";
  std::string& name = files.tokenizer_class;
  if (name.size() > fast.size() && name.compare(name.size() - fast.size(), fast.size(), fast) == 0) {
    name.resize(name.size() - fast.size());
  }
  if (name.empty()) {
    name = class_of_model_type(string_field(files.config, "model_type", "", config_place));
  }
  return files;
}

SpecialTokens::SpecialTokens(const FolderFiles& files, const std::vector<SpecialDefault>& defaults) {
  const std::string place = files.place();
  for (const auto& [role, content, lstrip] : defaults) {
    AddedToken token = plain(content);
    token.lstrip = lstrip;
    roles_[role] = token;
  }
  const Json* decoder = find_field(files.tokenizer_config, "added_tokens_decoder");
  has_decoder_ = decoder != nullptr && decoder->is_object();
  std::map<std::string, AddedToken> by_content;
  if (has_decoder_) {
    for (const auto& [key, value] : decoder->items()) {
      const std::string here = place + ": added_tokens_decoder." + key;
      AddedToken token = read_flags(value, here);
      token.special = bool_field(value, "special", false, here);
      const bool digits = !key.empty() && key.size() < 10 &&
                          std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits)
        throw WordedError(framed("tokenizer.damaged", here + ": the id must be a whole number below 10^9."));
      token.id = std::stoi(key);
      by_content[token.content] = token;
      decoder_[token.id] = token;
    }
  }

  const auto read_roles = [&](const Json& json, const std::string& source) {
    for (const char* role : kRoles) {
      const auto found = json.find(role);
      if (found == json.end()) continue;
      if (found->is_null()) {
        roles_.erase(role);
        continue;
      }
      AddedToken token = read_token(*found, source + "." + role);
      // A class keeps its own flags for a token that is written as a mere string.
      const auto known = by_content.find(token.content);
      if (known != by_content.end()) {
        token = known->second;
      } else if (found->is_string() && roles_.count(role) > 0) {
        token.lstrip = roles_[role].lstrip;
      }
      roles_[role] = token;
    }
    if (const Json* list = find_field(json, "additional_special_tokens"); list && list->is_array()) {
      additional_.clear();
      for (const Json& entry : *list) {
        AddedToken token = read_token(entry, source + ".additional_special_tokens");
        const auto known = by_content.find(token.content);
        additional_.push_back(known != by_content.end() ? known->second : token);
      }
    }
  };
  read_roles(files.tokenizer_config, place);
  if (has_decoder_) return;
  read_roles(files.special_tokens_map, files.path("special_tokens_map.json").string());
  for (const auto& [content, id] : files.added_tokens.items()) {
    AddedToken token = plain(content);
    token.id = to_int(id, files.path("added_tokens.json").string() + "." + content);
    token.special = is_special(content);
    decoder_[token.id] = token;
  }
}

std::string SpecialTokens::content(const std::string& role) const {
  const auto found = roles_.find(role);
  return found == roles_.end() ? std::string() : found->second.content;
}

std::vector<std::string> SpecialTokens::all() const {
  std::vector<std::string> out;
  for (const char* role : kRoles) {
    const std::string token = content(role);
    if (!token.empty() && std::find(out.begin(), out.end(), token) == out.end()) out.push_back(token);
  }
  for (const AddedToken& token : additional_) {
    if (std::find(out.begin(), out.end(), token.content) == out.end()) out.push_back(token.content);
  }
  return out;
}

bool SpecialTokens::is_special(const std::string& content) const {
  const auto tokens = all();
  return std::find(tokens.begin(), tokens.end(), content) != tokens.end();
}

void SpecialTokens::add_if_missing(const AddedToken& token) {
  for (const auto& [id, known] : decoder_) {
    if (known.content == token.content) return;
  }
  decoder_.emplace(token.id, token);
}

std::vector<AddedToken> SpecialTokens::added(const std::function<std::optional<int>(std::string_view)>& find,
                                             int size) const {
  std::vector<AddedToken> out;
  std::set<std::string> there;
  int next = size;
  for (const auto& [id, token] : decoder_) {
    out.push_back(token);
    there.insert(token.content);
    if (!find(token.content)) ++next;
  }
  const auto add = [&](AddedToken token) {
    if (token.content.empty() || !there.insert(token.content).second) return;
    const auto known = find(token.content);
    token.id = known ? *known : next++;
    token.special = true;
    out.push_back(std::move(token));
  };
  for (const char* role : kRoles) {
    if (const auto found = roles_.find(role); found != roles_.end()) add(found->second);
  }
  for (const AddedToken& token : additional_) add(token);
  return out;
}

}  // namespace attn

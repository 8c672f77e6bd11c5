#include "core/model/config.h"

#include <cmath>
#include <limits>

#include "core/math/worded_error.h"
#include "core/model/file.h"
#include "core/model/json_text.h"

namespace attn {

namespace {

constexpr int kMaxSize = 1 << 24;

// The number as an int, or nullopt when it is none: 12, or 12.0 as some writers have it.
std::optional<int> int_of(const nlohmann::json& value) {
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (std::floor(number) != number || std::abs(number) > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(number);
}

std::string shown(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

}  // namespace

Config Config::read(const std::filesystem::path& folder) {
  const std::string name = folder_name(folder);
  if (!std::filesystem::is_directory(folder))
    throw WordedError(worded("folder.none",
                             "'{path}' is not a folder; a model is a folder with config.json and weights.",
                             {{"path", folder.string()}}));
  const std::filesystem::path path = folder / "config.json";
  if (!std::filesystem::exists(path)) {
    if (std::filesystem::exists(folder / "adapter_config.json"))
      throw WordedError(
          worded("folder.adapter",
                 "{name} is a LoRA adapter (adapter_config.json), not a model; merge it into its base model "
                 "first (merge_and_unload) and open the result.",
                 {{"name", name}}));
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".gguf")
        throw WordedError(
            worded("folder.gguf",
                   "{name} holds a GGUF file, which is not supported; use the model's Hugging Face folder "
                   "with safetensors.",
                   {{"name", name}}));
    throw WordedError(worded("folder.no_config",
                             "{name} has no config.json; a model in Hugging Face layout is expected.",
                             {{"name", name}}));
  }
  const std::string text = read_small_file(path, std::size_t{16} << 20);
  Config config(parse_json(text, file_label(path)), file_label(path));
  if (!config.json_.is_object()) config.refuse("config.no_json_object", "is not a JSON object.");
  if (std::filesystem::exists(folder / "adapter_config.json"))
    throw WordedError(
        worded("folder.adapter_beside",
               "{name} holds a LoRA adapter (adapter_config.json) that would have to be merged; merge it "
               "first (merge_and_unload) and open the result.",
               {{"name", name}}));
  if (config.has({"quantization_config"})) {
    const std::optional<Config> quantization = config.object({"quantization_config"});
    config.refuse("config.quantised",
                  "has 'quantization_config' ({method}): quantised weights are not supported; open the "
                  "unquantised model (F32, F16 or BF16).",
                  {{"method", quantization->text({"quant_method"}, "unknown method")}});
  }
  if (config.has({"auto_map"}))
    config.refuse("config.remote_code",
                  "has 'auto_map': this model runs its own Python code (trust_remote_code), which cannot be "
                  "reproduced here.");
  return config;
}

void Config::refuse(std::string key, std::string_view english,
                    std::vector<std::pair<std::string, std::string>> values,
                    std::vector<NamedWording> sentences) const {
  values.emplace_back("file", label_);
  throw WordedError(
      worded(std::move(key), "{file} " + std::string(english), std::move(values), std::move(sentences)));
}

void Config::refuse(const std::string& english) const {
  throw WordedError(framed("config.refused", label_ + " " + english));
}

void Config::refuse_kind(const char* key, const char* expected, const char* name,
                         const nlohmann::json& value) const {
  refuse(key, std::string("has '{field}' = {value}, expected ") + expected + ".",
         {{"field", name}, {"value", shown(value)}});
}

const nlohmann::json* Config::find(FieldNames names, const char** found) const {
  for (const char* name : names) {
    const auto it = json_.find(name);
    if (it == json_.end() || it->is_null()) continue;
    if (found) *found = name;
    return &*it;
  }
  return nullptr;
}

bool Config::is_null(const char* name) const {
  const auto it = json_.find(name);
  return it != json_.end() && it->is_null();
}

const nlohmann::json& Config::need(FieldNames names, const char** found) const {
  if (const nlohmann::json* value = find(names, found)) return *value;
  std::string all;
  for (const char* name : names) all += std::string(all.empty() ? "'" : ", '") + name + "'";
  if (names.size() > 1)
    refuse("config.lacks_all",
           "lacks {fields} (any of them), and the result depends on it; add it as the model's author trained "
           "it.",
           {{"fields", all}});
  refuse("config.lacks",
         "lacks {field}, and the result depends on it; add it as the model's author trained it.",
         {{"field", all}});
}

int Config::size(FieldNames names) const {
  const char* name = "";
  const nlohmann::json& value = need(names, &name);
  const std::optional<int> number = int_of(value);
  if (!number || *number < 1 || *number > kMaxSize)
    refuse("config.no_size", "has '{field}' = {value}, expected a number from 1 to {most}.",
           {{"field", name}, {"value", shown(value)}, {"most", std::to_string(kMaxSize)}});
  return *number;
}

int Config::size(FieldNames names, int otherwise) const {
  return has(names) ? size(names) : otherwise;
}

int Config::size(FieldNames names, Assumed<int> otherwise) const {
  if (!has(names)) assume(*names.begin(), std::to_string(otherwise.value));
  return size(names, otherwise.value);
}

std::optional<int> Config::optional_size(FieldNames names) const {
  return has(names) ? std::optional<int>(size(names)) : std::nullopt;
}

int Config::count(FieldNames names, int otherwise) const {
  const int number = integer(names, otherwise);
  if (number == 0) return 0;
  return size(names, otherwise);
}

int Config::integer(FieldNames names, int otherwise) const {
  const char* name = "";
  const nlohmann::json* value = find(names, &name);
  if (!value) return otherwise;
  const std::optional<int> number = int_of(*value);
  if (!number) refuse_kind("config.no_whole_number", "a whole number", name, *value);
  return *number;
}

double Config::number(FieldNames names) const {
  const char* name = "";
  const nlohmann::json& value = need(names, &name);
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    refuse_kind("config.no_number", "a number", name, value);
  return value.get<double>();
}

double Config::number(FieldNames names, double otherwise) const {
  return has(names) ? number(names) : otherwise;
}

double Config::number(FieldNames names, Assumed<double> otherwise) const {
  if (!has(names)) assume(*names.begin(), shown(nlohmann::json(otherwise.value)));
  return number(names, otherwise.value);
}

double Config::epsilon(FieldNames names, Assumed<double> otherwise) const {
  const double value = number(names, otherwise);
  if (value > 0) return value;
  const char* name = *names.begin();
  const nlohmann::json* found = find(names, &name);
  refuse_kind("config.not_above_0", "a number above 0", name, found ? *found : nlohmann::json(value));
}

bool Config::flag(FieldNames names, Assumed<bool> otherwise) const {
  if (!has(names)) assume(*names.begin(), otherwise.value ? "true" : "false");
  return flag(names, otherwise.value);
}

bool Config::flag(FieldNames names, bool otherwise) const {
  const char* name = "";
  const nlohmann::json* value = find(names, &name);
  if (!value) return otherwise;
  if (!value->is_boolean()) refuse_kind("config.no_flag", "true or false", name, *value);
  return value->get<bool>();
}

std::string Config::text(FieldNames names) const {
  const char* name = "";
  const nlohmann::json& value = need(names, &name);
  if (!value.is_string()) refuse_kind("config.no_text", "a text", name, value);
  return value.get<std::string>();
}

std::string Config::text(FieldNames names, const std::string& otherwise) const {
  return has(names) ? text(names) : otherwise;
}

std::string Config::text(FieldNames names, Assumed<std::string> otherwise) const {
  if (!has(names)) assume(*names.begin(), otherwise.value);
  return text(names, otherwise.value);
}

void Config::assume(const std::string& field, const std::string& value) const {
  if (!json_.contains("attnlab")) (*assumed_)[field] = value;
}

std::vector<Wording> Config::assumptions() const {
  std::vector<Wording> sentences;
  for (const auto& [field, value] : *assumed_)
    sentences.push_back(worded("config.assumed", "{field} is not in {file}; {value} was assumed.",
                               {{"field", field}, {"file", label_}, {"value", value}}));
  return sentences;
}

int Config::token_id(FieldNames names, int otherwise) const {
  const char* name = "";
  const nlohmann::json* value = find(names, &name);
  if (!value) return otherwise;
  if (value->is_array()) {
    if (value->empty()) return otherwise;
    value = &value->front();
  }
  const std::optional<int> id = int_of(*value);
  if (!id) refuse_kind("config.no_token_id", "a token id", name, *value);
  return *id < 0 ? -1 : *id;
}

std::optional<Config> Config::object(FieldNames names) const {
  const char* name = "";
  const nlohmann::json* value = find(names, &name);
  if (!value) return std::nullopt;
  if (!value->is_object()) refuse_kind("config.no_object", "an object", name, *value);
  return Config(*value, label_ + " '" + name + "'");
}

std::vector<double> Config::numbers(FieldNames names) const {
  const char* name = "";
  const nlohmann::json& value = need(names, &name);
  std::vector<double> out;
  if (!value.is_array()) refuse_kind("config.no_list", "a list", name, value);
  for (const nlohmann::json& one : value) {
    if (!one.is_number() || !std::isfinite(one.get<double>()))
      refuse("has '" + std::string(name) + "' with " + shown(one) + " in it, expected numbers only.");
    out.push_back(one.get<double>());
  }
  return out;
}

std::vector<int> Config::integers(FieldNames names) const {
  std::vector<int> out;
  for (const double number : numbers(names)) {
    if (std::floor(number) != number || std::abs(number) > kMaxSize)
      refuse("has '" + std::string(*names.begin()) + "' with " + std::to_string(number) +
             " in it, expected whole numbers.");
    out.push_back(static_cast<int>(number));
  }
  return out;
}

std::vector<std::string> Config::texts(FieldNames names) const {
  const char* name = "";
  const nlohmann::json& value = need(names, &name);
  std::vector<std::string> out;
  if (!value.is_array()) refuse_kind("config.no_list", "a list", name, value);
  for (const nlohmann::json& one : value) {
    if (!one.is_string())
      refuse("has '" + std::string(name) + "' with " + shown(one) + " in it, expected texts.");
    out.push_back(one.get<std::string>());
  }
  return out;
}

}  // namespace attn

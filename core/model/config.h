#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/math/worded_error.h"

namespace attn {

// Names of one field in the dialects of different writers: {"n_embd", "hidden_size"}.
using FieldNames = std::initializer_list<const char*>;

// What Hugging Face's class takes where a config does not name the field. Such a field decides the result, so
// that taking it is written down: Config::assumptions().
template <class T>
struct Assumed {
  T value;
};
template <class T>
Assumed(T) -> Assumed<T>;

// config.json, asked field by field. A field that is null counts as absent. Each function without a default
// throws an Error that asks for the field when it is missing in every dialect; all throw when a field has the
// wrong type or an impossible value.
class Config {
 public:
  Config(nlohmann::json json, std::string label) : json_(std::move(json)), label_(std::move(label)) {}
  // Reads folder/config.json and refuses what no model here may be: a LoRA adapter, remote code, quantised
  // weights.
  static Config read(const std::filesystem::path& folder);

  // There, and null: where a class's own default is not null, null switches something off.
  bool is_null(const char* name) const;
  bool has(FieldNames names) const { return find(names) != nullptr; }
  // A size: 1 to 2^24. A count may be 0.
  int size(FieldNames names) const;
  int size(FieldNames names, int otherwise) const;
  int size(FieldNames names, Assumed<int> otherwise) const;
  int count(FieldNames names, int otherwise) const;
  std::optional<int> optional_size(FieldNames names) const;
  int integer(FieldNames names, int otherwise) const;
  double number(FieldNames names) const;
  double number(FieldNames names, double otherwise) const;
  double number(FieldNames names, Assumed<double> otherwise) const;
  // What a norm adds to the variance: above 0.
  double epsilon(FieldNames names, Assumed<double> otherwise) const;
  bool flag(FieldNames names, bool otherwise) const;
  bool flag(FieldNames names, Assumed<bool> otherwise) const;
  std::string text(FieldNames names) const;
  std::string text(FieldNames names, const std::string& otherwise) const;
  std::string text(FieldNames names, Assumed<std::string> otherwise) const;
  // A token id: a number, or the first of a list; -1 when absent.
  int token_id(FieldNames names, int otherwise = -1) const;
  // A field that is an object; nullopt when absent.
  std::optional<Config> object(FieldNames names) const;
  std::vector<double> numbers(FieldNames names) const;
  std::vector<int> integers(FieldNames names) const;
  std::vector<std::string> texts(FieldNames names) const;

  // Writes down that `value` was taken for a field that is not there. Nothing for our own models, whose
  // writer leaves out what is as it always is.
  void assume(const std::string& field, const std::string& value) const;
  // One sentence for each field that was assumed so far, by any copy of this config.
  std::vector<Wording> assumptions() const;

  const nlohmann::json& json() const { return json_; }
  const std::string& label() const { return label_; }  // "gpt2/config.json"
  // Throws a WordedError: the label before the sentence, which is {file} in the words of `key`.
  [[noreturn]] void refuse(std::string key, std::string_view english,
                           std::vector<std::pair<std::string, std::string>> values = {},
                           std::vector<NamedWording> sentences = {}) const;
  // For what few people meet: only its frame ("config.refused") is said in other languages.
  [[noreturn]] void refuse(const std::string& english) const;

 private:
  // The field has not the kind of value that was expected.
  [[noreturn]] void refuse_kind(const char* key, const char* expected, const char* name,
                                const nlohmann::json& value) const;
  const nlohmann::json* find(FieldNames names, const char** found = nullptr) const;
  const nlohmann::json& need(FieldNames names, const char** found) const;
  nlohmann::json json_;
  std::string label_;
  std::shared_ptr<std::map<std::string, std::string>> assumed_ =
      std::make_shared<std::map<std::string, std::string>>();
};

}  // namespace attn

#include "core/text/json_fields.h"

#include <algorithm>

#include "core/math/worded_error.h"

namespace attn {
namespace {

[[noreturn]] void wrong_kind(const std::string& place, const char* key, const char* expected,
                             const Json& found) {
  throw WordedError(framed("tokenizer.damaged",
                           place + "." + key + " is " + found.type_name() + ", expected " + expected + "."));
}

// How deep brackets are nested, strings left aside.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

Json parse_json_object(std::string_view text, const std::string& place) {
  constexpr int kDeepest = 100;
  if (depth_of(text) > kDeepest) {
    throw WordedError(worded("tokenizer.deep",
                             "{file} is nested more than 100 deep; no file of a tokenizer is.",
                             {{"file", place}}));
  }
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded())
    throw WordedError(worded("tokenizer.no_json", "{file} is not valid JSON; it may be damaged or cut off.",
                             {{"file", place}}));
  if (!json.is_object())
    throw WordedError(worded("tokenizer.no_object", "{file} holds {found}, expected an object.",
                             {{"file", place}, {"found", json.type_name()}}));
  return json;
}

const Json* find_field(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string string_field(const Json& object, const char* key, const std::string& fallback,
                         const std::string& place) {
  const Json* value = find_field(object, key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) wrong_kind(place, key, "a string", *value);
  return value->get<std::string>();
}

bool bool_field(const Json& object, const char* key, bool fallback, const std::string& place) {
  const Json* value = find_field(object, key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) wrong_kind(place, key, "true or false", *value);
  return value->get<bool>();
}

int to_int(const Json& value, const std::string& place) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 30;
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLargest)
                        : value.is_number_integer() && value.get<std::int64_t>() >= 0;
  if (!fits)
    throw WordedError(framed("tokenizer.damaged", place + " must be a whole number between 0 and 2^30."));
  return static_cast<int>(value.get<std::int64_t>());
}

int int_field(const Json& object, const char* key, int fallback, const std::string& place) {
  const Json* value = find_field(object, key);
  return value == nullptr ? fallback : to_int(*value, place + "." + key);
}

const Json& required_field(const Json& object, const char* key, const std::string& place) {
  const Json* value = find_field(object, key);
  if (value == nullptr)
    throw WordedError(
        worded("tokenizer.field_missing", "{field} is missing.", {{"field", place + "." + key}}));
  return *value;
}

}  // namespace attn

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace attn {

using Json = nlohmann::json;

// JSON whose fields are read with their kind checked; what does not fit throws Error naming `place` (a file
// and the way to the field).

// Throws for text that is no JSON object.
Json parse_json_object(std::string_view text, const std::string& place);

// nullptr where `object` has no such field or null in it.
const Json* find_field(const Json& object, const char* key);

std::string string_field(const Json& object, const char* key, const std::string& fallback,
                         const std::string& place);
bool bool_field(const Json& object, const char* key, bool fallback, const std::string& place);
// Throws below 0 and above 2^30 too.
int int_field(const Json& object, const char* key, int fallback, const std::string& place);
int to_int(const Json& value, const std::string& place);
const Json& required_field(const Json& object, const char* key, const std::string& place);

}  // namespace attn

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace attn {

// Text → JSON. `label` names the text in sentences ("gpt2/config.json"). Throws Error for what is no JSON,
// for a key that stands twice in one object, and for nesting deeper than 100.
nlohmann::json parse_json(std::string_view text, const std::string& label);

}  // namespace attn

#include "core/model/json_text.h"

#include <set>
#include <vector>

#include "core/math/worded_error.h"

namespace attn {

nlohmann::json parse_json(std::string_view text, const std::string& label) {
  constexpr int kMaxDepth = 100;
  // The keys of every object that is open, from the outermost in.
  std::vector<std::set<std::string>> open;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth)
      throw WordedError(worded("json.deep", "{file}: JSON nested deeper than {n} levels.",
                               {{"file", label}, {"n", std::to_string(kMaxDepth)}}));
    if (event == Event::object_start) open.emplace_back();
    if (event == Event::object_end && !open.empty()) open.pop_back();
    if (event == Event::key && !open.empty()) {
      const std::string& key = value.get_ref<const std::string&>();
      if (!open.back().insert(key).second)
        throw WordedError(worded("json.twice", "{file}: the key '{key}' stands twice in one object.",
                                 {{"file", label}, {"key", key.substr(0, 200)}}));
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    throw WordedError(worded("json.invalid", "{file} is not valid JSON: {detail}",
                             {{"file", label}, {"detail", std::string(error.what()).substr(0, 300)}}));
  }
}

}  // namespace attn

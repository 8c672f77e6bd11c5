#include "core/model/json_text.h"

#include <algorithm>
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
  } catch (const nlohmann::json::parse_error& error) {
    const std::string_view before =
        text.substr(0, std::min(text.size(), std::max<std::size_t>(error.byte, 1) - 1));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t begins = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    throw WordedError(
        worded("json.invalid",
               "{file} is not valid JSON: it breaks off or goes wrong at line {line}, character "
               "{column}; correct it there, or download the file again.",
               {{"file", label},
                {"line", std::to_string(line)},
                {"column", std::to_string(before.size() - begins + 1)}}));
  } catch (const nlohmann::json::exception&) {
    throw WordedError(worded("json.numbers", "{file} is not valid JSON: it has a number that is too large.",
                             {{"file", label}}));
  }
}

}  // namespace attn

#pragma once

#include <string>
#include <string_view>

namespace attn {

// A line of a recipe or grammar without the blanks around it.
inline std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

}  // namespace attn

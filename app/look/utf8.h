#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace attn::app {

// The code point at byte `at` of a UTF-8 text, and `at` moved behind it. A byte that is not UTF-8 reads as
// U+FFFD and moves by one.
char32_t next_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& text, char32_t code_point);

// "U+1F600"
std::string code_point_name(char32_t code_point);

}  // namespace attn::app

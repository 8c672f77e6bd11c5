#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace attn::app {

// A text cut into lines of at most `width`, by '\n'; a word or sign that is wider alone keeps a line to
// itself. Lines end after a blank, and between the signs of scripts that are written without blanks, where no
// line may begin with a closing sign or end with an opening one (GB/T 15834). width_of: of a piece without a
// line end.
std::string with_line_breaks(std::string_view text, float width,
                             const std::function<float(std::string_view)>& width_of);

// Whether a text has signs of such scripts.
bool has_wide_signs(std::string_view text);

}  // namespace attn::app

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attn::app {

// Texts as an ImGui with 16-bit characters can hold them without loss.
//
// Such an ImGui (every distribution's) turns code points above U+FFFF into U+FFFD as soon as a text field is
// opened, and drops typed private-use characters. Here each of them is represented by a private-use code
// point while it is inside ImGui, and by itself everywhere else. Where ImGui has 32-bit characters both
// directions return their argument.
class WideText {
 public:
  // True UTF-8 → what ImGui may see. Texts without such code points come back unchanged.
  std::string encode(std::string_view text);
  // What ImGui holds → true UTF-8.
  std::string decode(std::string_view text) const;
  // True when encode() would change the text; cheap.
  static bool needs_encoding(std::string_view text);

  // One code point, both ways. encode gives U+FFFD when all 6,400 private-use code points are taken.
  char32_t encode(char32_t code_point);
  char32_t decode(char32_t code_point) const;

 private:
  std::unordered_map<char32_t, char32_t> stand_in_;  // true code point → private-use one
  std::vector<char32_t> meant_;                      // private-use one - U+E000 → true code point
};

}  // namespace attn::app

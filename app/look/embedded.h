#pragma once

#include <string_view>
#include <vector>

namespace attn::app {

// A text file of assets/text or shaders, compiled into the program so that it runs from any folder.
struct EmbeddedFile {
  std::string_view name;  // "assets/text/en.json"
  std::string_view text;
};

// All of them. Written at build time by app/cmake/embed.cmake.
const std::vector<EmbeddedFile>& embedded_files();

// The text of one; throws std::logic_error for a name that was not embedded (a programmer's mistake).
std::string_view embedded_text(std::string_view name);

}  // namespace attn::app

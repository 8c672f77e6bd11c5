#include "app/look/embedded.h"

#include <stdexcept>
#include <string>

namespace attn::app {

std::string_view embedded_text(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files())
    if (file.name == name) return file.text;
  throw std::logic_error("not embedded: " + std::string(name));
}

}  // namespace attn::app

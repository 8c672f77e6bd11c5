// config.json: whatever the text, an Error or a ModelSpec.
#include <cstdint>

#include "core/math/error.h"
#include "core/model/families/family.h"
#include "core/model/json_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    nlohmann::json json = attn::parse_json({reinterpret_cast<const char*>(data), size}, "config.json");
    if (json.is_object()) attn::read_spec(attn::Config(std::move(json), "config.json"));
  } catch (const attn::Error&) {
  }
  return 0;
}

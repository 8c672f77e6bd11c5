// Files of pronouns with their answers, in all three formats: whatever the bytes, an Error or examples.
#include <cstdint>

#include "core/math/error.h"
#include "core/study/example_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto read : {attn::parse_example_file, attn::read_examples_jsonl, attn::read_examples_gap,
                          attn::read_examples_winograd}) {
    try {
      read(text, "fuzz");
    } catch (const attn::Error&) {
    }
  }
  return 0;
}

// A tokenizer.json of any bytes either is refused with an Error or cuts texts and joins them again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/math/error.h"
#include "core/text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokenizer = attn::load_tokenizer_from_json(json);
    for (const std::string_view text : {std::string_view("Hello, world! don't"),
                                        std::string_view("[MASK] 我爱 \xFF\xC3 é"), json.substr(0, 300)}) {
      const attn::Encoding encoding = tokenizer->encode_pair(text, "b");
      for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        if (encoding.begin[i] > encoding.end[i] || encoding.end[i] > text.size() + 1) __builtin_trap();
      }
      tokenizer->decode(encoding.ids);
    }
  } catch (const attn::Error&) {
  }
  return 0;
}

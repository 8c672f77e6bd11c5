// A SentencePiece model of any bytes either is refused with an Error or cuts a text without gaps.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/math/error.h"
#include "core/text/sentencepiece.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const attn::SentencePiece model(attn::read_sentencepiece_file(bytes, "input"), "input");
    for (const std::string_view text :
         {std::string_view("Hello  world, 我爱 ½ \xFF"), bytes.substr(0, 200)}) {
      const attn::AlignedText normalised = model.normalise(attn::AlignedText::from_utf8(text));
      std::vector<attn::PieceToken> tokens;
      model.encode(normalised.view(), tokens);
      std::size_t done = 0;
      for (const attn::PieceToken& token : tokens) {
        if (token.begin > done || token.end > normalised.size() || token.id >= model.size()) __builtin_trap();
        done = token.end;
      }
      if (done != normalised.size()) __builtin_trap();
    }
  } catch (const attn::Error&) {
  }
  return 0;
}

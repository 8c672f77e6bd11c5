#include "core/text/byte_level.h"

#include "core/text/unicode.h"

namespace attn {
namespace {

bool prints(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

// The byte of an alphabet's character: printing ones stand for themselves, the others follow from U+0100.
int byte_of(char32_t c) {
  if (c < 0x100) return prints(static_cast<int>(c)) ? static_cast<int>(c) : -1;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    if (!prints(byte) && static_cast<char32_t>(next++) == c) return byte;
  }
  return -1;
}

}  // namespace

ByteAlphabet::ByteAlphabet() {
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    character[static_cast<std::size_t>(byte)] =
        unicode::encode(prints(byte) ? static_cast<char32_t>(byte) : next++);
  }
}

std::string ByteAlphabet::bytes_of(std::string_view token) {
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const auto c = unicode::decode(token, at);
    const int byte = byte_of(c.value);
    if (byte < 0) return std::string(token);
    bytes += static_cast<char>(byte);
    at += c.length;
  }
  return bytes;
}

}  // namespace attn

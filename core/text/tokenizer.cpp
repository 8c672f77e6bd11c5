#include "core/text/tokenizer.h"

#include "core/text/byte_level.h"
#include "core/text/decoders.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = unicode::decode(text, at);
    if (!c.valid) return false;
    at += c.length;
  }
  return true;
}

}  // namespace

Encoding Tokenizer::encode_target(std::string_view text, const EncodeOptions& options) const {
  return encode(text, options);
}

std::string readable_token(std::string_view token) {
  constexpr std::string_view kUnderline = "▁", kContinues = "##", kEndOfWord = "</w>";
  if (token.size() > kContinues.size() && token.substr(0, 2) == kContinues)
    return std::string(token.substr(2));
  if (token.size() > kUnderline.size() && token.substr(0, kUnderline.size()) == kUnderline) {
    return std::string(token.substr(kUnderline.size()));
  }
  if (token.size() > kEndOfWord.size() && token.substr(token.size() - kEndOfWord.size()) == kEndOfWord) {
    return std::string(token.substr(0, token.size() - kEndOfWord.size()));
  }
  const int byte = byte_of_token(token);
  if (byte >= 0x20 && byte < 0x7F) return std::string(1, static_cast<char>(byte));
  std::string bytes = ByteAlphabet::bytes_of(token);
  if (!is_utf8(bytes)) return std::string(token);
  if (bytes.size() > 1 && bytes[0] == ' ') bytes.erase(0, 1);
  return bytes;
}

}  // namespace attn

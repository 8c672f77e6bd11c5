#include "core/text/tokenizer.h"

#include <algorithm>

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

namespace {

constexpr std::string_view kUnderline = "▁", kContinues = "##", kEndOfWord = "</w>";
constexpr std::size_t kMostPiecesOfACharacter = 4;

// The bytes that a token spells, without the marks of beginnings and continuations; half a character is
// possible.
std::string bytes_of_piece(std::string_view token) {
  if (token.size() > kContinues.size() && token.starts_with(kContinues))
    return std::string(token.substr(kContinues.size()));
  if (token.size() > kUnderline.size() && token.starts_with(kUnderline))
    return std::string(token.substr(kUnderline.size()));
  if (token.size() > kEndOfWord.size() && token.ends_with(kEndOfWord))
    return std::string(token.substr(0, token.size() - kEndOfWord.size()));
  if (const int byte = byte_of_token(token); byte >= 0) return std::string(1, static_cast<char>(byte));
  return ByteAlphabet::bytes_of(token);
}

// How many tokens from `first` on spell whole characters together, and what; 0: none do.
std::size_t pieces_of_characters(std::span<const std::string> tokens, std::size_t first,
                                 std::string& spelled) {
  spelled = bytes_of_piece(tokens[first]);
  std::size_t n = 1;
  while (!is_utf8(spelled)) {
    if (first + n == tokens.size() || n > 2 * kMostPiecesOfACharacter) return 0;
    spelled += bytes_of_piece(tokens[first + n++]);
  }
  return n;
}

// The characters that bytes [begin, end) of `text` touch; one that other pieces touch too gets the number of
// this one.
std::string characters_of_piece(std::string_view text, const std::vector<std::size_t>& ends,
                                std::size_t piece) {
  const std::size_t begin = piece == 0 ? 0 : ends[piece - 1], end = ends[piece];
  std::string name;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = at + unicode::decode(text, at).length;
    if (next > begin && at < end) {
      name += text.substr(at, next - at);
      if (at < begin || next > end) {
        const auto first = std::upper_bound(ends.begin(), ends.end(), at) - ends.begin();
        name += "·" + std::to_string(piece - static_cast<std::size_t>(first) + 1);
      }
    }
    at = next;
  }
  return name;
}

std::string without_first_space(std::string text) {
  if (text.size() > 1 && text[0] == ' ') text.erase(0, 1);
  return text;
}

std::string with_blanks_shown(std::string text) {
  if (text.find_first_not_of(" \t\r\n") != std::string::npos) return text;
  std::string shown;
  for (const char c : text) shown += c == ' ' ? "␣" : c == '\t' ? "⇥" : "⏎";
  return shown;
}

}  // namespace

std::string readable_token(std::string_view token) {
  const int byte = byte_of_token(token);
  const std::string bytes = bytes_of_piece(token);
  if (byte >= 0 && (byte < 0x20 || byte >= 0x7F)) return std::string(token);
  return is_utf8(bytes) ? without_first_space(bytes) : std::string(token);
}

std::vector<std::string> readable_tokens(std::span<const std::string> tokens) {
  std::vector<std::string> names;
  std::string spelled;
  for (std::size_t t = 0; t < tokens.size();) {
    const std::size_t n = pieces_of_characters(tokens, t, spelled);
    if (n <= 1) {
      names.push_back(with_blanks_shown(readable_token(tokens[t++])));
      continue;
    }
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < n; ++i)
      ends.push_back((i == 0 ? 0 : ends.back()) + bytes_of_piece(tokens[t + i]).size());
    for (std::size_t i = 0; i < n; ++i)
      names.push_back(without_first_space(characters_of_piece(spelled, ends, i)));
    t += n;
  }
  return names;
}

std::string readable_token(std::span<const std::string> tokens, std::size_t at) {
  const auto goes_on = [&](std::size_t t) {  // with a character that an earlier token began
    const std::string bytes = bytes_of_piece(tokens[t]);
    return !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0xC0) == 0x80;
  };
  std::size_t begin = at;
  while (begin > 0 && goes_on(begin)) --begin;
  const std::size_t end = std::min(tokens.size(), at + 2 * kMostPiecesOfACharacter + 1);
  return readable_tokens(tokens.subspan(begin, end - begin))[at - begin];
}

std::string readable_word(std::span<const std::string> tokens) {
  std::string word, spelled;
  for (std::size_t t = 0; t < tokens.size();) {
    const std::size_t n = pieces_of_characters(tokens, t, spelled);
    word += n <= 1 ? readable_token(tokens[t]) : without_first_space(spelled);
    t += std::max<std::size_t>(1, n);
  }
  return word;
}

}  // namespace attn

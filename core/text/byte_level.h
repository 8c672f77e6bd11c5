#pragma once

#include <array>
#include <string>
#include <string_view>

namespace attn {

// GPT-2's alphabet: every byte has a printable character, 'Ġ' for the blank (Radford et al. 2019).
struct ByteAlphabet {
  ByteAlphabet();
  std::array<std::string, 256> character;  // UTF-8

  // The bytes that `token` spells, or the token itself, as far as it has characters outside the alphabet.
  static std::string bytes_of(std::string_view token);
};

}  // namespace attn

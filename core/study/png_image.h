#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace attn {

// A picture in memory, four bytes a pixel: red, green, blue, alpha (255: opaque; not premultiplied).
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

// The bytes of a PNG file. Throws Error when libpng cannot make it.
std::string encode_png(const Image& image);

}  // namespace attn

#include "core/study/png_image.h"

#include <png.h>

#include "core/math/error.h"

namespace attn {

std::string encode_png(const Image& image) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_RGBA;

  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string bytes(size, '\0');
  if (!png_image_write_to_memory(&png, bytes.data(), &size, 0, image.rgba.data(), 0, nullptr)) {
    const std::string reason = png.message;
    png_image_free(&png);
    throw Error("The picture of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                " pixels could not be written as PNG: " + reason + ".");
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace attn

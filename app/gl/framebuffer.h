#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/gl/texture.h"

namespace attn::gl {

// RGBA pixels, row by row from the top.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

// A picture in memory that can be drawn into and read back; does not depend on the window being visible.
class Framebuffer {
 public:
  Framebuffer(int width, int height);  // throws Error when the driver cannot
  ~Framebuffer();
  Framebuffer(Framebuffer&&) noexcept = default;
  Framebuffer& operator=(Framebuffer&&) noexcept = default;

  void bind() const;          // draws go here, viewport set
  static void bind_window();  // draws go to the window again
  Image read() const;         // opaque: alpha is 255

 private:
  Name framebuffer_, colour_;
  int width_ = 0, height_ = 0;
};

// Writes a PNG file; throws Error when it cannot.
void write_png(const Image& image, const std::string& path);

}  // namespace attn::gl

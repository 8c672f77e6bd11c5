#include "app/gl/framebuffer.h"

#include <epoxy/gl.h>
#include <png.h>

#include <algorithm>

#include "core/math/error.h"

namespace attn::gl {

Framebuffer::Framebuffer(int width, int height) : width_(width), height_(height) {
  GLuint colour = 0, framebuffer = 0;
  glGenRenderbuffers(1, &colour);
  colour_ = Name(colour);
  glBindRenderbuffer(GL_RENDERBUFFER, colour);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glGenFramebuffers(1, &framebuffer);
  framebuffer_ = Name(framebuffer);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, colour);
  const bool complete = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
  bind_window();
  if (!complete)
    throw Error("The graphics driver cannot make a picture of this size; make the window smaller.");
}

Framebuffer::~Framebuffer() {
  const GLuint framebuffer = framebuffer_.get(), colour = colour_.get();
  if (framebuffer) glDeleteFramebuffers(1, &framebuffer);
  if (colour) glDeleteRenderbuffers(1, &colour);
}

void Framebuffer::bind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.get());
  glViewport(0, 0, width_, height_);
}

void Framebuffer::bind_window() {
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

Image Framebuffer::read() const {
  const std::size_t row_bytes = static_cast<std::size_t>(width_) * 4;
  std::vector<std::uint8_t> upward(row_bytes * static_cast<std::size_t>(height_));
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.get());
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RGBA, GL_UNSIGNED_BYTE, upward.data());
  bind_window();
  Image image{width_, height_, std::vector<std::uint8_t>(upward.size())};
  for (int y = 0; y < height_; ++y)
    std::copy_n(upward.data() + static_cast<std::size_t>(height_ - 1 - y) * row_bytes, row_bytes,
                image.rgba.data() + static_cast<std::size_t>(y) * row_bytes);
  for (std::size_t i = 3; i < image.rgba.size(); i += 4) image.rgba[i] = 255;
  return image;
}

void write_png(const Image& image, const std::string& path) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_RGBA;
  if (!png_image_write_to_file(&png, path.c_str(), 0, image.rgba.data(), 0, nullptr))
    throw Error("Cannot write the picture '" + path + "': " + png.message + ".");
}

}  // namespace attn::gl

#include "app/gl/picture_texture.h"

#include <epoxy/gl.h>

namespace attn::gl {

PictureTexture::PictureTexture(int width, int height, const std::uint8_t* rgb, bool smooth) {
  GLuint name = 0;
  glGenTextures(1, &name);
  name_ = Name(name);
  glBindTexture(GL_TEXTURE_2D, name);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, smooth ? GL_LINEAR : GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, width, height, 0, GL_RGB, GL_UNSIGNED_BYTE, rgb);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
}

PictureTexture::~PictureTexture() {
  const GLuint name = name_.get();
  if (name) glDeleteTextures(1, &name);
}

}  // namespace attn::gl

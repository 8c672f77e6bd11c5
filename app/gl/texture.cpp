#include "app/gl/texture.h"

#include <epoxy/gl.h>

#include <algorithm>

namespace attn::gl {

FloatStack::FloatStack(int rows, int columns, int layers, int levels)
    : rows_(rows), columns_(columns), layers_(layers), levels_(levels) {
  GLuint name = 0;
  glGenTextures(1, &name);
  name_ = Name(name);
  glBindTexture(GL_TEXTURE_2D_ARRAY, name);
  glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_NEAREST_MIPMAP_NEAREST);
  glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAX_LEVEL, levels - 1);
  for (int level = 0; level < levels; ++level)
    glTexImage3D(GL_TEXTURE_2D_ARRAY, level, GL_R32F, std::max(1, columns >> level),
                 std::max(1, rows >> level), layers, 0, GL_RED, GL_FLOAT, nullptr);
}

FloatStack::~FloatStack() {
  const GLuint name = name_.get();
  if (name) glDeleteTextures(1, &name);
}

void FloatStack::upload(int layer, int level, const float* values) {
  glBindTexture(GL_TEXTURE_2D_ARRAY, name_.get());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glTexSubImage3D(GL_TEXTURE_2D_ARRAY, level, 0, 0, layer, std::max(1, columns_ >> level),
                  std::max(1, rows_ >> level), 1, GL_RED, GL_FLOAT, values);
}

}  // namespace attn::gl

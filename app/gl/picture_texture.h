#pragma once

#include <cstdint>

#include "app/gl/texture.h"

namespace attn::gl {

// A picture of 8-bit colours (RGB8, GL_TEXTURE_2D) that draw lists can show (ImTextureID: its name).
class PictureTexture {
 public:
  PictureTexture() = default;
  // rgb: [height, width, 3]. Sizes ≥ 1. smooth: colours are mixed where it is drawn larger.
  PictureTexture(int width, int height, const std::uint8_t* rgb, bool smooth);
  ~PictureTexture();
  PictureTexture(PictureTexture&&) noexcept = default;
  PictureTexture& operator=(PictureTexture&&) noexcept = default;

  explicit operator bool() const { return static_cast<bool>(name_); }
  unsigned name() const { return name_.get(); }

 private:
  Name name_;
};

}  // namespace attn::gl

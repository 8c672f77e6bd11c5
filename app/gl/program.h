#pragma once

#include <string_view>

#include "app/gl/texture.h"

namespace attn::gl {

// A linked pair of shaders. The typed classes of each pair hold one.
class Program {
 public:
  Program() = default;
  // Compiles and links; throws Error with the driver's own words when it refuses.
  Program(std::string_view name, std::string_view vertex_text, std::string_view fragment_text);
  ~Program();
  Program(Program&&) noexcept = default;
  Program& operator=(Program&&) noexcept = default;

  unsigned name() const { return name_.get(); }
  int uniform(const char* uniform_name) const;  // -1: not used by the shaders

 private:
  Name name_;
};

}  // namespace attn::gl

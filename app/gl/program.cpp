#include "app/gl/program.h"

#include <epoxy/gl.h>

#include <array>
#include <string>

#include "core/math/error.h"

namespace attn::gl {
namespace {

GLuint compile(GLenum kind, std::string_view name, std::string_view text) {
  const GLuint shader = glCreateShader(kind);
  const char* data = text.data();
  const auto length = static_cast<GLint>(text.size());
  glShaderSource(shader, 1, &data, &length);
  glCompileShader(shader);
  GLint compiled = GL_FALSE;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
  if (compiled) return shader;
  std::array<char, 1024> log{};
  glGetShaderInfoLog(shader, static_cast<GLsizei>(log.size()), nullptr, log.data());
  glDeleteShader(shader);
  throw Error("The graphics driver refuses the shader '" + std::string(name) + "': " + log.data());
}

}  // namespace

Program::Program(std::string_view name, std::string_view vertex_text, std::string_view fragment_text) {
  const GLuint vertex = compile(GL_VERTEX_SHADER, name, vertex_text);
  GLuint fragment = 0;
  try {
    fragment = compile(GL_FRAGMENT_SHADER, name, fragment_text);
  } catch (...) {
    glDeleteShader(vertex);
    throw;
  }
  name_ = Name(glCreateProgram());
  glAttachShader(name_.get(), vertex);
  glAttachShader(name_.get(), fragment);
  glLinkProgram(name_.get());
  glDeleteShader(vertex);
  glDeleteShader(fragment);
  GLint linked = GL_FALSE;
  glGetProgramiv(name_.get(), GL_LINK_STATUS, &linked);
  if (linked) return;
  std::array<char, 1024> log{};
  glGetProgramInfoLog(name_.get(), static_cast<GLsizei>(log.size()), nullptr, log.data());
  glDeleteProgram(name_.get());
  throw Error("The graphics driver cannot link the shader '" + std::string(name) + "': " + log.data());
}

Program::~Program() {
  if (name_) glDeleteProgram(name_.get());
}

int Program::uniform(const char* uniform_name) const {
  return glGetUniformLocation(name_.get(), uniform_name);
}

}  // namespace attn::gl

#include "app/gl/heatmap_program.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>

#include "app/look/embedded.h"

namespace attn::gl {

float HeatmapLook::position(float value) const {
  const auto place = [&](float v, float from, float to) {
    if (scale == app::ValueScale::logarithmic) {
      const float first = std::max(from, to * 1e-4f);
      return std::clamp(std::log(std::max(v, first) / first) / std::log(to / first), 0.0f, 1.0f);
    }
    const float t = std::clamp((v - from) / (to - from), 0.0f, 1.0f);
    return scale == app::ValueScale::square_root ? std::sqrt(t) : t;
  };
  if (!is_signed) return place(value, low, high);
  const float size = place(std::abs(value), 0.0f, high);
  return 0.5f + (value < 0 ? -0.5f : 0.5f) * size;
}

HeatmapProgram::HeatmapProgram()
    : program_("heatmap", app::embedded_text("shaders/heatmap.vert"),
               app::embedded_text("shaders/heatmap.frag")) {
  find_uniforms();
}

void HeatmapProgram::find_uniforms() {
  projection_ = program_.uniform("u_projection");
  values_ = program_.uniform("u_values");
  colours_ = program_.uniform("u_colours");
  range_ = program_.uniform("u_range");
  scale_ = program_.uniform("u_scale");
  signed_ = program_.uniform("u_signed");
  gap_from_ = program_.uniform("u_gap_from_px");
  gap_ = program_.uniform("u_gap_px");
  gap_colour_ = program_.uniform("u_gap_colour");
  hatch_ = program_.uniform("u_hatch");
  hatch_ground_ = program_.uniform("u_hatch_ground");
  stripe_ = program_.uniform("u_stripe_px");
}

void HeatmapProgram::use_like(unsigned other) {
  if (linked_like_ != other) {
    for (const char* attribute : {"Position", "UV", "Color"}) {
      const GLint location = glGetAttribLocation(other, attribute);
      if (location >= 0) glBindAttribLocation(program_.name(), static_cast<GLuint>(location), attribute);
    }
    glLinkProgram(program_.name());
    find_uniforms();
    other_projection_ = glGetUniformLocation(other, "ProjMtx");
    linked_like_ = other;
  }
  std::array<float, 16> projection{};
  glGetUniformfv(other, other_projection_, projection.data());
  glUseProgram(program_.name());
  glUniformMatrix4fv(projection_, 1, GL_FALSE, projection.data());
}

void HeatmapProgram::set(const HeatmapLook& look) {
  std::array<float, 33 * 3> colours{};
  for (int i = 0; i < 33; ++i) {
    const auto colour = color_at(look.map, static_cast<float>(i) / 32.0f);
    std::copy(colour.begin(), colour.end(), colours.begin() + 3 * i);
  }
  glUniform3fv(colours_, 33, colours.data());
  glUniform2f(range_, look.low, look.high);
  glUniform1i(scale_, look.scale == app::ValueScale::square_root   ? 1
                      : look.scale == app::ValueScale::logarithmic ? 2
                                                                   : 0);
  glUniform1i(signed_, look.is_signed ? 1 : 0);
  glUniform1f(gap_from_, 8.0f * look.pixel_scale);
  glUniform1f(gap_, std::max(1.0f, std::floor(look.pixel_scale)));
  glUniform4fv(gap_colour_, 1, look.gap.data());
  glUniform3fv(hatch_, 1, look.hatch.data());
  glUniform3fv(hatch_ground_, 1, look.hatch_ground.data());
  glUniform1f(stripe_, std::round(6.0f * look.pixel_scale));
}

void HeatmapProgram::set_values_unit(int texture_unit) {
  glUniform1i(values_, texture_unit);
}

}  // namespace attn::gl

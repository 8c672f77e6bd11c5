#include "app/gl/heatmap_renderer.h"

#include <epoxy/gl.h>

namespace attn::gl {

void HeatmapRenderer::draw(ImDrawList& list, const HeatmapStack& stack, const HeatmapLook& look,
                           std::span<const HeatmapQuad> quads) {
  if (stack.empty() || quads.empty()) return;
  jobs_.push_back({this, stack.texture(), look});
  list.AddCallback(&HeatmapRenderer::start, &jobs_.back());
  const auto rows = static_cast<float>(stack.rows()), columns = static_cast<float>(stack.columns());
  list.PrimReserve(static_cast<int>(quads.size()) * 6, static_cast<int>(quads.size()) * 4);
  for (const HeatmapQuad& quad : quads) {
    const float end_row = quad.end_row < 0 ? rows : quad.end_row;
    const float end_column = quad.end_column < 0 ? columns : quad.end_column;
    const ImU32 packed = IM_COL32(quad.layer & 255, (quad.layer >> 8) & 255, 0,
                                  static_cast<int>(quad.opacity * 255.0f + 0.5f));
    list.PrimRectUV(quad.upper_left, quad.lower_right,
                    ImVec2(quad.first_column / columns, quad.first_row / rows),
                    ImVec2(end_column / columns, end_row / rows), packed);
  }
  list.AddCallback(ImDrawCallback_ResetRenderState, nullptr);
}

// Called by ImGui's renderer, whose program is current, in the middle of its commands.
void HeatmapRenderer::start(const ImDrawList*, const ImDrawCmd* command) {
  const Job& job = *static_cast<const Job*>(command->UserCallbackData);
  GLint current = 0;
  glGetIntegerv(GL_CURRENT_PROGRAM, &current);
  HeatmapProgram& program = job.renderer->program_;
  program.use_like(static_cast<unsigned>(current));
  program.set(job.look);
  program.set_values_unit(1);
  glActiveTexture(GL_TEXTURE1);
  glBindTexture(GL_TEXTURE_2D_ARRAY, job.texture);
  glActiveTexture(GL_TEXTURE0);
}

}  // namespace attn::gl

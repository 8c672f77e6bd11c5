#version 330 core
// Heat maps inside ImGui's draw list: its vertices, its matrix.

uniform mat4 u_projection;  // pixels → clip space; ImGui's own

in vec2 Position;  // pixels
in vec2 UV;        // place in the matrix, 0 … 1: x along the keys, y along the queries
in vec4 Color;     // r + 256 g: picture of the stack (in 255ths); a: opacity

out vec2 v_place;
flat out int v_layer;
flat out float v_opacity;

void main() {
  v_place = UV;
  v_layer = int(round(Color.r * 255.0)) + 256 * int(round(Color.g * 255.0));
  v_opacity = Color.a;
  gl_Position = u_projection * vec4(Position, 0.0, 1.0);
}

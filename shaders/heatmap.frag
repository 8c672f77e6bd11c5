#version 330 core
// One heat map: value → position on the scale → colour; masked cells hatched; gaps between large cells.

uniform sampler2DArray u_values;  // attention weights, scores or differences; NaN: masked. Levels are max-pooled
uniform vec3 u_colours[33];       // the colour map at t = 0, 1/32, … 1; sRGB
uniform vec2 u_range;             // values drawn at the two ends; low < high
uniform int u_scale;              // 0 linear, 1 square root, 2 logarithmic
uniform int u_signed;             // 1: zero is the middle of the map, u_range.y its two ends
uniform float u_gap_from_px;      // cells at least this wide and high have a gap; > 0
uniform float u_gap_px;           // its width; ≥ 0
uniform vec4 u_gap_colour;        // straight alpha
uniform vec3 u_hatch;             // stripes of a masked cell
uniform vec3 u_hatch_ground;      // between the stripes
uniform float u_stripe_px;        // from stripe to stripe; > 0

in vec2 v_place;
flat in int v_layer;
flat in float v_opacity;
out vec4 out_colour;

// Where a value stands between the ends of the range, 0 … 1. HeatmapLook::position is the same in C++.
float position(float value, float low, float high) {
  if (u_scale == 2) {
    float first = max(low, high * 1e-4);
    return clamp(log(max(value, first) / first) / log(high / first), 0.0, 1.0);
  }
  float t = clamp((value - low) / (high - low), 0.0, 1.0);
  return u_scale == 1 ? sqrt(t) : t;
}

vec3 colour_at(float t) {
  float at = clamp(t, 0.0, 1.0) * 32.0;
  int left = min(int(at), 31);
  return mix(u_colours[left], u_colours[left + 1], at - float(left));
}

void main() {
  vec2 cells = v_place * vec2(textureSize(u_values, 0).xy);
  vec2 cells_per_px = max(fwidth(cells), vec2(1e-6));
  // The level at which no cell is smaller than a pixel, so that no maximum is skipped.
  float level = max(0.0, ceil(log2(max(cells_per_px.x, cells_per_px.y)) - 0.02));
  float value = textureLod(u_values, vec3(v_place, float(v_layer)), level).r;

  vec2 cell_px = 1.0 / cells_per_px;
  vec2 to_edge_px = (1.0 - fract(cells)) * cell_px;
  bool gap = min(cell_px.x, cell_px.y) >= u_gap_from_px - 0.01 && min(to_edge_px.x, to_edge_px.y) < u_gap_px;

  vec3 colour;
  if (isnan(value)) {
    float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, u_stripe_px);
    colour = stripe < 0.3 * u_stripe_px ? u_hatch : u_hatch_ground;
  } else if (u_signed == 1) {
    float size = position(abs(value), 0.0, u_range.y);
    colour = colour_at(0.5 + 0.5 * sign(value) * size);
  } else {
    colour = colour_at(position(value, u_range.x, u_range.y));
  }
  if (gap) colour = mix(colour, u_gap_colour.rgb, u_gap_colour.a);
  out_colour = vec4(colour, v_opacity);
}

#include "app/views/view_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/look/wording.h"
#include "core/model/load_model.h"

namespace attn::app {

namespace {

std::array<float, 4> as_floats(Colour colour) {
  const ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour);
  return {c.x, c.y, c.z, c.w};
}

gl::HeatmapLook look_of(const Ui& ui) {
  gl::HeatmapLook look;
  look.gap = as_floats(ui.theme.cell_gap);
  const auto hatch = as_floats(ui.theme.hatch), ground = as_floats(ui.theme.hatch_ground);
  look.hatch = {hatch[0], hatch[1], hatch[2]};
  look.hatch_ground = {ground[0], ground[1], ground[2]};
  look.pixel_scale = ui.scale;
  return look;
}

}  // namespace

bool has_head(const Trace& trace, const HeadId& head) {
  return head.layer >= 0 && head.layer < trace.n_layers(head.stack) && head.head >= 0 &&
         head.head < trace.n_heads(head.stack);
}

std::optional<HeadId> head_on_screen(const Frame& frame, const HeadId& selected) {
  if (!frame.a || !frame.a->trace) return std::nullopt;
  const Trace& trace = *frame.a->trace;
  for (const Stack stack : {selected.stack, Stack::encoder, Stack::decoder}) {
    const int n_layers = trace.n_layers(stack), n_heads = trace.n_heads(stack);
    if (n_layers > 0 && n_heads > 0)
      return HeadId{stack, std::clamp(selected.layer, 0, n_layers - 1),
                    std::clamp(selected.head, 0, n_heads - 1)};
  }
  return std::nullopt;
}

bool several_stacks(const Trace& trace) {
  return trace.n_layers(Stack::encoder) > 0 && trace.n_layers(Stack::decoder) > 0;
}

std::string head_name(const Trace& trace, const HeadId& head, const ViewState& view) {
  const int from = view.count_heads_from_one ? 1 : 0;
  return to_text(HeadId{head.stack, head.layer + from, head.head + from}, several_stacks(trace));
}

std::string fixed(double value, int digits) {
  if (std::isnan(value)) return "–";
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string weight_text(double weight) {
  return fixed(weight, 2);
}

std::string cell_text(float weight) {
  if (std::isnan(weight)) return {};
  const std::string text = fixed(static_cast<double>(weight), 2);
  if (text.starts_with("0")) return text.substr(1);
  return fixed(static_cast<double>(weight), weight < 9.95f ? 1 : 0);
}

std::string difference_text(float weight) {
  return (weight < 0 ? "−" : "+") + cell_text(std::abs(weight));
}

void light_up(Ui& ui, const ViewState& view, Intents& intents, std::optional<HeadId> head, int query,
              int key) {
  intents.look([head, query, key](ViewState& v) {
    if (head) v.hover.head = head;
    if (query >= 0) v.hover.query = query;
    if (key >= 0) v.hover.key = key;
  });
  const bool news = (head && view.hover.head != head) || (query >= 0 && view.hover.query != query) ||
                    (key >= 0 && view.hover.key != key);
  if (news) ui.want_frames(2);
}

void light_up_tokens(Ui& ui, const ViewState& view, Intents& intents, int query, int key) {
  light_up(ui, view, intents, std::nullopt, query, key);
}

void add_sentence(std::string& text, std::string_view sentence) {
  if (!text.empty() && !text.ends_with("。")) text += ' ';
  text += sentence;
}

void close_up(Ui& ui) {
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() - ui.px(metric::kGap / 2));
}

int place_of_token(const std::vector<int>& of_token, int token) {
  const bool there = token >= 0 && token < static_cast<int>(of_token.size());
  return there ? of_token[static_cast<std::size_t>(token)] : -1;
}

int strongest_column(const ShownMatrix& matrix, int row, bool of_differences) {
  int best = -1;
  float most = 0;
  for (int c = 0; row >= 0 && c < matrix.n_columns(); ++c)
    if (const float w = matrix.values(row, c), size = of_differences ? std::abs(w) : w; size > most) {
      most = size;
      best = c;
    }
  return best;
}

void choose_head(Intents& intents, const HeadId& head) {
  intents.edit([head](Study& s) {
    if (s.selection.head.stack != head.stack) {
      s.selection.query = -1;
      s.selection.key.reset();
    }
    s.selection.head = head;
  });
}

void choose_query(Intents& intents, int query, std::optional<int> key) {
  intents.edit([query, key](Study& s) {
    s.selection.query = query;
    s.selection.key = key;
  });
}

gl::HeatmapLook weights_look(const Ui& ui, const ViewState& view) {
  gl::HeatmapLook look = look_of(ui);
  look.map = view.color_map;
  look.scale = view.map.scale;
  look.low = std::clamp(view.map.range_low, 0.0f, 0.999f);
  look.high = std::clamp(view.map.range_high, look.low + 0.001f, 1.0f);
  return look;
}

gl::HeatmapLook difference_look(const Ui& ui, float largest) {
  gl::HeatmapLook look = look_of(ui);
  look.map = signed_map(ui.theme.name != ThemeName::light);
  look.is_signed = true;
  look.low = 0;
  look.high = std::max(0.01f, largest);
  return look;
}

Colour colour_of(const gl::HeatmapLook& look, float value) {
  const std::array<float, 3> c = look.colour(value);
  return ImGui::ColorConvertFloat4ToU32(ImVec4(c[0], c[1], c[2], 1));
}

void draw_hatch(Ui& ui, ImDrawList& list, const Rect& rect) {
  const float pitch = ui.px(7);
  list.PushClipRect(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1), true);
  list.AddRectFilled(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1), ui.theme.hatch_ground);
  const float first = std::floor((rect.x0 - rect.y1) / pitch) * pitch;
  for (float x = first; x < rect.x1 - rect.y0; x += pitch)
    list.AddLine(ImVec2(x + rect.y0, rect.y0), ImVec2(x + rect.y1, rect.y1), ui.theme.hatch, ui.px(1));
  list.PopClipRect();
}

void draw_signed_scale(Ui& ui, const Rect& rect, float largest) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const gl::HeatmapLook look = difference_look(ui, largest);
  const std::string size = fixed(static_cast<double>(look.high), 2);
  const float number = text_size(ui, TextRole::note, "−" + size).x + ui.px(6);
  const float high = ui.px(10), top = rect.y0 + std::floor((rect.height() - high) / 2);
  const float x0 = rect.x0 + number, x1 = x0 + ui.px(90);
  draw_text_in(ui, list, TextRole::note, {rect.x0, rect.y0, x0, rect.y1}, ui.theme.dim, "−" + size);
  draw_shades(list, {x0, top, x1, top + high},
              [&](float at) { return colour_of(look, look.high * (2 * at - 1)); });
  list.AddRect(ImVec2(x0, top), ImVec2(x1, top + high), ui.theme.line);
  draw_text_in(ui, list, TextRole::note, {x1 + ui.px(6), rect.y0, x1 + ui.px(6) + number, rect.y1},
               ui.theme.dim, "+" + size);
}

void draw_shades(ImDrawList& list, const Rect& rect, const std::function<Colour(float at)>& colour) {
  constexpr int kShades = 33;  // odd: one in the middle
  for (int i = 0; i < kShades; ++i) {
    const auto x = [&](int shade) { return rect.x0 + rect.width() * static_cast<float>(shade) / kShades; };
    list.AddRectFilled(ImVec2(x(i), rect.y0), ImVec2(x(i + 1), rect.y1),
                       colour((static_cast<float>(i) + 0.5f) / kShades));
  }
}

void draw_nothing_yet(Ui& ui, const Rect& rect, const Frame& frame, std::string_view title,
                      std::string_view what_to_do) {
  if (frame.problem.empty()) return empty_state(ui, rect, ui.words(title), ui.words(what_to_do));
  empty_state(ui, rect, ui.words("map.not_yet"), in_words(ui.words, frame.problem));
}

void draw_missing_weights(Ui& ui, const Rect& rect, const Frame& frame, std::optional<HeadId> head,
                          const std::string& problem, Intents& intents) {
  if (!problem.empty()) return empty_state(ui, rect, ui.words("map.cannot"), problem);
  if ((!frame.a || !frame.a->trace) && frame.loading) {
    const std::string& model = frame.loading->model;
    return empty_state(ui, rect,
                       ui.words("map.reading", {{"model", model.substr(model.find_last_of('/') + 1)}}),
                       ui.words("map.reading_hint", {{"done", bytes_text(frame.loading->bytes_done)},
                                                     {"total", bytes_text(frame.loading->bytes_total)}}));
  }
  if (!frame.a || !frame.a->trace) return draw_nothing_yet(ui, rect, frame, "map.empty", "map.empty_hint");
  if (!head) return empty_state(ui, rect, ui.words("map.no_attention"), ui.words("map.no_attention_hint"));
  if (frame.a->trace->complete) intents.want_weights(*head);
  empty_state(ui, rect, ui.words("map.computing"), ui.words("map.computing_hint"));
}

}  // namespace attn::app

#include <algorithm>
#include <cmath>
#include <numbers>

#include "app/look/utf8.h"
#include "app/widgets/feel.h"
#include "app/widgets/line_breaks.h"

namespace attn::app {
namespace {

// A text as ImGui may see it; copies only what needs it.
class Encoded {
 public:
  Encoded(Ui& ui, TextRole role, std::string_view text) : view_(text.data() ? text : std::string_view("")) {
    if (WideText::needs_encoding(text)) {
      copy_ = ui.fonts.wide.encode(text);
      view_ = copy_;
    }
    ui.fonts.want(role, view_);
  }
  const char* begin() const { return view_.data(); }
  const char* end() const { return view_.data() + view_.size(); }

 private:
  std::string copy_;
  std::string_view view_;
};

ImVec2 measured(Ui& ui, TextRole role, const Encoded& text, float wrap_px = 0) {
  const Fonts::Face& face = ui.fonts[role];
  return face.font->CalcTextSizeA(face.size_px, 1e9f, wrap_px, text.begin(), text.end());
}

// "1.50", "2,5": ImGui would end a line after the sign. A path is left to it: it may be wider than a line.
bool has_fraction(std::string_view text) {
  if (text.find('/') != std::string_view::npos) return false;
  for (std::size_t at = text.find_first_of(".,"); at != std::string_view::npos && at + 1 < text.size();
       at = text.find_first_of(".,", at + 1))
    if (text[at + 1] >= '0' && text[at + 1] <= '9') return true;
  return false;
}

// ImGui breaks lines at blanks and after signs alone: where a text has none, or a number has one, we do.
bool breaks_itself(std::string_view text, float wrap_px) {
  return wrap_px > 0 && (has_wide_signs(text) || has_fraction(text));
}

std::string lines_of(Ui& ui, TextRole role, std::string_view text, float wrap_px) {
  return with_line_breaks(text, wrap_px, [&](std::string_view piece) {
    return piece.empty() ? 0.0f : measured(ui, role, Encoded(ui, role, piece)).x;
  });
}

ImVec2 whole(ImVec2 at) {
  return ImVec2(std::floor(at.x + 0.5f), std::floor(at.y + 0.5f));
}

// A line of a text that is recorded as a whole.
void draw_unrecorded(Ui& ui, ImDrawList& list, TextRole role, ImVec2 at, Colour colour,
                     std::string_view text) {
  const Encoded encoded(ui, role, text);
  const Fonts::Face& face = ui.fonts[role];
  list.AddText(face.font, face.size_px, whole(at), colour, encoded.begin(), encoded.end());
}

}  // namespace

ImVec2 text_size(Ui& ui, TextRole role, std::string_view text, float wrap_px) {
  if (breaks_itself(text, wrap_px)) return text_size(ui, role, lines_of(ui, role, text, wrap_px));
  return measured(ui, role, Encoded(ui, role, text), wrap_px);
}

void draw_text(Ui& ui, ImDrawList& list, TextRole role, ImVec2 at, Colour colour, std::string_view text,
               float wrap_px) {
  if (text.empty()) return;
  const std::string_view said = text;
  std::string lines;
  if (breaks_itself(text, wrap_px)) {
    text = lines = lines_of(ui, role, text, wrap_px);
    wrap_px = 0;
  }
  const Encoded encoded(ui, role, text);
  const Fonts::Face& face = ui.fonts[role];
  at = whole(at);
  list.AddText(face.font, face.size_px, at, colour, encoded.begin(), encoded.end(), wrap_px);
  const ImVec2 size = measured(ui, role, encoded, wrap_px);
  const Rect rect{at.x, at.y, at.x + size.x, at.y + size.y};
  ui.registry.add({}, "text", said, rect, clipped(rect), ui.layer);
}

std::string shortened(Ui& ui, TextRole role, std::string_view text, float width_px) {
  if (text_size(ui, role, text).x <= width_px) return std::string(text);
  const float mark = text_size(ui, role, "…").x;
  // The longest beginning that fits, by halving the number of code points.
  std::vector<std::size_t> ends{0};
  for (std::size_t at = 0; at < text.size();) {
    next_code_point(text, at);
    ends.push_back(at);
  }
  std::size_t fits = 0, too_long = ends.size();
  while (fits + 1 < too_long) {
    const std::size_t middle = (fits + too_long) / 2;
    (text_size(ui, role, text.substr(0, ends[middle])).x + mark <= width_px ? fits : too_long) = middle;
  }
  return std::string(text.substr(0, ends[fits])) + "…";
}

void draw_text_in(Ui& ui, ImDrawList& list, TextRole role, const Rect& rect, Colour colour,
                  std::string_view text, float align) {
  const ImVec2 size = text_size(ui, role, text);
  const float y = rect.y0 + (rect.height() - size.y) / 2;
  if (size.x <= rect.width() + 0.5f)
    return draw_text(ui, list, role, ImVec2(rect.x0 + (rect.width() - size.x) * align, y), colour, text);
  draw_text(ui, list, role, ImVec2(rect.x0, y), colour, shortened(ui, role, text, rect.width()));
}

void draw_text_turned(Ui& ui, ImDrawList& list, TextRole role, ImVec2 at, float degrees, Colour colour,
                      std::string_view text) {
  if (text.empty()) return;
  const Encoded encoded(ui, role, text);
  const Fonts::Face& face = ui.fonts[role];
  // Drawn level at the corner of the clip rectangle, so that nothing is left out, then turned into place.
  const ImVec2 from = whole(list.GetClipRectMin());
  const int first = list.VtxBuffer.Size;
  list.AddText(face.font, face.size_px, from, colour, encoded.begin(), encoded.end());
  const float angle = degrees * std::numbers::pi_v<float> / 180.0f;
  const float c = std::cos(angle), s = std::sin(angle);
  for (int i = first; i < list.VtxBuffer.Size; ++i) {
    ImVec2& p = list.VtxBuffer[i].pos;
    const float x = p.x - from.x, y = p.y - from.y - face.ascent_px;
    p = ImVec2(at.x + x * c + y * s, at.y - x * s + y * c);
  }
  const ImVec2 size = measured(ui, role, encoded, 0);
  const float reach_x = size.x * c, reach_y = size.x * s;
  const Rect rect{std::min(at.x, at.x + reach_x), std::min(at.y, at.y - reach_y) - size.y * c,
                  std::max(at.x, at.x + reach_x), std::max(at.y, at.y - reach_y)};
  ui.registry.add({}, "text", text, rect, clipped(rect), ui.layer);
}

void label(Ui& ui, std::string_view name, std::string_view text, TextRole role, Colour colour) {
  const ImVec2 size = text_size(ui, role, text);
  const Rect rect = here(ui, size.x, size.y);
  draw_text(ui, *ImGui::GetWindowDrawList(), role, ImVec2(rect.x0, rect.y0), colour ? colour : ui.theme.ink,
            text);
  if (!name.empty()) ui.registry.add(name, "label", text, rect, clipped(rect), ui.layer);
  ImGui::Dummy(size);
}

void cell_label(Ui& ui, std::string_view text, float width, float height, TextRole role, float align) {
  const Rect rect = here(ui, ui.px(width), ui.px(height));
  draw_text_in(ui, *ImGui::GetWindowDrawList(), role, rect, ui.theme.ink, text, align);
  ImGui::Dummy(ImVec2(rect.width(), rect.height()));
}

void heading(Ui& ui, std::string_view text) {
  label(ui, {}, text, TextRole::heading);
}

void note(Ui& ui, std::string_view text, float width) {
  const float wrap = width > 0 ? width : room(ui);
  const ImVec2 size = text_size(ui, TextRole::note, text, wrap);
  const Rect rect = here(ui, size.x, size.y);
  draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(rect.x0, rect.y0), ui.theme.dim, text,
            wrap);
  ImGui::Dummy(size);
}

namespace {

// In as few lines as fit into `width_px`, all about as long: no word is left alone on the last one.
std::string balanced_lines(Ui& ui, TextRole role, std::string_view text, float width_px) {
  const auto lines_at = [&](float width) { return lines_of(ui, role, text, width); };
  const auto count = [](const std::string& lines) { return std::count(lines.begin(), lines.end(), '\n'); };
  const auto least = count(lines_at(width_px));
  float narrow = width_px / 3, wide = width_px;
  while (wide - narrow > 4) {
    const float middle = (narrow + wide) / 2;
    (count(lines_at(middle)) <= least ? wide : narrow) = middle;
  }
  return lines_at(wide);
}

}  // namespace

void empty_state(Ui& ui, const Rect& rect, std::string_view title, std::string_view what_to_do) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  // In a low strip the lines are as long as it is.
  const float most = rect.height() < ui.px(100) ? rect.width() : ui.px(420);
  const float wrap = std::max(ui.px(80), std::min(rect.width() - ui.px(48), most));
  const std::string lines = balanced_lines(ui, TextRole::small, what_to_do, wrap);
  const ImVec2 title_size = text_size(ui, TextRole::body_bold, title);
  const ImVec2 text_area = text_size(ui, TextRole::small, lines);
  const float height = title_size.y + ui.px(metric::kGap) + text_area.y;
  const float top = rect.y0 + (rect.height() - height) / 2, middle = rect.x0 + rect.width() / 2;
  draw_text(ui, list, TextRole::body_bold, ImVec2(middle - title_size.x / 2, top), ui.theme.ink, title);
  if (what_to_do.empty()) return;
  float y = top + title_size.y + ui.px(metric::kGap);
  const Rect place{middle - text_area.x / 2, y, middle + text_area.x / 2, y + text_area.y};
  ui.registry.add({}, "text", what_to_do, place, clipped(place), ui.layer);
  for (std::string_view rest = lines; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const ImVec2 size = text_size(ui, TextRole::small, line);
    draw_unrecorded(ui, list, TextRole::small, ImVec2(middle - size.x / 2, y), ui.theme.dim, line);
    y += size.y;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace attn::app

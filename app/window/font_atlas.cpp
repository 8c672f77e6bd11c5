#include "app/window/font_atlas.h"

#if __has_include(<imgui_freetype.h>)
#include <imgui_freetype.h>
#else
#include <misc/freetype/imgui_freetype.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstring>

#include "app/look/utf8.h"

namespace attn::app {
namespace {

constexpr double kSmallestHan = 13;         // px of the em at 100 %
constexpr std::size_t kMostWanted = 12000;  // glyphs of a role before old ones are forgotten

void append_range(std::vector<ImWchar>& ranges, char32_t first, char32_t last) {
  ranges.push_back(static_cast<ImWchar>(first));
  ranges.push_back(static_cast<ImWchar>(last));
}

ImFontConfig config_for(const FontFile& file) {
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.FontNo = file.index();
  config.OversampleH = config.OversampleV = 1;
  config.PixelSnapH = true;
#if IMGUI_VERSION_NUM >= 19200
  config.FontLoaderFlags = ImGuiFreeTypeLoaderFlags_LightHinting;
#else
  config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
#endif
  return config;
}

ImFont* add_file(const FontFile& file, float size_px, ImFontConfig config,
                 [[maybe_unused]] const ImWchar* ranges) {
  const auto& bytes = file.bytes();
  auto* data = const_cast<std::byte*>(bytes.data());
  ImFontAtlas* atlas = ImGui::GetIO().Fonts;
#if IMGUI_VERSION_NUM >= 19200
  return atlas->AddFontFromMemoryTTF(data, static_cast<int>(bytes.size()), size_px, &config);
#else
  return atlas->AddFontFromMemoryTTF(data, static_cast<int>(bytes.size()), size_px, &config, ranges);
#endif
}

}  // namespace

FontAtlas::FontAtlas()
    : latin_("sans", false),
      latin_bold_("sans", true),
      cjk_("sans:lang=zh-cn", false),
      cjk_bold_("sans:lang=zh-cn", true) {}

void FontAtlas::build(Fonts& fonts, float scale) {
  ImFontAtlas* atlas = ImGui::GetIO().Fonts;
  atlas->Clear();
#if IMGUI_VERSION_NUM < 19200
  atlas->FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas->Flags |= ImFontAtlasFlags_NoMouseCursors;
#endif
  std::vector<Drawn> drawn;
  for (int role = 0; role < kTextRoles; ++role) {
    auto& wanted = fonts.wanted_[static_cast<std::size_t>(role)];
    if (wanted.size() > kMostWanted) wanted.clear();  // whatever is still on screen asks again
    add_role(fonts, static_cast<TextRole>(role), scale, drawn);
  }
  ImGui::GetIO().FontDefault = fonts[TextRole::body].font;
#if IMGUI_VERSION_NUM < 19200
  atlas->Build();
  unsigned char* pixels = nullptr;
  int width = 0, height = 0;
  atlas->GetTexDataAsAlpha8(&pixels, &width, &height);
  for (const Drawn& glyph : drawn) {
    const ImFontAtlasCustomRect* rect = atlas->GetCustomRectByIndex(glyph.rect);
    for (int y = 0; y < glyph.bitmap.height && rect->IsPacked(); ++y)
      std::memcpy(pixels + (rect->Y + y) * width + rect->X,
                  glyph.bitmap.coverage.data() + static_cast<std::size_t>(y * glyph.bitmap.width),
                  static_cast<std::size_t>(glyph.bitmap.width));
  }
#endif
  fonts.any_missing_ = false;
}

void FontAtlas::add_role(Fonts& fonts, TextRole role, float scale, std::vector<Drawn>& drawn) {
  const auto slot = static_cast<std::size_t>(role);
  const RoleStyle style = style_of(role);
  const FontFile& latin = style.bold ? latin_bold_ : latin_;
  const FontFile& cjk = style.bold ? cjk_bold_ : cjk_;
  const double em_px = static_cast<double>(style.size_px * scale);
  const double han_em_px =
      std::max<double>(style.size_px, role == TextRole::cell ? 0 : kSmallestHan) * static_cast<double>(scale);

  // Which file draws what.
  std::vector<char32_t> by_hand;
  auto& latin_ranges = latin_ranges_[slot];
  auto& cjk_ranges = cjk_ranges_[slot];
  latin_ranges.clear();
  cjk_ranges.clear();
  append_range(latin_ranges, 0x20, 0x7E);
  append_range(latin_ranges, 0xA0, 0xFF);
  for (const char32_t c : fonts.wanted_[slot]) {
    const char32_t meant = fonts.wide.decode(c);
    if (meant != c)
      by_hand.push_back(c);
    else if (latin.has(c))
      append_range(latin_ranges, c, c);
    else if (cjk.has(c))
      append_range(cjk_ranges, c, c);
    else
      by_hand.push_back(c);
  }
  latin_ranges.push_back(0);
  cjk_ranges.push_back(0);

  Fonts::Face& face = fonts.faces_[slot];
  face.em_px = static_cast<float>(em_px);
  face.size_px = static_cast<float>(std::round(em_px * latin.height_per_em()));
  face.ascent_px = static_cast<float>(em_px * latin.ascent_per_em());
  if (latin.bytes().empty()) {  // no font on this computer: ImGui's own
    ImFontConfig config;
    config.SizePixels = face.size_px;
    face.font = ImGui::GetIO().Fonts->AddFontDefault(&config);
    return;
  }
  face.font = add_file(latin, face.size_px, config_for(latin), latin_ranges.data());
  if ((cjk_ranges.size() > 1 || kImGuiDynamicFonts) && !cjk.bytes().empty()) {
    ImFontConfig config = config_for(cjk);
    config.MergeMode = true;
    add_file(cjk, static_cast<float>(han_em_px * cjk.height_per_em()), config, cjk_ranges.data());
  }

#if IMGUI_VERSION_NUM < 19200
  const double baseline = std::round(face.size_px * latin.ascent_per_em() / latin.height_per_em());
  for (const char32_t c : by_hand) {
    const char32_t meant = fonts.wide.decode(c);
    GlyphBitmap bitmap;
    if (latin.has(meant)) bitmap = painter_.glyph(latin, em_px, meant);
    if (bitmap.width == 0 && cjk.has(meant)) bitmap = painter_.glyph(cjk, han_em_px, meant);
    if (bitmap.width == 0) {
      bitmap = painter_.text(latin_, std::max(9.0, 0.75 * em_px), code_point_name(meant));
      bitmap.top = static_cast<int>(std::ceil(0.75 * em_px));
    }
    if (bitmap.width == 0) continue;
    const int rect = ImGui::GetIO().Fonts->AddCustomRectFontGlyph(
        face.font, static_cast<ImWchar>(c), bitmap.width, bitmap.height, static_cast<float>(bitmap.advance),
        ImVec2(static_cast<float>(bitmap.left), static_cast<float>(baseline - bitmap.top)));
    drawn.push_back({rect, std::move(bitmap)});
  }
#endif
}

}  // namespace attn::app

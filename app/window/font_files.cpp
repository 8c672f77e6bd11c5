#include "app/window/font_files.h"

#include <fontconfig/fontconfig.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>

namespace attn::app {
namespace {

struct FreePattern {
  void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};
using Pattern = std::unique_ptr<FcPattern, FreePattern>;

// An open face over bytes that outlive it.
class Face {
 public:
  Face(FT_Library library, const FontFile& file) {
    const auto& bytes = file.bytes();
    if (bytes.empty() || FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(bytes.data()),
                                            static_cast<FT_Long>(bytes.size()), file.index(), &face_) != 0)
      face_ = nullptr;
  }
  ~Face() {
    if (face_) FT_Done_Face(face_);
  }
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;
  FT_Face get() const { return face_; }

 private:
  FT_Face face_ = nullptr;
};

void paint_over(GlyphBitmap& canvas, const FT_Bitmap& bitmap, int x, int y) {
  for (unsigned row = 0; row < bitmap.rows; ++row)
    for (unsigned column = 0; column < bitmap.width; ++column) {
      const int cx = x + static_cast<int>(column), cy = y + static_cast<int>(row);
      if (cx < 0 || cy < 0 || cx >= canvas.width || cy >= canvas.height) continue;
      const unsigned char value =
          bitmap.buffer[static_cast<int>(row) * bitmap.pitch + static_cast<int>(column)];
      unsigned char& cell = canvas.coverage[static_cast<std::size_t>(cy * canvas.width + cx)];
      cell = std::max(cell, value);
    }
}

}  // namespace

FontFile::FontFile(const std::string& pattern_text, bool bold) {
  Pattern pattern(FcNameParse(reinterpret_cast<const FcChar8*>(pattern_text.c_str())));
  if (!pattern) return;
  FcPatternAddInteger(pattern.get(), FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
  FcPatternAddBool(pattern.get(), FC_SCALABLE, FcTrue);
  FcConfigSubstitute(nullptr, pattern.get(), FcMatchPattern);
  FcDefaultSubstitute(pattern.get());
  FcResult result = FcResultNoMatch;
  const Pattern match(FcFontMatch(nullptr, pattern.get(), &result));
  if (!match) return;
  FcChar8* file = nullptr;
  if (FcPatternGetString(match.get(), FC_FILE, 0, &file) != FcResultMatch) return;
  path_ = reinterpret_cast<const char*>(file);
  FcPatternGetInteger(match.get(), FC_INDEX, 0, &index_);
  FcCharSet* charset = nullptr;
  if (FcPatternGetCharSet(match.get(), FC_CHARSET, 0, &charset) == FcResultMatch)
    charset_.reset(FcCharSetCopy(charset));
}

void FontFile::FreeCharset::operator()(void* charset) const {
  FcCharSetDestroy(static_cast<FcCharSet*>(charset));
}

bool FontFile::has(char32_t code_point) const {
  return charset_ && FcCharSetHasChar(static_cast<FcCharSet*>(charset_.get()), code_point) == FcTrue;
}

const std::vector<std::byte>& FontFile::bytes() const {
  if (!read_) {
    read_ = true;
    std::ifstream in(path_, std::ios::binary | std::ios::ate);
    if (in) {
      bytes_.resize(static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg())));
      in.seekg(0);
      if (!in.read(reinterpret_cast<char*>(bytes_.data()), static_cast<std::streamsize>(bytes_.size())))
        bytes_.clear();
    }
  }
  return bytes_;
}

void FontFile::measure() const {
  if (measured_) return;
  measured_ = true;
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) return;
  {
    const Face face(library, *this);
    if (face.get() && face.get()->units_per_EM > 0) {
      const double em = face.get()->units_per_EM;
      height_per_em_ = (face.get()->ascender - face.get()->descender) / em;
      ascent_per_em_ = face.get()->ascender / em;
    }
  }
  FT_Done_FreeType(library);
}

double FontFile::height_per_em() const {
  measure();
  return height_per_em_;
}

double FontFile::ascent_per_em() const {
  measure();
  return ascent_per_em_;
}

GlyphPainter::GlyphPainter() {
  if (FT_Init_FreeType(&library_) != 0) library_ = nullptr;
}

GlyphPainter::~GlyphPainter() {
  if (library_) FT_Done_FreeType(library_);
}

GlyphBitmap GlyphPainter::glyph(const FontFile& file, double em_px, char32_t code_point) {
  GlyphBitmap out;
  const Face face(library_, file);
  if (!face.get() || FT_Set_Pixel_Sizes(face.get(), 0, static_cast<FT_UInt>(std::lround(em_px))) != 0 ||
      FT_Get_Char_Index(face.get(), code_point) == 0 ||
      FT_Load_Char(face.get(), code_point, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT) != 0)
    return out;
  const FT_GlyphSlot slot = face.get()->glyph;
  out.width = static_cast<int>(slot->bitmap.width);
  out.height = static_cast<int>(slot->bitmap.rows);
  out.left = slot->bitmap_left;
  out.top = slot->bitmap_top;
  out.advance = static_cast<double>(slot->advance.x) / 64.0;
  out.coverage.assign(static_cast<std::size_t>(out.width * out.height), 0);
  paint_over(out, slot->bitmap, 0, 0);
  return out;
}

GlyphBitmap GlyphPainter::text(const FontFile& file, double em_px, const std::string& ascii) {
  GlyphBitmap out;
  const Face face(library_, file);
  if (!face.get() || FT_Set_Pixel_Sizes(face.get(), 0, static_cast<FT_UInt>(std::lround(em_px))) != 0)
    return out;
  const int height = static_cast<int>(std::ceil(em_px));
  out.height = out.top = height;
  out.width = static_cast<int>(ascii.size()) * height;
  out.coverage.assign(static_cast<std::size_t>(out.width * out.height), 0);
  double pen = 1;
  for (const char c : ascii) {
    if (FT_Load_Char(face.get(), static_cast<FT_ULong>(c), FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT) != 0)
      continue;
    const FT_GlyphSlot slot = face.get()->glyph;
    paint_over(out, slot->bitmap, static_cast<int>(pen) + slot->bitmap_left, height - slot->bitmap_top);
    pen += static_cast<double>(slot->advance.x) / 64.0;
  }
  // Keep only what was used.
  const int used = std::min(out.width, static_cast<int>(std::ceil(pen)) + 1);
  std::vector<unsigned char> cropped(static_cast<std::size_t>(used * out.height));
  for (int y = 0; y < out.height; ++y)
    std::copy_n(out.coverage.begin() + y * out.width, used, cropped.begin() + y * used);
  out.coverage = std::move(cropped);
  out.width = used;
  out.advance = used + 1;
  return out;
}

}  // namespace attn::app

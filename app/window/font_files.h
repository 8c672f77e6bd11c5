#pragma once

#include <ft2build.h>
#include FT_FREETYPE_H

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace attn::app {

// One face of a font file, found through fontconfig and read when first needed.
class FontFile {
 public:
  // `family` as fontconfig takes it ("sans", "sans:lang=zh-cn"). May find nothing: then has() is always
  // false.
  FontFile(const std::string& pattern, bool bold);

  bool has(char32_t code_point) const;  // without reading the file
  bool found() const { return !path_.empty(); }
  int index() const { return index_; }

  // The bytes of the file; empty when it cannot be read.
  const std::vector<std::byte>& bytes() const;

  // (ascent + descent) / em and ascent / em, as ImGui measures sizes. Falls back to DejaVu's proportions.
  double height_per_em() const;
  double ascent_per_em() const;

 private:
  struct FreeCharset {
    void operator()(void* charset) const;
  };
  void measure() const;

  std::string path_;
  int index_ = 0;
  std::unique_ptr<void, FreeCharset> charset_;  // an FcCharSet
  mutable std::vector<std::byte> bytes_;
  mutable bool read_ = false, measured_ = false;
  mutable double height_per_em_ = 1.164, ascent_per_em_ = 0.928;
};

// A drawn glyph, 8-bit coverage, row by row from the top.
struct GlyphBitmap {
  int width = 0, height = 0;
  int left = 0, top = 0;  // of its upper left corner: right of the pen, above the baseline
  double advance = 0;
  std::vector<unsigned char> coverage;
};

// Draws glyphs one at a time: those that ImGui's atlas builder cannot reach.
class GlyphPainter {
 public:
  GlyphPainter();
  ~GlyphPainter();
  GlyphPainter(const GlyphPainter&) = delete;
  GlyphPainter& operator=(const GlyphPainter&) = delete;

  // `em_px`: size of the em. An empty bitmap when the file has no such glyph.
  GlyphBitmap glyph(const FontFile& file, double em_px, char32_t code_point);
  // A short text on one line, as one bitmap.
  GlyphBitmap text(const FontFile& file, double em_px, const std::string& ascii);

 private:
  FT_Library library_ = nullptr;
};

}  // namespace attn::app

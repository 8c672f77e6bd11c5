#include "core/study/media/picture_file.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>
// After <cstdio>, which it needs.
#include <jpeglib.h>

#include <algorithm>
#include <cstring>

#include "core/math/worded_error.h"
#include "core/study/session.h"

namespace attn {

namespace {

constexpr int kMostSide = 16384;                              // pixels
constexpr std::int64_t kMostPixels = std::int64_t{64} << 20;  // 192 MB as RGB

void check_size(std::int64_t width, std::int64_t height, const std::string& name) {
  if (width < 1 || height < 1 || width > kMostSide || height > kMostSide || width * height > kMostPixels)
    throw WordedError(worded(
        "media.too_many_pixels",
        "{file} says that it is {width} x {height} pixels; pictures of up to {most} million pixels can "
        "be read.",
        {{"file", name},
         {"width", std::to_string(width)},
         {"height", std::to_string(height)},
         {"most", std::to_string(kMostPixels >> 20)}}));
}

// ---- PNG ----

struct PngReader {
  std::string_view bytes;
  std::size_t at = 0;
  std::string problem;
};

void png_read(png_structp png, png_bytep out, png_size_t n) {
  auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
  if (reader->bytes.size() - reader->at < n) png_error(png, "the file ends too early");
  std::memcpy(out, reader->bytes.data() + reader->at, n);
  reader->at += n;
}

void png_failed(png_structp png, png_const_charp what) {
  static_cast<PngReader*>(png_get_error_ptr(png))->problem = what;
  png_longjmp(png, 1);
}
void png_warned(png_structp, png_const_charp) {}

struct PngHandle {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~PngHandle() { png_destroy_read_struct(&png, &info, nullptr); }
};

// No object with a destructor may be made between setjmp and a failure: they all live in the caller.
bool png_header(PngHandle& handle, png_uint_32& width, png_uint_32& height) {
  if (setjmp(png_jmpbuf(handle.png))) return false;
  png_read_info(handle.png, handle.info);
  int depth = 0, color = 0;
  png_get_IHDR(handle.png, handle.info, &width, &height, &depth, &color, nullptr, nullptr, nullptr);
  png_set_expand(handle.png);
  png_set_scale_16(handle.png);
  png_set_gray_to_rgb(handle.png);
  png_set_strip_alpha(handle.png);
  png_set_interlace_handling(handle.png);
  png_read_update_info(handle.png, handle.info);
  return true;
}

bool png_rows(PngHandle& handle, png_bytepp rows) {
  if (setjmp(png_jmpbuf(handle.png))) return false;
  png_read_image(handle.png, rows);
  return true;
}

// Four bytes, the largest first, as PNG writes numbers.
std::int64_t number_at(std::string_view bytes, std::size_t at) {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number * 256 + static_cast<unsigned char>(bytes[at + i]);
  return number;
}

Picture decode_png(std::string_view bytes, const std::string& name) {
  // Its header comes first: the library would call a picture that is too large damaged.
  constexpr std::size_t kWidthAt = 16, kHeightAt = 20;
  if (bytes.size() >= kHeightAt + 4 && bytes.substr(12, 4) == "IHDR")
    check_size(number_at(bytes, kWidthAt), number_at(bytes, kHeightAt), name);
  PngReader reader{bytes, 0, {}};
  PngHandle handle;
  const auto fail = [&]() -> Error {
    return Error(name + " is damaged: " + (reader.problem.empty() ? "it is no PNG" : reader.problem) +
                 "; save it again as PNG or JPEG.");
  };
  handle.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, png_failed, png_warned);
  if (!handle.png) throw Error("there is not enough memory to read " + name);
  handle.info = png_create_info_struct(handle.png);
  png_set_user_limits(handle.png, kMostSide, kMostSide);
  png_set_chunk_malloc_max(handle.png, 8u << 20);
  png_set_read_fn(handle.png, &reader, png_read);
  png_uint_32 width = 0, height = 0;
  if (!png_header(handle, width, height)) throw fail();
  check_size(width, height, name);
  if (png_get_rowbytes(handle.png, handle.info) != std::size_t{width} * 3) throw fail();
  Picture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.rgb.resize(std::size_t{width} * height * 3);
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = picture.rgb.data() + y * width * 3;
  if (!png_rows(handle, rows.data())) throw fail();
  return picture;
}

// ---- JPEG ----

struct JpegFailure {
  jpeg_error_mgr manager;  // first: the library knows this part
  std::jmp_buf back;
  char problem[JMSG_LENGTH_MAX];
};

void jpeg_failed(j_common_ptr jpeg) {
  auto* failure = reinterpret_cast<JpegFailure*>(jpeg->err);
  (*jpeg->err->format_message)(jpeg, failure->problem);
  std::longjmp(failure->back, 1);
}
void jpeg_says_nothing(j_common_ptr) {}

struct JpegHandle {
  jpeg_decompress_struct jpeg{};
  ~JpegHandle() { jpeg_destroy_decompress(&jpeg); }
};

bool jpeg_header(JpegHandle& handle, JpegFailure& failure, std::string_view bytes) {
  if (setjmp(failure.back)) return false;
  jpeg_create_decompress(&handle.jpeg);
  handle.jpeg.mem->max_memory_to_use = 512l << 20;
  jpeg_mem_src(&handle.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&handle.jpeg, TRUE);
  return true;
}

// CMYK comes out as four channels; everything else as RGB.
bool jpeg_begin(JpegHandle& handle, JpegFailure& failure) {
  if (setjmp(failure.back)) return false;
  const bool four = handle.jpeg.jpeg_color_space == JCS_CMYK || handle.jpeg.jpeg_color_space == JCS_YCCK;
  handle.jpeg.out_color_space = four ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&handle.jpeg);
  return true;
}

bool jpeg_row(JpegHandle& handle, JpegFailure& failure, JSAMPROW row) {
  if (setjmp(failure.back)) return false;
  return jpeg_read_scanlines(&handle.jpeg, &row, 1) == 1;
}

Picture decode_jpeg(std::string_view bytes, const std::string& name) {
  JpegFailure failure{};
  JpegHandle handle;
  handle.jpeg.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = jpeg_failed;
  failure.manager.output_message = jpeg_says_nothing;
  const auto fail = [&]() -> Error {
    return Error(name + " is damaged: " +
                 (failure.problem[0] ? std::string(failure.problem) : "its data end too early") +
                 "; save it again as PNG or JPEG.");
  };
  if (!jpeg_header(handle, failure, bytes)) throw fail();
  check_size(handle.jpeg.image_width, handle.jpeg.image_height, name);
  if (!jpeg_begin(handle, failure)) throw fail();
  const std::size_t width = handle.jpeg.output_width, height = handle.jpeg.output_height;
  const auto n_channels = static_cast<std::size_t>(handle.jpeg.output_components);
  if (n_channels != 3 && n_channels != 4) throw fail();
  Picture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.rgb.resize(width * height * 3);
  std::vector<std::uint8_t> row(width * n_channels);
  for (std::size_t y = 0; y < height; ++y) {
    if (!jpeg_row(handle, failure, row.data())) throw fail();
    std::uint8_t* out = picture.rgb.data() + y * width * 3;
    if (n_channels == 3) {
      std::copy(row.begin(), row.end(), out);
      continue;
    }
    // Adobe writes inverted CMYK.
    for (std::size_t x = 0; x < width; ++x) {
      const unsigned black = row[x * 4 + 3];
      for (std::size_t c = 0; c < 3; ++c)
        out[x * 3 + c] = static_cast<std::uint8_t>(row[x * 4 + c] * black / 255);
    }
  }
  return picture;
}

bool ends_like(const std::filesystem::path& path, std::initializer_list<const char*> endings) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
  return std::find(endings.begin(), endings.end(), extension) != endings.end();
}

}  // namespace

Picture decode_picture(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return decode_png(bytes, name);
  if (bytes.starts_with("\xFF\xD8\xFF")) return decode_jpeg(bytes, name);
  throw WordedError(worded("media.no_picture",
                           "{file} is neither a PNG nor a JPEG; convert it to one of them.",
                           {{"file", name}}));
}

Picture read_picture(const std::filesystem::path& path) {
  return decode_picture(read_text_file(path, kMostMediaBytes), path.filename().string());
}

bool is_picture_name(const std::filesystem::path& path) {
  return ends_like(path, {".png", ".jpg", ".jpeg", ".jpe", ".jfif"});
}

bool is_sound_name(const std::filesystem::path& path) {
  return ends_like(path, {".wav", ".wave", ".flac", ".ogg", ".oga", ".aif", ".aiff", ".au"});
}

}  // namespace attn

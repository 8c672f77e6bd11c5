#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "core/math/error.h"
#include "core/study/figure.h"

namespace attn {

namespace {

// Writes beside the path and renames, so that a full disk never leaves half a file in its place.
void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::path partial = path;
  partial += ".part";
  errno = 0;
  std::ofstream out(partial, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code failure;
  if (out) {
    std::filesystem::rename(partial, path, failure);
    if (!failure) return;
  }
  const std::string reason = failure ? failure.message() : std::strerror(errno ? errno : EIO);
  std::filesystem::remove(partial, failure);
  throw Error("Cannot write '" + path.string() + "': " + reason +
              ". Choose another folder or free some space.");
}

}  // namespace

void save_figure(const Figure& figure, const std::filesystem::path& path, double png_scale) {
  const std::string ending = path.extension().string();
  if (ending == ".svg") return write_file(path, to_svg(figure));
  if (ending == ".pdf") return write_file(path, to_pdf(figure));
  if (ending == ".png") return write_file(path, to_png(figure, png_scale));
  throw Error("Cannot tell from '" + path.string() +
              "' what kind of figure to write: end it in .png, .svg or .pdf.");
}

}  // namespace attn

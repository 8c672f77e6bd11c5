#include "core/math/worded_error.h"
#include "core/model/whole_file.h"
#include "core/study/figure.h"

namespace attn {

namespace {

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  WholeFile file(path);
  file.write(bytes);
  file.finish();
}

}  // namespace

void save_figure(const Figure& figure, const std::filesystem::path& path, double png_scale) {
  const std::string ending = path.extension().string();
  if (ending == ".svg") return write_file(path, to_svg(figure));
  if (ending == ".pdf") return write_file(path, to_pdf(figure));
  if (ending == ".png") return write_file(path, to_png(figure, png_scale));
  throw WordedError(
      worded("figure.ending",
             "Cannot tell from '{path}' what kind of figure to write: end it in .png, .svg or .pdf.",
             {{"path", path.string()}}));
}

}  // namespace attn

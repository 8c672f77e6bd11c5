#include <cairo-pdf.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "core/math/error.h"
#include "core/study/figure.h"
#include "core/study/heat_map_item.h"

namespace attn {

namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Release<cairo_destroy>>;
using Layout = std::unique_ptr<PangoLayout, Release<g_object_unref>>;
using FontDescription = std::unique_ptr<PangoFontDescription, Release<pango_font_description_free>>;
using Attributes = std::unique_ptr<PangoAttrList, Release<pango_attr_list_unref>>;

// One line of text, ready to be measured or drawn at the origin of its base line.
Layout lay_out(cairo_t* cairo, const std::string& text, double size, bool bold) {
  Layout layout(pango_cairo_create_layout(cairo));
  const FontDescription font(pango_font_description_from_string(kFigureFonts));
  pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
  if (bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout.get(), font.get());
  const Attributes features(pango_attr_list_new());
  pango_attr_list_insert(features.get(), pango_attr_font_features_new(kFigureFontFeatures));
  pango_layout_set_attributes(layout.get(), features.get());
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_text(layout.get(), text.c_str(), static_cast<int>(text.size()));
  return layout;
}

double width_of(PangoLayout* layout) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

class CairoPainter {
 public:
  explicit CairoPainter(cairo_t* cairo) : cairo_(cairo) {
    // Letters at their exact widths, so that every scale has the same layout.
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo_, options);
    cairo_font_options_destroy(options);
  }

  void paint(const Figure& figure) {
    set_color(figure.background);
    cairo_paint(cairo_);
    for (const FigureItem& item : figure.items) std::visit(*this, item);
  }

  void operator()(const RectangleItem& r) {
    trace_rectangle(r);
    if (r.fill) {
      set_color(*r.fill);
      cairo_fill_preserve(cairo_);
    }
    if (r.line) {
      set_color(*r.line);
      cairo_set_line_width(cairo_, r.line_width);
      cairo_stroke_preserve(cairo_);
    }
    cairo_new_path(cairo_);
  }

  void operator()(const LineItem& l) {
    set_color(l.color);
    cairo_set_line_width(cairo_, l.width);
    cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_BUTT);
    cairo_move_to(cairo_, l.from.x, l.from.y);
    cairo_line_to(cairo_, l.to.x, l.to.y);
    cairo_stroke(cairo_);
  }

  void operator()(const CurveItem& c) {
    set_color(c.color, c.opacity);
    cairo_set_line_width(cairo_, c.width);
    cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_ROUND);
    cairo_move_to(cairo_, c.from.x, c.from.y);
    cairo_curve_to(cairo_, c.control_from.x, c.control_from.y, c.control_to.x, c.control_to.y, c.to.x,
                   c.to.y);
    cairo_stroke(cairo_);
  }

  void operator()(const TextItem& t) {
    const Layout layout = lay_out(cairo_, t.text, t.size, t.bold);
    const double width = width_of(layout.get());
    const double left = t.anchor == Anchor::start ? 0 : t.anchor == Anchor::middle ? -width / 2 : -width;
    cairo_save(cairo_);
    cairo_translate(cairo_, t.at.x, t.at.y);
    cairo_rotate(cairo_, -t.rotation * std::numbers::pi / 180);
    cairo_move_to(cairo_, left, -static_cast<double>(pango_layout_get_baseline(layout.get())) / PANGO_SCALE);
    set_color(t.color);
    pango_cairo_show_layout(cairo_, layout.get());
    cairo_restore(cairo_);
  }

  // Cells are filled rectangles: sharp at every scale, and without the seams that scaled images get in PDF.
  void operator()(const HeatMapItem& map) {
    const Image cells = cells_as_image(map);
    cairo_save(cairo_);
    cairo_set_antialias(cairo_, map.gap > 0 ? CAIRO_ANTIALIAS_DEFAULT : CAIRO_ANTIALIAS_NONE);
    const std::uint8_t* pixel = cells.rgba.data();
    for (int i = 0; i < cells.height; ++i)
      for (int j = 0; j < cells.width; ++j, pixel += 4) {
        if (pixel[3] == 0) continue;
        set_color({pixel[0], pixel[1], pixel[2]});
        cairo_rectangle(cairo_, map.at.x + j * map.cell_width, map.at.y + i * map.cell_height,
                        map.cell_width - map.gap, map.cell_height - map.gap);
        cairo_fill(cairo_);
      }
    cairo_restore(cairo_);
    for (const MaskedRun& run : masked_runs(map))
      for (const LineItem& line : hatch_lines(run, map.hatch)) (*this)(line);
  }

 private:
  void set_color(Rgb color, double opacity = 1) {
    cairo_set_source_rgba(cairo_, color.r / 255.0, color.g / 255.0, color.b / 255.0, opacity);
  }

  void trace_rectangle(const RectangleItem& r) {
    if (r.radius <= 0) {
      cairo_rectangle(cairo_, r.at.x, r.at.y, r.width, r.height);
      return;
    }
    const double quarter = std::numbers::pi / 2, right = r.at.x + r.width - r.radius,
                 bottom = r.at.y + r.height - r.radius, left = r.at.x + r.radius, top = r.at.y + r.radius;
    cairo_new_sub_path(cairo_);
    cairo_arc(cairo_, right, top, r.radius, -quarter, 0);
    cairo_arc(cairo_, right, bottom, r.radius, 0, quarter);
    cairo_arc(cairo_, left, bottom, r.radius, quarter, 2 * quarter);
    cairo_arc(cairo_, left, top, r.radius, 2 * quarter, 3 * quarter);
    cairo_close_path(cairo_);
  }

  cairo_t* cairo_;
};

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw Error(std::string("The figure could not be drawn: ") + cairo_status_to_string(status) + ".");
}

cairo_status_t append_bytes(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

double text_width(const std::string& text, double size, bool bold) {
  const Surface surface(cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, nullptr));
  const Context cairo(cairo_create(surface.get()));
  const CairoPainter same_font_options(cairo.get());
  return width_of(lay_out(cairo.get(), text, size, bold).get());
}

std::string to_pdf(const Figure& figure) {
  std::string bytes;
  // A pixel at 100 % is 1/96 inch, a PDF unit 1/72.
  constexpr double kUnits = 72.0 / 96.0;
  const Surface surface(cairo_pdf_surface_create_for_stream(append_bytes, &bytes, figure.width * kUnits,
                                                            figure.height * kUnits));
  check(cairo_surface_status(surface.get()));
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, figure.title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "Attention Lab " ATTN_VERSION);
  {
    const Context cairo(cairo_create(surface.get()));
    cairo_scale(cairo.get(), kUnits, kUnits);
    CairoPainter(cairo.get()).paint(figure);
    check(cairo_status(cairo.get()));
  }
  cairo_surface_finish(surface.get());
  check(cairo_surface_status(surface.get()));
  return bytes;
}

std::string to_png(const Figure& figure, double scale) {
  constexpr double kMostPixels = 32767;  // cairo's own limit
  const double width = std::ceil(figure.width * scale), height = std::ceil(figure.height * scale);
  if (!(width >= 1 && height >= 1 && width <= kMostPixels && height <= kMostPixels))
    throw Error("The picture would be " + std::to_string(static_cast<long long>(width)) + " x " +
                std::to_string(static_cast<long long>(height)) +
                " pixels; PNG pictures here are 1 to 32,767 a side. Choose a smaller scale, or SVG or PDF.");
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  check(cairo_surface_status(surface.get()));
  {
    const Context cairo(cairo_create(surface.get()));
    cairo_scale(cairo.get(), scale, scale);
    CairoPainter(cairo.get()).paint(figure);
    check(cairo_status(cairo.get()));
  }
  cairo_surface_flush(surface.get());
  Image image{static_cast<int>(width), static_cast<int>(height), {}};
  image.rgba.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 4);
  const unsigned char* const pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  std::uint8_t* out = image.rgba.data();
  for (int y = 0; y < image.height; ++y) {
    const auto* row =
        reinterpret_cast<const std::uint32_t*>(pixels + static_cast<std::ptrdiff_t>(y) * stride);
    for (int x = 0; x < image.width; ++x, out += 4) {
      out[0] = static_cast<std::uint8_t>(row[x] >> 16);
      out[1] = static_cast<std::uint8_t>(row[x] >> 8);
      out[2] = static_cast<std::uint8_t>(row[x]);
      out[3] = 255;
    }
  }
  return encode_png(image);
}

}  // namespace attn

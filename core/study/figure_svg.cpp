#include <array>
#include <cstdio>
#include <sstream>

#include "core/study/figure.h"
#include "core/study/heat_map_item.h"

namespace attn {

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (byte < 0x20)
      out += ' ';  // XML allows no control characters
    else
      out += c;
  }
  return out;
}

// Two decimals, without trailing zeros.
std::string number(double value) {
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%.2f", value);
  std::string text = buffer.data();
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string hex(Rgb color) {
  std::array<char, 8> buffer;
  std::snprintf(buffer.data(), buffer.size(), "#%02x%02x%02x", color.r, color.g, color.b);
  return buffer.data();
}

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = (three << 8) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kDigits[(three >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

class SvgWriter {
 public:
  void operator()(const RectangleItem& r) {
    out_ << "<rect x=\"" << number(r.at.x) << "\" y=\"" << number(r.at.y) << "\" width=\"" << number(r.width)
         << "\" height=\"" << number(r.height) << '"';
    if (r.radius > 0) out_ << " rx=\"" << number(r.radius) << '"';
    out_ << " fill=\"" << (r.fill ? hex(*r.fill) : "none") << '"';
    if (r.line) out_ << " stroke=\"" << hex(*r.line) << "\" stroke-width=\"" << number(r.line_width) << '"';
    out_ << "/>\n";
  }

  void operator()(const LineItem& l) {
    out_ << "<line x1=\"" << number(l.from.x) << "\" y1=\"" << number(l.from.y) << "\" x2=\""
         << number(l.to.x) << "\" y2=\"" << number(l.to.y) << "\" stroke=\"" << hex(l.color)
         << "\" stroke-width=\"" << number(l.width) << "\"/>\n";
  }

  void operator()(const CurveItem& c) {
    out_ << "<path d=\"M" << number(c.from.x) << ' ' << number(c.from.y) << 'C' << number(c.control_from.x)
         << ' ' << number(c.control_from.y) << ' ' << number(c.control_to.x) << ' ' << number(c.control_to.y)
         << ' ' << number(c.to.x) << ' ' << number(c.to.y) << "\" fill=\"none\" stroke=\"" << hex(c.color)
         << "\" stroke-width=\"" << number(c.width) << "\" stroke-opacity=\"" << number(c.opacity)
         << "\" stroke-linecap=\"round\"/>\n";
  }

  void operator()(const TextItem& t) {
    constexpr std::array kAnchors = {"start", "middle", "end"};
    out_ << "<text x=\"" << number(t.at.x) << "\" y=\"" << number(t.at.y) << "\" font-size=\""
         << number(t.size) << "\" fill=\"" << hex(t.color) << '"';
    if (t.anchor != Anchor::start)
      out_ << " text-anchor=\"" << kAnchors[static_cast<std::size_t>(t.anchor)] << '"';
    if (t.bold) out_ << " font-weight=\"bold\"";
    if (t.rotation != 0)
      out_ << " transform=\"rotate(" << number(-t.rotation) << ' ' << number(t.at.x) << ' ' << number(t.at.y)
           << ")\"";
    out_ << '>' << escaped(t.text) << "</text>\n";
  }

  void operator()(const HeatMapItem& map) {
    const Index rows = map.values.rows(), cols = map.values.cols();
    if (rows == 0 || cols == 0) return;
    const double width = map.cell_width * static_cast<double>(cols);
    const double height = map.cell_height * static_cast<double>(rows);
    out_ << "<image x=\"" << number(map.at.x) << "\" y=\"" << number(map.at.y) << "\" width=\""
         << number(width) << "\" height=\"" << number(height)
         << "\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
            "xlink:href=\"data:image/png;base64,"
         << base64(encode_png(cells_as_image(map))) << "\"/>\n";
    if (map.gap > 0) draw_gaps(map, width, height);
    for (const MaskedRun& run : masked_runs(map))
      for (const LineItem& line : hatch_lines(run, map.hatch)) (*this)(line);
  }

  std::string text() const { return out_.str(); }

 private:
  void draw_gaps(const HeatMapItem& map, double width, double height) {
    out_ << "<path stroke=\"" << hex(map.ground) << "\" stroke-width=\"" << number(map.gap) << "\" d=\"";
    for (Index i = 1; i <= map.values.rows(); ++i)
      out_ << 'M' << number(map.at.x) << ' '
           << number(map.at.y + map.cell_height * static_cast<double>(i) - map.gap / 2) << 'h'
           << number(width);
    for (Index j = 1; j <= map.values.cols(); ++j)
      out_ << 'M' << number(map.at.x + map.cell_width * static_cast<double>(j) - map.gap / 2) << ' '
           << number(map.at.y) << 'v' << number(height);
    out_ << "\"/>\n";
  }

  std::ostringstream out_;
};

}  // namespace

std::string to_svg(const Figure& figure) {
  SvgWriter writer;
  for (const FigureItem& item : figure.items) std::visit(writer, item);
  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\""
      << number(figure.width) << "\" height=\"" << number(figure.height) << "\" viewBox=\"0 0 "
      << number(figure.width) << ' ' << number(figure.height) << "\" font-family=\"" << kFigureFonts
      << "\">\n"
      << "<title>" << escaped(figure.title) << "</title>\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"" << hex(figure.background) << "\"/>\n"
      << writer.text() << "</svg>\n";
  return out.str();
}

}  // namespace attn

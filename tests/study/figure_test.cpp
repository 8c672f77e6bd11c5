#include "core/study/figure.h"

#include <gtest/gtest.h>
#include <png.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "core/study/figure_parts.h"
#include "core/study/figure_views.h"
#include "core/study/heat_map_item.h"
#include "tests/analysis/hand_made_trace.h"
#include "tests/forward/random_model.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

struct DrawnFigure {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
  Rgb at(int x, int y) const {
    const std::uint8_t* p = rgb.data() + 3 * (static_cast<std::ptrdiff_t>(y) * width + x);
    return {p[0], p[1], p[2]};
  }
};

DrawnFigure decode(const std::string& png) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&image, png.data(), png.size())) << image.message;
  image.format = PNG_FORMAT_RGB;
  DrawnFigure picture{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  picture.rgb.resize(PNG_IMAGE_SIZE(image));
  EXPECT_TRUE(png_image_finish_read(&image, nullptr, picture.rgb.data(), 0, nullptr)) << image.message;
  return picture;
}

Figure two_cells() {
  Figure figure;
  figure.width = 40;
  figure.height = 20;
  HeatMapItem map;
  map.cell_width = map.cell_height = 20;
  map.values = matrix_of({{0, 1}});
  figure.items.emplace_back(map);
  return figure;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(ToPng, PaintsEveryCellInItsColour) {
  const DrawnFigure picture = decode(to_png(two_cells(), 3));
  EXPECT_EQ(picture.width, 120);
  EXPECT_EQ(picture.height, 60);
  EXPECT_EQ(picture.at(30, 30), color_of(ColorMap::cividis, 0));
  EXPECT_EQ(picture.at(90, 30), color_of(ColorMap::cividis, 1));
}

TEST(ToPng, DrawsMaskedCellsUnlikeCellsThatAreZero) {
  Figure figure = two_cells();
  HeatMapItem& map = std::get<HeatMapItem>(figure.items[0]);
  map.values.setZero();
  map.visible = matrix_of({{1, 0}});
  map.masked = {255, 255, 255};
  map.hatch = {255, 0, 0};
  const DrawnFigure picture = decode(to_png(figure, 4));
  bool hatched = false;
  for (int x = 80; x < 160; ++x)
    for (int y = 0; y < 80; ++y) hatched |= picture.at(x, y).r > 200 && picture.at(x, y).g < 100;
  EXPECT_TRUE(hatched);
  for (int x = 0; x < 72; ++x)
    for (int y = 0; y < 80; ++y) ASSERT_EQ(picture.at(x, y), color_of(ColorMap::cividis, 0));
}

TEST(ToPng, RefusesPicturesThatNothingCouldOpen) {
  EXPECT_THROW(to_png(two_cells(), 1000), Error);
  EXPECT_THROW(to_png(two_cells(), 0), Error);
}

TEST(ToSvg, HasRealTextAndNothingThatBreaksXml) {
  Figure figure;
  figure.width = figure.height = 100;
  figure.items.emplace_back(TextItem{"<a> & \"b\"\x01 小动物", {10, 20}, 12, {0, 0, 0}});
  const std::string svg = to_svg(figure);
  EXPECT_NE(svg.find("&lt;a&gt; &amp; &quot;b&quot;  小动物</text>"), std::string::npos);
}

TEST(ToSvg, EmbedsAHeatMapAsOnePictureWithSharpPixels) {
  const std::string svg = to_svg(two_cells());
  EXPECT_EQ(count(svg, "<image "), 1u);
  EXPECT_NE(svg.find("image-rendering:pixelated"), std::string::npos);
  EXPECT_NE(svg.find("data:image/png;base64,iVBORw0KGgo"), std::string::npos);
}

TEST(ToPdf, EmbedsFontsForRealText) {
  Figure figure;
  figure.width = figure.height = 100;
  figure.title = "title";
  figure.items.emplace_back(TextItem{"it 它", {10, 20}, 12, {0, 0, 0}});
  const std::string pdf = to_pdf(figure);
  EXPECT_TRUE(pdf.starts_with("%PDF"));
  EXPECT_NE(pdf.find("/FontFile"), std::string::npos);
  EXPECT_NE(pdf.find("/ToUnicode"), std::string::npos) << "text that can be searched and copied";
}

TEST(SaveFigure, RefusesEndingsItCannotWriteAndFoldersThatAreNotThere) {
  EXPECT_THROW(save_figure(two_cells(), fs::path(testing::TempDir()) / "figure.bmp"), Error);
  try {
    save_figure(two_cells(), "/no/such/folder/figure.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder/figure.png"), std::string::npos);
  }
}

TEST(SaveFigure, LeavesNothingBehindBesideTheFile) {
  const fs::path folder = fs::path(testing::TempDir()) / "attn_save_figure";
  fs::create_directories(folder);
  for (const char* name : {"a.png", "a.svg", "a.pdf"}) save_figure(two_cells(), folder / name);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 3);
  fs::remove_all(folder);
}

TEST(CellNumber, DropsTheZeroAndStaysShort) {
  EXPECT_EQ(cell_number(0.284), ".28");
  EXPECT_EQ(cell_number(0.996), "1.0");
  EXPECT_EQ(cell_number(-0.25), "−.25");
  EXPECT_EQ(cell_number(-0.001), ".00");
  EXPECT_EQ(cell_number(12.3), "12");
}

TEST(HatchLines, StayInsideTheirCell) {
  const MaskedRun run{{10, 20}, 30, 8};
  const std::vector<LineItem> lines = hatch_lines(run, {0, 0, 0});
  ASSERT_FALSE(lines.empty());
  for (const LineItem& line : lines)
    for (const Point p : {line.from, line.to}) {
      EXPECT_TRUE(p.x >= 10 - 1e-9 && p.x <= 40 + 1e-9);
      EXPECT_TRUE(p.y >= 20 - 1e-9 && p.y <= 28 + 1e-9);
    }
}

TEST(Wrap, BreaksAtSpacesAndBetweenHanCharacters) {
  for (const std::string& line : wrap("the animal did not cross the street", 90, 12))
    EXPECT_LE(text_width(line, 12), 92);
  EXPECT_GT(wrap("小动物没有穿过马路因为它太累了", 60, 13).size(), 3u);
  EXPECT_EQ(wrap("", 60, 13).size(), 1u);
}

Trace small_trace() {
  const Matrix causal = matrix_of({{1, 0, 0}, {.5f, .5f, 0}, {.1f, .7f, .2f}});
  const Matrix both = matrix_of({{.2f, .3f, .5f}, {.5f, .5f, 0}, {.1f, .7f, .2f}});
  Trace trace = hand_made_trace({{causal, both}}, {"the", "小动物", "<it>"});
  return trace;
}

TEST(HeatmapFigure, NamesEveryTokenTwiceAndSaysWhatItShows) {
  FigureOptions options;
  options.model = "bert-base-uncased";
  const std::string svg = to_svg(heatmap_figure(small_trace(), {Stack::encoder, 0, 1}, options));
  EXPECT_GE(count(svg, ">小动物</text>"), 2u);
  EXPECT_GE(count(svg, ">&lt;it&gt;</text>"), 2u);
  for (const char* fact : {"L0·H1", "bert-base-uncased", "as trained", "linear scale", ".70"})
    EXPECT_NE(svg.find(fact), std::string::npos) << fact;
}

TEST(HeatmapFigure, SpeaksChinese) {
  FigureOptions options;
  options.words = chinese_words();
  const std::string svg = to_svg(heatmap_figure(small_trace(), {Stack::encoder, 0, 1}, options));
  EXPECT_NE(svg.find("查询"), std::string::npos);
  EXPECT_EQ(svg.find("query"), std::string::npos);
}

TEST(HeatmapFigure, SaysWhatWasDoneToTheModel) {
  Trace trace = small_trace();
  trace.interventions.softmax = SoftmaxSetting::hard;
  EXPECT_NE(figure_caption(trace, {}, {}).find("softmax=hard"), std::string::npos);
}

TEST(HeatmapFigure, HatchesWhatACausalHeadMayNotSee) {
  const auto hatched = [](const Figure& figure) {
    for (const FigureItem& item : figure.items)
      if (const auto* map = std::get_if<HeatMapItem>(&item))
        return static_cast<int>((map->visible.array() == 0).count());
    return -1;
  };
  EXPECT_EQ(hatched(heatmap_figure(small_trace(), {Stack::encoder, 0, 0})), 3);
  EXPECT_EQ(hatched(heatmap_figure(small_trace(), {Stack::encoder, 0, 1})), 0);
}

TEST(HeatmapFigure, AsksTheModelWhatIsMaskedAndForWeightsThatWereNotKept) {
  RandomModel wish;
  Inputs inputs;
  inputs.ids = {3, 1, 4, 1};
  Interventions hiding;
  hiding.masks[Stack::encoder].hidden_keys = {2};
  PassOptions no_weights;
  no_weights.weights_budget_bytes = 0;
  Trace trace = *run_pass(wish.build(), inputs, hiding, no_weights);
  trace.tokens = {"a", "b", "c", "d"};
  const HeadId id{Stack::encoder, 1, 0};
  ASSERT_FALSE(trace.weights(id));
  for (const FigureItem& item : heatmap_figure(trace, id).items)
    if (const auto* map = std::get_if<HeatMapItem>(&item)) {
      EXPECT_EQ(map->visible.col(2).sum(), 0);
      EXPECT_EQ(map->visible.sum(), 12);
      EXPECT_NEAR(map->values.row(0).sum(), 1, 1e-5);
      return;
    }
  FAIL();
}

TEST(HeatmapFigure, RefusesAHeadThatIsNotThere) {
  EXPECT_THROW(heatmap_figure(small_trace(), {Stack::encoder, 4, 0}), Error);
  EXPECT_THROW(links_figure(small_trace(), {{Stack::encoder, 0, 9}}), Error);
  EXPECT_THROW(links_figure(small_trace(), {}), Error);
}

TEST(MaxPooled, KeepsTheLargestOfEitherSignAndTheFirstNames) {
  EXPECT_EQ(max_pooled(matrix_of({{.1f, -.9f, .3f, .2f}}), 2), matrix_of({{-.9f, .3f}}));
  EXPECT_EQ(pooled_names({"a", "b", "c", "d"}, 2), (std::vector<std::string>{"a", "c"}));
}

TEST(HeatmapFigure, PoolsALongTextInsteadOfDrawingPartsOfPixels) {
  Matrix weights = Matrix::Zero(300, 300);
  weights.col(0).setConstant(0.25f);
  weights(211, 77) = 0.75f;
  FigureOptions options;
  options.largest_px = 100;
  const Figure figure = heatmap_figure(hand_made_trace({{weights}}, std::vector<std::string>(300, "x")),
                                       {Stack::encoder, 0, 0}, options);
  for (const FigureItem& item : figure.items)
    if (const auto* map = std::get_if<HeatMapItem>(&item)) {
      EXPECT_EQ(map->values.rows(), 100);
      EXPECT_FLOAT_EQ(map->values.maxCoeff(), 0.75f);
      return;
    }
  FAIL();
}

TEST(GridFigure, HasAPictureForEveryHead) {
  const std::string svg = to_svg(grid_figure(small_trace()));
  EXPECT_EQ(count(svg, "<image "), 2u + 1u) << "two heads and the colour bar";
  EXPECT_NE(svg.find(">H1</text>"), std::string::npos);
}

TEST(GridFigure, TakesARecordingWhoseLayersHaveDifferentNumbersOfHeads) {
  const Matrix one = matrix_of({{1}});
  EXPECT_EQ(count(to_svg(grid_figure(hand_made_trace({{one, one}, {one}}, {"a"}))), "<image "), 3u + 1u);
}

TEST(GridFigure, MarksACellOfALongTextByTheLargestWeightItStandsFor) {
  Matrix weights = Matrix::Zero(200, 200);
  weights.col(0).setConstant(0.25f);
  weights(120, 77) = 0.75f;
  const Figure figure = grid_figure(hand_made_trace({{weights}}, std::vector<std::string>(200, "x")));
  for (const FigureItem& item : figure.items)
    if (const auto* map = std::get_if<HeatMapItem>(&item)) {
      EXPECT_LE(map->values.rows(), 64);
      EXPECT_FLOAT_EQ(map->values.maxCoeff(), 0.75f);
      return;
    }
  FAIL();
}

TEST(LinksFigure, DrawsOneTokensLinksWiderWhereMoreWeightIs) {
  FigureOptions options;
  options.query = 2;
  const Figure figure = links_figure(small_trace(), {{Stack::encoder, 0, 0}}, options);
  std::vector<double> widths;
  for (const FigureItem& item : figure.items)
    if (const auto* curve = std::get_if<CurveItem>(&item)) widths.push_back(curve->width);
  ASSERT_EQ(widths.size(), 3u);
  EXPECT_TRUE(std::is_sorted(widths.begin(), widths.end()));
  EXPECT_GT(widths[2], 3 * widths[1]);
}

}  // namespace
}  // namespace attn

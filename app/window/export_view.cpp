#include "app/window/export_view.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/look/words.h"
#include "app/views/compare/other.h"
#include "app/views/heads_table/measured.h"
#include "app/views/map_values.h"
#include "app/views/shown_matrix.h"
#include "app/views/view_parts.h"
#include "app/window/picture_clipboard.h"
#include "core/analysis/head_script.h"
#include "core/math/worded_error.h"
#include "core/study/attention_file.h"
#include "core/study/figure_views.h"
#include "core/study/table.h"

namespace attn::app {

namespace {

constexpr double kUsualScale = 2;

// A matrix as it stands on the screen, and what a caption must say of it.
struct Sheet {
  std::string title, corner;
  std::vector<std::string> rows, columns;
  Matrix values;  // not-a-number: masked, or nothing there
  double lowest = 0, highest = 1;
  bool is_signed = false, masks = false;  // not-a-number cells are hatched
  int chosen_row = -1;
  std::vector<HeadId> heads;  // that the caption names
  std::string more;           // what else it says
};

const std::shared_ptr<const Side>& side_of(const Frame& frame) {
  if (!frame.a || !frame.a->trace)
    throw WordedError(worded("export.nothing", "there is no picture yet; type a sentence first"));
  return frame.a;
}

HeadId head_of(const Frame& frame, const Study& study) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) throw WordedError(worded("export.no_attention", "this model has no attention to draw"));
  return *head;
}

WordedError not_there_yet(const HeadId& head) {
  return WordedError(
      worded("export.not_yet", "the weights of {head} are not there yet", {{"head", to_text(head)}}));
}

Sheet sheet_of_shown(const ShownMatrix& shown) {
  Sheet sheet;
  sheet.corner = "query \\ key";
  sheet.rows = shown.rows;
  sheet.columns = shown.columns;
  sheet.values = shown.values;
  return sheet;
}

Sheet head_sheet(const Words& words, const Frame& frame, const Study& study, const ViewState& view) {
  const std::shared_ptr<const Side>& side = side_of(frame);
  const HeadId head = head_of(frame, study);
  const int query = study.selection.query;
  const MapValues kind = view.map.values;
  const bool weights = kind == MapValues::weights;
  ShownOptions options = shown_options(view);
  if (kind == MapValues::flow) options.only_query = query;
  std::shared_ptr<const Matrix> values;
  if (!weights) {
    values = frame.answer<Matrix>(map_values_key(*side, head, kind, query)).value;
    if (!values) throw not_there_yet(head);
  } else if (!side->weights(head)) {
    values = std::make_shared<const Matrix>(dense_weights(*side->trace, head));
  }
  const std::optional<ShownMatrix> shown = make_shown_matrix(*side, head, options, values.get());
  if (!shown) throw not_there_yet(head);
  Sheet sheet = sheet_of_shown(*shown);
  sheet.title = map_values_title(words, *side, head, kind, query, view);
  const double largest = weights ? 1 : std::max(1e-6, static_cast<double>(largest_of(*shown)));
  sheet.lowest = static_cast<double>(view.map.range_low) * largest;
  sheet.highest = static_cast<double>(view.map.range_high) * largest;
  sheet.masks = true;
  sheet.chosen_row = place_of_token(shown->row_of, query);
  sheet.heads = {head};
  const std::string name(name_of(kind));
  sheet.more = shown->renormalised ? words("map.renormalised")
               : weights           ? words("map.rows_sum")
                                   : words("map_values.formula." + name);
  if (view.words_merged) sheet.more += " · " + std::string(words("map.words_merged"));
  return sheet;
}

Sheet compare_sheet(const Words& words, const Frame& frame, const Study& study, const ViewState& view) {
  const std::shared_ptr<const Side>& side = side_of(frame);
  const HeadId head = head_of(frame, study);
  CompareWith with = study.compare;
  Other other = find_other(words, with, frame, study, head, view);
  for (const CompareWith way : {CompareWith::other_head, CompareWith::twin, CompareWith::as_trained})
    if (!other.side && with != CompareWith::other_subject)
      other = find_other(words, way, frame, study, head, view);
  if (!other.side)
    throw WordedError(
        worded("export.no_comparison", "there is no comparison to save; choose what to compare with first"));
  std::shared_ptr<const Matrix> values_a, values_b;
  if (view.compare_layers) {
    values_a = frame.answer<Matrix>(map_values_key(*side, head, MapValues::layer_mean, -1)).value;
    values_b = frame.answer<Matrix>(map_values_key(*other.side, other.head, MapValues::layer_mean, -1)).value;
    if (!values_a || !values_b) throw not_there_yet(head);
  }
  ShownOptions options = shown_options(view);
  options.per_row = false;
  const auto a = make_shown_matrix(*side, head, options, values_a.get());
  const auto b = make_shown_matrix(*other.side, other.head, options, values_b.get());
  if (!a || !b) throw not_there_yet(head);
  const Difference difference = difference_of(*a, *b);
  Sheet sheet = sheet_of_shown(*a);
  sheet.values = difference.values;
  sheet.is_signed = true;
  sheet.highest = std::max(0.01, static_cast<double>(difference.largest));
  sheet.lowest = -sheet.highest;
  sheet.title = other.of_front + " − " + other.title;
  sheet.chosen_row = place_of_token(a->row_of, study.selection.query);
  sheet.heads = {head};
  sheet.more = words("compare.legend", {{"left", other.of_front}, {"right", other.title}}) + " · " +
               words("compare.difference", {{"distance", fixed(difference.distance, 3)}});
  if (view.compare_layers) sheet.more += " · " + std::string(words("map_values.formula.layer_mean"));
  return sheet;
}

// Numbers of all heads: for a figure the chosen measure over layers × heads, for a table all of them.
HeadRows measured_rows(const Frame& frame, const ViewState& view) {
  const std::shared_ptr<const Side>& side = side_of(frame);
  const HeadsTableState& state = view.heads_table;
  if (state.over_texts) {
    const auto texts = frame.answer<HeadsOfTexts>(texts_job_key(*side, state.texts_file));
    if (!texts.value)
      throw WordedError(worded("export.no_texts", "the texts were not read yet; press Read the texts first"));
    return rows_of(*texts.value);
  }
  const auto heads = frame.answer<AllHeads>("heads_table/" + std::to_string(side->id));
  if (!heads.value)
    throw WordedError(worded("export.not_measured", "the heads are not measured yet; try again in a moment"));
  return rows_of(*heads.value);
}

Sheet measure_sheet(const Words& words, const Frame& frame, const Study& study, const ViewState& view) {
  const HeadRows rows = measured_rows(frame, view);
  const Trace& trace = *side_of(frame)->trace;
  const Stack stack = head_of(frame, study).stack;
  const std::size_t m = place_of(view.heads_table.measure);
  const int from = view.count_heads_from_one ? 1 : 0;
  Sheet sheet;
  sheet.corner = "layer \\ head";
  sheet.values = Matrix::Constant(trace.n_layers(stack), trace.n_heads(stack), std::nanf(""));
  for (int l = 0; l < trace.n_layers(stack); ++l) sheet.rows.push_back("L" + std::to_string(l + from));
  for (int h = 0; h < trace.n_heads(stack); ++h) sheet.columns.push_back("H" + std::to_string(h + from));
  for (std::size_t i = 0; i < rows.heads.size(); ++i)
    if (rows.heads[i].stack == stack)
      sheet.values(rows.heads[i].layer, rows.heads[i].head) =
          rows.mean(static_cast<Index>(i), static_cast<Index>(m));
  const std::string key = measures()[m].key;
  sheet.title = words("heads_table.measure." + key);
  const Range scale = scale_of(rows, m);
  sheet.highest = static_cast<double>(scale.most);
  sheet.more = std::string(words("heads_table.formula." + key)) + " · " + measures()[m].source;
  return sheet;
}

Table measures_table(const Frame& frame, const Study& study, const ViewState& view) {
  const HeadRows rows = measured_rows(frame, view);
  const Trace& trace = *side_of(frame)->trace;
  Table table;
  table.corner = "head";
  const auto all = measures();
  const bool intervals = rows.low.size() > 0;
  const auto n = static_cast<Index>(all.size());
  for (const HeadId& head : rows.heads) table.rows.push_back(head_name(trace, head, view));
  for (const Measure& measure : all) table.columns.emplace_back(measure.key);
  table.values.resize(rows.mean.rows(), intervals ? 3 * n : n);
  table.values.leftCols(n) = rows.mean;
  if (intervals) {
    for (const Measure& measure : all) table.columns.push_back(std::string(measure.key) + " low");
    for (const Measure& measure : all) table.columns.push_back(std::string(measure.key) + " high");
    table.values.middleCols(n, n) = rows.low;
    table.values.rightCols(n) = rows.high;
  }
  (void)study;
  return table;
}

Sheet sheet_on_screen(const Words& words, const Frame& frame, const Study& study, const ViewState& view) {
  if (view.tab == Tab::compare) return compare_sheet(words, frame, study, view);
  if (view.tab == Tab::heads_table) return measure_sheet(words, frame, study, view);
  return head_sheet(words, frame, study, view);
}

Table table_on_screen(const Words& words, const Frame& frame, const Study& study, const ViewState& view) {
  if (view.tab == Tab::heads_table) return measures_table(frame, study, view);
  Sheet sheet = sheet_on_screen(words, frame, study, view);
  return {sheet.corner, std::move(sheet.rows), std::move(sheet.columns), std::move(sheet.values)};
}

ColorScale color_scale(ValueScale scale) {
  switch (scale) {
    case ValueScale::square_root:
      return ColorScale::square_root;
    case ValueScale::logarithmic:
      return ColorScale::logarithmic;
    case ValueScale::linear:
    case ValueScale::per_row:
      break;
  }
  return ColorScale::linear;
}

void save_script(const std::filesystem::path& path, const Side& side, const HeadId& head) {
  std::ofstream file(path, std::ios::binary);
  file << numpy_script(*side.trace, head);
  file.close();
  if (!file) throw Error(path.string() + " cannot be written: is the disk full, or the folder read-only?");
}

FigureOptions figure_options(const Side& side, const Study& study, const ViewState& view) {
  FigureOptions options;
  options.dark = view.theme != ThemeName::light;
  options.colors = view.color_map;
  options.scale = color_scale(view.map.scale);
  options.query = study.selection.query;
  options.text = side.subject.text;
  options.words = view.language == Language::chinese ? chinese_words() : english_words();
  return options;
}

Figure figure_of(const Sheet& sheet, const Side& side, FigureOptions options) {
  if (sheet.is_signed) {
    options.colors = signed_map(options.dark);
    options.scale = ColorScale::linear;
  }
  options.highest = sheet.highest;
  options.query = sheet.chosen_row;
  if (sheet.masks)
    options.visible = sheet.values.unaryExpr([](float v) { return std::isnan(v) ? 0.0f : 1.0f; });
  std::string caption = figure_caption(*side.trace, sheet.heads, options);
  if (!sheet.more.empty()) caption += " · " + sheet.more;
  return matrix_figure(sheet.values, sheet.rows, sheet.columns, sheet.title, sheet.lowest, options, caption);
}

Figure figure_on_screen(const Words& words, const Frame& frame, const Study& study, const ViewState& view) {
  const Side& side = *side_of(frame);
  FigureOptions options = figure_options(side, study, view);
  if (view.tab == Tab::steps)
    return steps_figure(*side.trace, study.selection.head, options.query, study.selection.key, options);
  if (view.tab != Tab::links) return figure_of(sheet_on_screen(words, frame, study, view), side, options);
  std::vector<HeadId> heads = study.selection.shown;
  if (heads.empty()) heads.push_back(head_of(frame, study));
  if (view.links_of_all_tokens) options.query = -1;
  options.highest = static_cast<double>(view.map.range_high);
  return links_figure(*side.trace, heads, options);
}

}  // namespace

void export_view(const std::string& target, const Frame& frame, const Study& study, const ViewState& view) {
  const std::size_t line_end = target.find('\n');
  const std::filesystem::path path = target.substr(0, line_end);
  const double scale = line_end == std::string::npos ? kUsualScale : std::atof(target.c_str() + line_end + 1);
  const std::string ending = path.extension().string();
  const Words words(view.language);
  if (ending == ".csv" || ending == ".tsv" || ending == ".json" || ending == ".npz")
    return save_table(table_on_screen(words, frame, study, view), path);
  // The steps of a head can be kept as the script that computes them.
  if (view.tab == Tab::steps && ending == ".py")
    return save_script(path, *side_of(frame), study.selection.head);
  if (ending == ".safetensors") return write_attention_file(*side_of(frame)->trace, path);
  save_figure(figure_on_screen(words, frame, study, view), path, std::clamp(scale, 0.25, 16.0));
}

std::optional<std::filesystem::path> copy_picture(const Frame& frame, const Study& study,
                                                  const ViewState& view) {
  const std::filesystem::path picture = passing_picture_name();
  export_view(picture.string(), frame, study, view);
  const bool copied = put_picture_on_clipboard(picture);
  std::error_code ignored;
  std::filesystem::remove(picture, ignored);
  if (copied) return std::nullopt;
  const std::filesystem::path path = free_picture_name(std::filesystem::current_path());
  export_view(path.string(), frame, study, view);
  return path;
}

std::string table_text(const Frame& frame, const Study& study, const ViewState& view) {
  return to_tsv(table_on_screen(Words(view.language), frame, study, view));
}

}  // namespace attn::app

#include "app/window/export_view.h"

#include <fstream>
#include <sstream>

#include "core/analysis/head_script.h"
#include "core/math/worded_error.h"
#include "core/study/figure_views.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

const Side& side_of(const Frame& frame) {
  if (!frame.a || !frame.a->trace)
    throw WordedError(worded("export.nothing", "there is no picture yet; type a sentence first"));
  return *frame.a;
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

void save_script(const std::string& path, const Side& side, const HeadId& head) {
  std::ofstream file(path, std::ios::binary);
  file << numpy_script(*side.trace, head);
  file.close();
  if (!file) throw Error(path + " cannot be written: is the disk full, or the folder read-only?");
}

}  // namespace

void export_view(const std::string& path, const Frame& frame, const Study& study, const ViewState& view) {
  const Side& side = side_of(frame);
  // The steps of a head can be kept as the script that computes them.
  if (view.tab == Tab::steps && path.ends_with(".py")) return save_script(path, side, study.selection.head);
  FigureOptions options;
  options.dark = view.theme != ThemeName::light;
  options.colors = view.color_map;
  options.scale = color_scale(view.map.scale);
  options.highest = static_cast<double>(view.map.range_high);
  options.query = study.selection.query;
  options.text = side.subject.text;
  options.words = view.language == Language::chinese ? chinese_words() : english_words();
  if (view.tab == Tab::links) {
    std::vector<HeadId> heads = study.selection.shown;
    if (heads.empty()) heads.push_back(study.selection.head);
    if (view.links_of_all_tokens) options.query = -1;
    save_figure(links_figure(*side.trace, heads, options), path);
  } else if (view.tab == Tab::steps) {
    save_figure(steps_figure(*side.trace, study.selection.head, options.query, study.selection.key, options),
                path);
  } else {
    save_figure(heatmap_figure(*side.trace, study.selection.head, options), path);
  }
}

std::string table_text(const Frame& frame, const Study& study) {
  const Side& side = side_of(frame);
  const HeadId head = study.selection.head;
  const std::optional<HeadWeights> weights = side.weights(head);
  if (!weights)
    throw WordedError(
        worded("export.not_yet", "the weights of {head} are not there yet", {{"head", to_text(head)}}));
  const auto& queries = side.trace->query_tokens(head.stack);
  const auto& keys = side.trace->key_tokens(head.stack);
  std::ostringstream out;
  for (const std::string& key : keys) out << '\t' << readable_token(key);
  out << '\n';
  for (Index q = 0; q < weights->rows(); ++q) {
    out << readable_token(queries[static_cast<std::size_t>(q)]);
    for (Index k = 0; k < weights->cols(); ++k) out << '\t' << weights->at(q, k);
    out << '\n';
  }
  return out.str();
}

}  // namespace attn::app

#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/forward/trace.h"
#include "core/study/figure.h"

namespace attn {

// The program's two looks (shared with the window's theme).
struct FigureTheme {
  Rgb background, panel, line, ink, dim, accent, warning;
  std::array<Rgb, 8> hues;  // heads as links
};
FigureTheme light_theme();
FigureTheme dark_theme();

// What figures write beside the data, in the language of the reader.
struct FigureWords {
  std::string query = "query", key = "key";
  std::string as_trained = "as trained", interventions = "interventions";
  std::string special = "special tokens", no_special = "no special tokens";
  std::string rows_sum = "each row sums to 1", masked = "masked";
  std::string linear = "linear scale", square_root = "square root scale", logarithmic = "logarithmic scale";
  std::string model = "Model", recording = "recording", text = "Text";
  std::string encoder = "Encoder", decoder = "Decoder", cross = "Cross-attention";
  std::string layer = "layer", head = "head";
};
FigureWords english_words();
FigureWords chinese_words();

struct FigureOptions {
  bool dark = false;
  ColorMap colors = ColorMap::cividis;
  ColorScale scale = ColorScale::linear;
  double highest = 1;   // the weight that gets the last colour
  bool numbers = true;  // in cells where they fit
  bool caption = true;
  double cell_px = 27;  // wanted size of a cell; shrinks so that the map stays below `largest_px`
  double largest_px = 1000;
  int query = -1;  // the row outlined; in links the only token drawn; -1: none, all
  // [Tq, Tk], 0 where masked, drawn hatched. Empty: asked of the model; in a recording a head that never
  // looks ahead counts as masked there.
  Matrix visible;
  std::string model;  // for the caption where the Trace has no model (a recording)
  std::string text;   // for the caption; empty: the tokens, as a person reads them
  FigureWords words;
};

// One head as a map: query rows down, key columns across at 45°, a number where it fits, the largest weight
// of each row outlined, masked cells hatched, a colour bar, and a caption that names model (short
// name, fingerprint), text, layer, head, interventions, special tokens and scale. Throws Error when the Trace
// has not these weights.
Figure heatmap_figure(const Trace& trace, const HeadId& head, const FigureOptions& options = {});

// The same for any matrix [Tq, Tk]: a difference map, words instead of tokens, norms instead of weights.
// `title` stands above it. `lowest`: what the first colour means (a signed map: -highest).
Figure matrix_figure(const Matrix& values, const std::vector<std::string>& query_names,
                     const std::vector<std::string>& key_names, const std::string& title, double lowest,
                     const FigureOptions& options, const std::string& caption);

// Every head as a thumbnail under its name: layers down, heads across, one block for each stack.
Figure grid_figure(const Trace& trace, const FigureOptions& options = {});

// The sentence twice, queries above and keys below (side by side where it is long), joined by curves whose
// width and shade are the weights; several heads each in its own hue.
Figure links_figure(const Trace& trace, const std::vector<HeadId>& heads, const FigureOptions& options = {});

// One query's row of a head, step by step: q, the products with each key by dimension, their sums, scale,
// position and mask, the weights as bars, weights · values and their sum. Keys: those with the largest
// weights where there are more than 40. Throws Error for a recording.
Figure steps_figure(const Trace& trace, const HeadId& head, int query, std::optional<int> key = std::nullopt,
                    const FigureOptions& options = {});

// The caption's sentences, for file metadata and for other figures.
std::string figure_caption(const Trace& trace, const std::vector<HeadId>& heads,
                           const FigureOptions& options);

}  // namespace attn

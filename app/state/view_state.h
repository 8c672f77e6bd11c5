#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "app/state/coreference_state.h"
#include "app/state/heads_table_state.h"
#include "app/state/predictions_state.h"
#include "app/state/steps_state.h"
#include "core/model/head_id.h"
#include "core/study/color_map.h"

namespace attn::app {

// How the study is looked at: plain values, never computed with. Written out with a session.

enum class ThemeName { light, dark, high_contrast };
enum class Language { english, chinese };
// In the order of older sessions: new ones at the end.
enum class Tab { heads, links, compare, coreference, heads_table, predictions, steps, start, training };
inline constexpr int kTabs = 9;
enum class SidePanel { none, left, right };
enum class ValueScale { linear, square_root, logarithmic, per_row };

// What the attention map draws of a head: the weights, or what is worked out of them
// (app/views/map_values.h). In the order of older sessions: new ones at the end.
enum class MapValues { weights, value_weighted, norms, layer_mean, rollout, head_rollout, flow };
inline constexpr int kMapValues = 7;

// The attention map's window onto a matrix.
struct MapView {
  MapValues values = MapValues::weights;
  float zoom = 1.0f;                 // 1: the whole matrix fits
  float pan_x = 0.0f, pan_y = 0.0f;  // in matrix widths and heights, of the upper left corner, at this zoom
  ValueScale scale = ValueScale::linear;
  // Weights drawn at the two ends of the colour bar; of other values: parts of the largest.
  float range_low = 0.0f, range_high = 1.0f;
  bool hide_special = false;  // [CLS], [SEP] and alike: left out, the rest renormalised, labelled
  bool hide_first = false;    // the first token likewise
  bool operator==(const MapView&) const = default;
};

// A cell of one stack's maps; a row or column alone where the other is -1.
struct StackCell {
  Stack stack = Stack::encoder;
  int query = -1, key = -1;
  bool operator==(const StackCell&) const = default;
};

// What is under the mouse: set while one frame is drawn, read by every view in the next.
struct Hover {
  std::optional<HeadId> head;
  int query = -1, key = -1;       // of the chosen head's stack
  std::optional<StackCell> cell;  // where an encoder-decoder's stacks stand side by side
  bool operator==(const Hover&) const = default;
};

struct ViewState {
  Language language = Language::english;
  ThemeName theme = ThemeName::light;
  int zoom_percent = 100;  // 75 … 250
  Tab tab = Tab::heads;
  ColorMap color_map = ColorMap::cividis;
  MapView map;
  bool covered = false;  // weights and answers are hidden: the class predicts first
  bool links_of_all_tokens = false;
  float link_threshold = 0.05f;  // weights below are not drawn as links
  bool left_panel = true, right_panel = true;
  bool count_heads_from_one = false;
  bool words_merged = false;    // pieces are shown as words
  bool block_cells = false;     // a click or drag on the map shuts cells instead of choosing them
  bool stacks_together = true;  // an encoder-decoder's three attentions stand side by side
  bool compare_layers = false;  // whole layers (the mean of their heads) are compared, not heads

  StepsState steps;
  CoreferenceState coreference;
  PredictionsState predictions;
  HeadsTableState heads_table;

  // Asked for once; the sentence bar and the screen take it back.
  bool focus_sentence = false;
  SidePanel switched_panel = SidePanel::none;  // to be shown or put away

  // A word that is looked for in the text; not part of a session.
  bool search_open = false;
  std::string search;

  // Open at the moment; not part of a session.
  bool help_open = false, palette_open = false, about_open = false, log_open = false;
  Hover hover;
};

}  // namespace attn::app

#pragma once

#include <string>
#include <vector>

#include "app/state/actions.h"
#include "app/state/desk.h"
#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/widgets/widgets.h"

namespace attn::app {

class PlacesCache;

// The parts of the window around the views: what is said at the top, what is in force, what lies over it.
// Free functions: const inputs, wishes out. `rect` in pixels.

// Model, sentence (and pair or target), examples, twin, language; and for a side panel that is not there a
// button that brings it.
struct PanelsAway {
  bool left = false, right = false;
};
void draw_top_bar(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                  const Desk& desk, const PanelsAway& away, Intents& intents);
// How high it is at this width: one row, and one more for a second sentence; narrow windows break it in two.
float top_bar_height(Ui& ui, float width, const Frame& frame);

// The tokens of the sentence: the chosen one outlined, the others shaded by how much it looks at them.
void draw_token_strip(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                      PlacesCache& cache, Intents& intents);
float token_strip_height(Ui& ui, float width, const Study& study, const ViewState& view, const Frame& frame,
                         PlacesCache& cache);

// Facts and keys at the bottom; what is in force too, while the panel that lists it is away.
void draw_status_bar(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                     const Desk& desk, const PanelsAway& away, Intents& intents);

// Help, palette, about, log: over the window while open.
struct PaletteState {
  bool opened = false;  // in an earlier frame: its field has the caret already
  std::string typed;
  int chosen = 0;
  std::vector<std::string> recent;  // actions run from the palette, newest first
};
void draw_help(Ui& ui, const ViewState& view, Intents& intents);
void draw_palette(Ui& ui, PaletteState& state, const ViewState& view, const ActionContext& context,
                  Intents& intents);
void draw_about(Ui& ui, const ViewState& view, Intents& intents);
void draw_log(Ui& ui, const ViewState& view, const Desk& desk, Intents& intents);

// Choosing a file to open, save or export to, while desk.browser is open.
struct FileDialogState {
  std::string typed;
  bool opened = false;
  std::string to_replace;  // an existing file that the person was asked about
  int scale = 1;           // of an exported PNG: place in 1×, 2×, 3×, 4×
};
void draw_file_dialog(Ui& ui, FileDialogState& state, const Frame& frame, const Desk& desk, Intents& intents);

// "needs about 441 MB of memory; 21.3 GB are free"; empty: not known.
std::string memory_needed(const Ui& ui, std::uint64_t needed, std::uint64_t free);

// The last part of a folder's path; names without slashes as they are.
std::string short_model_name(const std::string& name);

// What the model's language and the text disagree on: a Chinese sentence in an English model. Empty: nothing.
std::string better_model_for(const std::string& text, const Frame& frame, const Desk& desk);

}  // namespace attn::app

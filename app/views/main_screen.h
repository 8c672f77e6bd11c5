#pragma once

#include <string>

#include "app/views/coreference.h"
#include "app/views/heads_table.h"
#include "app/views/predictions.h"
#include "app/views/shell.h"
#include "app/views/start.h"
#include "app/views/steps.h"
#include "app/views/training.h"
#include "app/views/views.h"

namespace attn::app {

// What the screen keeps from frame to frame. Made after the window and gone before it.
struct MainScreen {
  ViewCaches caches;
  StepsCache steps;
  StartCache start;
  CoreferenceCache coreference;
  PredictionsCache predictions;
  HeadsTableCache heads_table;
  TrainingCache training;
  PaletteState palette;
  FileDialogState file_dialog;
  Wording problem;    // of the program itself (a file that cannot be opened); the frame has its own
  Wording dismissed;  // a problem that the person has read
  SidePanel drawer = SidePanel::none;         // open over the views, where there is no room beside them
  float left_width = 232, right_width = 248;  // design units
};

// The whole window: top bar, tokens, controls | views | details, status, and what lies over them.
// Side panels fold away first when there is little room.
void draw_main_screen(Ui& ui, MainScreen& screen, const Frame& frame, const Study& study,
                      const ViewState& view, const Desk& desk, Intents& intents);

}  // namespace attn::app

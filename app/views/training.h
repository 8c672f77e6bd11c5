#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/views/training/choice.h"
#include "app/views/training/run.h"
#include "app/views/view_caches.h"
#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame: the form that a person fills in, the run that goes on, the last
// picture of it, and what earlier runs reached.
struct TrainingCache {
  TrainingChoice choice;
  bool recipe_chosen = false;  // by the person; until then it follows the model in front
  std::string followed;        // that model
  int speed = 0;               // steps a second; 0: as fast as it goes

  std::shared_ptr<TrainingRun> run;  // null: nothing is trained
  Recipe begun;                      // what it was begun with
  std::string key;                   // of the job that works on it
  int n_runs = 0, n_parts = 0;       // runs begun; parts of the present one (it was paused between them)
  bool working = false, pausing = false;
  std::string preset;   // the card that it was begun from
  std::string watched;  // the sentence it was told to watch
  std::shared_ptr<const TrainingPicture> picture;
  Wording problem;  // why it ended

  std::map<std::string, MeterReading> reached;  // by recipe and card
  Selection selection;                          // in the model that learns
  bool head_chosen = false, query_chosen = false;

  std::string keep_name;
  std::string keep_key;  // of the job that writes; empty: none
  std::string kept;      // the folder of the model that was kept last
  Wording keep_problem;
  int n_kept = 0;

  ViewCaches views;  // the map and links of the model that learns
};

// Tab::training. Training a small model from nothing, watched.
void draw_training(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                   TrainingCache& cache, Intents& intents);

}  // namespace attn::app

#pragma once

#include "app/views/training.h"
#include "app/widgets/widgets.h"

namespace attn::app {

// The parts of the training view. Each draws at the cursor of its column, or in `rect`.

struct TrainingPage {
  Ui& ui;
  const Frame& frame;
  const Study& study;
  const ViewState& view;
  TrainingCache& cache;
  Intents& intents;
  const std::vector<RecipeFile>& recipes;
};

// run_controls.cpp: begin, pause, go on, one step, reset, speed, seed.
void begin_training(TrainingPage& page);
void reset_training(TrainingPage& page);
void follow_training(TrainingPage& page);  // takes over what the jobs answered
void draw_run_controls(TrainingPage& page);
bool differs_from_run(const TrainingPage& page);

// cards.cpp: "train without it".
void draw_preset_cards(TrainingPage& page);

// settings.cpp: what the model is made of.
void choose_recipe(TrainingPage& page, const RecipeFile& file);
void draw_training_settings(TrainingPage& page);

// progress.cpp: the meter, the curves, and the model that learns.
void draw_progress(TrainingPage& page, const Rect& rect);

// keep.cpp: as a model beside the built-in ones.
void draw_keep(TrainingPage& page);

}  // namespace attn::app

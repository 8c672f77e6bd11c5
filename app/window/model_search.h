#pragma once

#include <filesystem>
#include <vector>

#include "app/state/desk.h"
#include "app/state/frame.h"
#include "app/state/intents.h"
#include "core/model/find_models.h"

namespace attn::app {

// Built-in ones first, then those found on this computer. Reads every model's headers: a worker's job where
// there may be many.
std::vector<MenuModel> menu_models(const ModelPlaces& places);

// Keeps the menu of models as it is on disk. A worker looks at the start, whenever it is asked to (the menu
// opens), and when a model joined the person's own; until it is back the menu shows what was known before.
class ModelSearch {
 public:
  // The built-in models, at once.
  static std::vector<MenuModel> built_in();
  void again();
  // Once a frame: asks for what is being searched. True: `models` were found anew.
  bool take_in(const Frame& frame, Intents& intents, std::vector<MenuModel>& models);

 private:
  void watch_own_models();

  int number_ = 0;                                        // of the newest search
  bool searching_ = true;                                 // … which a worker is at
  std::filesystem::file_time_type own_models_changed_{};  // of the folder, when it was last looked at
};

}  // namespace attn::app

#include "app/window/model_search.h"

#include "core/model/own_models.h"
#include "core/study/library.h"

namespace attn::app {

std::vector<MenuModel> menu_models(const ModelPlaces& places) {
  std::vector<MenuModel> menu;
  for (const FoundModel& found : find_models(places)) {
    const bool built_in = found.origin == FoundModel::Origin::built_in;
    const bool ours = built_in || found.origin == FoundModel::Origin::folder;
    const ModelCard card = ours ? read_model_card(found.path) : ModelCard{};
    menu.push_back({found.name, found.name, found.family, found.n_layers, found.n_heads, found.bytes,
                    found.memory_bytes, found.n_parameters, card.trained_on, card.language, found.unusable,
                    built_in});
  }
  return menu;
}

std::vector<MenuModel> ModelSearch::built_in() {
  ModelPlaces shipped;
  shipped.built_in = model_places().built_in;
  return menu_models(shipped);
}

void ModelSearch::again() {
  ++number_;
  searching_ = true;
}

bool ModelSearch::take_in(const Frame& frame, Intents& intents, std::vector<MenuModel>& models) {
  watch_own_models();
  if (!searching_) return false;
  using Menu = std::vector<MenuModel>;
  const std::string key = "menu.models." + std::to_string(number_);
  const Answer<Menu> found = frame.answer<Menu>(key);
  if (!found.done) {
    intents.want<Menu>(key, [](JobControl&) { return menu_models(model_places()); });
    return false;
  }
  searching_ = false;
  if (!found.value) return false;
  models = *found.value;
  return true;
}

// A model that was kept (by the training view, or by attnlab train --out) joins the menu.
void ModelSearch::watch_own_models() {
  std::error_code none_yet;
  const auto changed = std::filesystem::last_write_time(own_models_folder(), none_yet);
  if (none_yet || changed == own_models_changed_) return;
  if (own_models_changed_ != std::filesystem::file_time_type{}) again();
  own_models_changed_ = changed;
}

}  // namespace attn::app

#include "app/state/keepsakes.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/analysis/head_statistics.h"
#include "core/math/error.h"

namespace attn::app {

using nlohmann::json;

namespace {

constexpr std::size_t kMostRecent = 12;
constexpr std::int64_t kMostTokens = 1'000'000;  // of a text, and entries of a vocabulary

std::filesystem::path folder_from(const char* variable, const char* under_home) {
  const char* value = std::getenv(variable);
  // The specification asks to ignore relative paths.
  if (value && value[0] == '/') return std::filesystem::path(value) / "attnlab";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home && *home ? home : "/tmp") / under_home / "attnlab";
}

template <class Enum>
void read_enum(const json& in, const char* name, int n_values, Enum& out) {
  if (!in.contains(name) || !in[name].is_number_integer()) return;
  const auto value = in[name].get<std::int64_t>();
  if (value >= 0 && value < n_values) out = static_cast<Enum>(value);
}

void read_flag(const json& in, const char* name, bool& out) {
  if (in.contains(name) && in[name].is_boolean()) out = in[name].get<bool>();
}

void read_number(const json& in, const char* name, float least, float most, float& out) {
  if (in.contains(name) && in[name].is_number()) out = std::clamp(in[name].get<float>(), least, most);
}

// An entry of the vocabulary; -1: none.
void read_entry(const json& in, const char* name, int& out) {
  if (!in.contains(name) || !in[name].is_number_integer()) return;
  const auto value = in[name].get<std::int64_t>();
  out = value >= 0 && value < kMostTokens ? static_cast<int>(value) : -1;
}

std::vector<std::string> read_texts(const json& in, const char* name) {
  std::vector<std::string> out;
  if (!in.contains(name) || !in[name].is_array()) return out;
  for (const json& value : in[name]) {
    if (value.is_string()) out.push_back(value.get<std::string>());
  }
  return out;
}

json coreference_to_json(const CoreferenceState& state) {
  json guesses = json::array();
  for (const auto& [example, candidate] : state.guesses) guesses.push_back({example, candidate});
  return {{"section", static_cast<int>(state.section)},
          {"grid", static_cast<int>(state.grid)},
          {"measure", static_cast<int>(state.measure)},
          {"pronoun", state.pronoun},
          {"candidates", state.candidates},
          {"place", state.place},
          {"file", state.file},
          {"example", state.example},
          {"guesses", guesses}};
}

void read_text(const json& in, const char* name, std::string& out) {
  if (in.contains(name) && in[name].is_string()) out = in[name].get<std::string>();
}

void coreference_from_json(const json& in, CoreferenceState& state) {
  if (!in.is_object()) return;
  read_enum(in, "section", 5, state.section);
  read_enum(in, "grid", 4, state.grid);
  read_enum(in, "measure", 3, state.measure);
  read_text(in, "pronoun", state.pronoun);
  state.candidates = read_texts(in, "candidates");
  read_text(in, "place", state.place);
  read_text(in, "file", state.file);
  read_enum(in, "example", 1'000'000, state.example);
  state.guesses.clear();
  if (!in.contains("guesses") || !in["guesses"].is_array()) return;
  for (const json& guess : in["guesses"])
    if (guess.is_array() && guess.size() == 2 && guess[0].is_number_integer() && guess[1].is_number_integer())
      state.guesses[guess[0].get<int>()] = guess[1].get<int>();
}

// Not what is being written: a text that came back stands still.
json predictions_to_json(const PredictionsState& state) {
  return {{"part", static_cast<int>(state.part)},
          {"masked", state.masked},
          {"masked_text", state.masked_text},
          {"target", state.target},
          {"distractor", state.distractor}};
}

void predictions_from_json(const json& in, PredictionsState& state) {
  if (!in.is_object()) return;
  read_enum(in, "part", kPredictionsParts, state.part);
  state.masked.clear();
  if (in.contains("masked") && in["masked"].is_array())
    for (const json& token : in["masked"])
      if (token.is_number_integer() && token.get<std::int64_t>() >= 0)
        state.masked.push_back(
            static_cast<int>(std::min<std::int64_t>(token.get<std::int64_t>(), kMostTokens)));
  read_text(in, "masked_text", state.masked_text);
  read_entry(in, "target", state.target);
  read_entry(in, "distractor", state.distractor);
}

void heads_table_from_json(const json& in, HeadsTableState& state) {
  if (!in.is_object()) return;
  std::string measure;
  read_text(in, "measure", measure);
  if (find_measure(measure)) state.measure = measure;
  read_flag(in, "ascending", state.ascending);
  read_number(in, "at_least", -1, 1e6f, state.at_least);
  read_flag(in, "colours_grid", state.colours_grid);
  read_text(in, "texts_file", state.texts_file);
}

}  // namespace

Folders user_folders() {
  return {folder_from("XDG_CONFIG_HOME", ".config"), folder_from("XDG_STATE_HOME", ".local/state")};
}

json view_to_json(const ViewState& view) {
  return {{"language", static_cast<int>(view.language)},
          {"theme", static_cast<int>(view.theme)},
          {"zoom_percent", view.zoom_percent},
          {"tab", static_cast<int>(view.tab)},
          {"step", static_cast<int>(view.steps.step)},
          {"step_what_if", static_cast<int>(view.steps.what_if)},
          {"color_map", static_cast<int>(view.color_map)},
          {"scale", static_cast<int>(view.map.scale)},
          {"range_low", view.map.range_low},
          {"range_high", view.map.range_high},
          {"hide_special", view.map.hide_special},
          {"hide_first", view.map.hide_first},
          {"links_of_all_tokens", view.links_of_all_tokens},
          {"link_threshold", view.link_threshold},
          {"left_panel", view.left_panel},
          {"right_panel", view.right_panel},
          {"count_heads_from_one", view.count_heads_from_one},
          {"words_merged", view.words_merged},
          {"coreference", coreference_to_json(view.coreference)},
          {"map_values", static_cast<int>(view.map.values)},
          {"compare_layers", view.compare_layers},
          {"stacks_together", view.stacks_together},
          {"predictions", predictions_to_json(view.predictions)},
          {"heads_table",
           {{"measure", view.heads_table.measure},
            {"ascending", view.heads_table.ascending},
            {"at_least", view.heads_table.at_least},
            {"colours_grid", view.heads_table.colours_grid},
            {"texts_file", view.heads_table.texts_file}}}};
}

void view_from_json(const json& in, ViewState& view) {
  if (!in.is_object()) return;
  read_enum(in, "language", 2, view.language);
  read_enum(in, "theme", 3, view.theme);
  read_enum(in, "tab", kTabs, view.tab);
  read_enum(in, "step", kSteps, view.steps.step);
  read_enum(in, "step_what_if", kWhatIfs, view.steps.what_if);
  read_enum(in, "color_map", 3, view.color_map);
  read_enum(in, "scale", 4, view.map.scale);
  float zoom = static_cast<float>(view.zoom_percent);
  read_number(in, "zoom_percent", 75, 250, zoom);
  view.zoom_percent = static_cast<int>(zoom);
  read_number(in, "range_low", 0, 1, view.map.range_low);
  read_number(in, "range_high", 0, 1, view.map.range_high);
  if (view.map.range_high <= view.map.range_low) {
    view.map.range_low = 0;
    view.map.range_high = 1;
  }
  read_flag(in, "hide_special", view.map.hide_special);
  read_flag(in, "hide_first", view.map.hide_first);
  read_flag(in, "links_of_all_tokens", view.links_of_all_tokens);
  read_number(in, "link_threshold", 0, 1, view.link_threshold);
  read_flag(in, "left_panel", view.left_panel);
  read_flag(in, "right_panel", view.right_panel);
  read_flag(in, "count_heads_from_one", view.count_heads_from_one);
  read_flag(in, "words_merged", view.words_merged);
  if (in.contains("coreference")) coreference_from_json(in["coreference"], view.coreference);
  read_enum(in, "map_values", kMapValues, view.map.values);
  read_flag(in, "compare_layers", view.compare_layers);
  read_flag(in, "stacks_together", view.stacks_together);
  if (in.contains("predictions")) predictions_from_json(in["predictions"], view.predictions);
  if (in.contains("heads_table")) heads_table_from_json(in["heads_table"], view.heads_table);
}

std::string session_text(const Study& study, const ViewState& view) {
  return to_session_text({study, view_to_json(view).dump()});
}

std::string settings_text(const Settings& settings) {
  json prepared = json::array();
  for (const std::optional<Study>& study : settings.prepared) {
    prepared.push_back(study ? study_to_json(*study) : json(nullptr));
  }
  const json out = {{"recent_files", settings.recent_files},
                    {"own_examples", settings.own_examples},
                    {"prepared", std::move(prepared)},
                    {"window", {settings.window_width, settings.window_height}}};
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Settings parse_settings(std::string_view text) {
  Settings settings;
  const json in = json::parse(text, nullptr, false);
  if (!in.is_object()) return settings;
  settings.recent_files = read_texts(in, "recent_files");
  settings.own_examples = read_texts(in, "own_examples");
  if (in.contains("prepared") && in["prepared"].is_array()) {
    for (std::size_t i = 0; i < std::min(settings.prepared.size(), in["prepared"].size()); ++i) {
      try {
        if (in["prepared"][i].is_object())
          settings.prepared[i] = study_from_json(in["prepared"][i], "settings.json");
      } catch (const Error&) {
        // This one is damaged; the others may not be.
      }
    }
  }
  if (in.contains("window") && in["window"].is_array() && in["window"].size() == 2 &&
      in["window"][0].is_number_integer() && in["window"][1].is_number_integer()) {
    settings.window_width =
        static_cast<int>(std::clamp<std::int64_t>(in["window"][0].get<std::int64_t>(), 480, 16000));
    settings.window_height =
        static_cast<int>(std::clamp<std::int64_t>(in["window"][1].get<std::int64_t>(), 320, 16000));
  }
  return settings;
}

void remember_file(Settings& settings, const std::string& path) {
  std::erase(settings.recent_files, path);
  settings.recent_files.insert(settings.recent_files.begin(), path);
  if (settings.recent_files.size() > kMostRecent) settings.recent_files.resize(kMostRecent);
}

}  // namespace attn::app

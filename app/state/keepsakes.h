#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/state/view_state.h"
#include "core/study/session.h"

namespace attn::app {

// Where the program keeps what outlives it (XDG Base Directory Specification); never the current folder.
struct Folders {
  std::filesystem::path config;  // settings.json
  std::filesystem::path state;   // last-session.json, attnlab.log
};
Folders user_folders();

nlohmann::json view_to_json(const ViewState& view);
// Takes over what it understands; whatever is missing or odd stays as it is in `view`.
void view_from_json(const nlohmann::json& json, ViewState& view);

// A whole session: the study, how it is looked at.
std::string session_text(const Study& study, const ViewState& view);

// Settings beside the session: recent files, own examples, prepared states 1–9, window size.
struct Settings {
  std::vector<std::string> recent_files;
  std::vector<std::string> own_examples;
  std::array<std::optional<Study>, 9> prepared;
  int window_width = 1280, window_height = 800;
};
std::string settings_text(const Settings& settings);
// Damaged settings are no reason not to start: what cannot be read is left at its default.
Settings parse_settings(std::string_view text);

void remember_file(Settings& settings, const std::string& path);

}  // namespace attn::app

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/math/worded_error.h"
#include "core/study/study.h"

namespace attn::app {

// A model in the menu.
struct MenuModel {
  std::string name;   // what Subject::model takes
  std::string title;  // what a person reads
  std::string family;
  int n_layers = 0, n_heads = 0;
  std::uint64_t bytes = 0;         // of its weight files
  std::uint64_t memory_bytes = 0;  // that opening it takes; 0: not known
  std::size_t n_parameters = 0;    // 0: not known
  std::string trained_on;          // one sentence; empty: not known
  std::string language;            // "en", "zh", "" not known
  Wording why_not;                 // it cannot be opened: why
  bool built_in = false;
};

// A sentence ready to be looked at.
struct Example {
  std::string language, model, text, pronoun;
  std::vector<std::string> candidates;
  std::optional<Twin> twin;
  std::string target;  // for translators: what is written
};

// The folder browser, while a file is being chosen.
struct Browser {
  enum class For { nothing, opening, saving, exporting };
  struct Entry {
    std::string name;
    bool folder = false;
    bool model = false;  // a folder with a config.json: opened as a model
  };
  For purpose = For::nothing;
  std::string folder;
  std::vector<Entry> entries;
  std::string problem;  // why the folder cannot be shown
};

// What lies on the desk beside the study: what the program found, keeps and did. Read by views, changed by
// the program only.
struct Desk {
  std::vector<MenuModel> models;  // built-in ones at once, others when they are found
  std::vector<Example> examples;
  std::vector<std::string> own_examples;  // sentences that the person kept
  std::vector<std::string> recent_files;
  Browser browser;
  std::array<bool, 9> prepared{};       // which of the states 1–9 are kept
  std::vector<std::string> log;         // newest last
  std::uint64_t free_memory_bytes = 0;  // that programs could take now; 0: not known
  std::string session_file;             // empty: not saved under a name yet
  bool unsaved = false;                 // … and changed since
  bool can_undo = false, can_redo = false;
  bool busy = false;               // something is computed or read
  double frame_ms = 0, ui_ms = 0;  // the last frame; the interface's own share of it
  bool model_changed = false;      // the open model's folder changed on disk since it was read
  std::string message;             // the newest thing to say ("Saved …"); empty: nothing
};

}  // namespace attn::app

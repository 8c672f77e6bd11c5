#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/state/desk.h"
#include "app/state/frame.h"
#include "app/state/view_state.h"

namespace attn::app {

// What the program begins with and what it opens: the only place of the window that reads folders and files.

std::vector<Example> built_in_examples();  // assets/examples/examples.json
Browser list_folder(const std::string& folder, Browser::For purpose);

// Sizes and times of the files that make a model: another text when one of them changed.
std::string folder_state(const std::string& folder);

// The animal sentence, in the language of the interface.
Study first_study(const Desk& desk, Language language);

struct Opened {
  Study study;
  std::shared_ptr<nlohmann::json> view;  // null: as it is
  bool session = false;
  bool choose_pronoun = false;
  std::string examples;  // not empty: a file of examples, read by the coreference view
  Wording note;          // what should be known of the file; empty: nothing
};
// A session file, a file of pronouns and their answers (.jsonl, .tsv, .xml), a text (.txt), a model folder
// (or its config.json), or an attention file. Throws Error with a sentence.
Opened open_any(const std::string& path, const Study& present);

// What the workers made of the study's model and input.
struct Settled {
  enum class What {
    not_yet,          // it is being read, or the frame answers another study
    there,            // it is drawn
    stays,            // it cannot be read and stays where it was typed, under the sentence that says why
    waits_for_input,  // its model is open and reads something else: nothing is drawn until that is given
    failed            // the study should go back to the one that is drawn
  };
  What what = What::not_yet;
  Study back;       // of a failure: `drawn`, with the text that was typed meanwhile
  Wording problem;  // … and why, with the name of what is shown
};
// `drawn`: the last study that was `there`.
Settled settle_opening(const Frame& frame, const Study& study, const Study& drawn);

}  // namespace attn::app

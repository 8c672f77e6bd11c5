#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/forward/pass.h"
#include "core/study/library.h"

namespace attn::app {

// Arguments that parse one by one but make no sense together: exit status 2.
class WrongArguments : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What most commands are asked about: a model, a text and what is done to it.
struct SubjectArguments {
  std::string model;
  std::string text, text_file, text_pair, target, ids, target_ids, input_file, interventions;
  std::string image, audio;  // a picture or sound in place of a text
  bool add_special_tokens = true;
  bool truncate = false;
  std::string truncate_to;  // tokens; empty: as many as the model takes
  int threads = 0;

  void add_model(CLI::App* command);
  void add_text(CLI::App* command);           // --text, --text-file, --text-pair, --target, …
  void add_interventions(CLI::App* command);  // --do
  void add_threads(CLI::App* command);
};

// A pass that a command asked for, with all that it came from.
struct CommandPass {
  LoadedModel loaded;
  Subject subject;
  PreparedText text;  // empty when ids or tensors were given
  std::shared_ptr<const Trace> trace;
};

// Opens the model and runs the pass that the arguments describe.
CommandPass run_pass_of(const SubjectArguments& arguments, Pool& pool, bool logits = false);

// As open_model, but a recording is refused.
LoadedModel open_running_model(const std::string& name, Pool& pool);

// Where --truncate cuts a text, in tokens; 0: where the model's positions end. Throws WrongArguments.
int truncated_at(const SubjectArguments& arguments);

// What a person should know of what was opened and read, on standard error.
void tell(const std::vector<Wording>& notes);

// Throws a WordedError when a pass of a model gave what is not a number.
void check_numbers(const Trace& trace, const LoadedModel& loaded);

// The text as the core reads it; bytes that are no UTF-8 are told of on standard error. `option` is where it
// was given.
std::string told_utf8(std::string_view text, const std::string& option);

// Throws WrongArguments naming the option and the path where there is no file.
void check_there(const std::string& file, const std::string& option);

// The Subject that --text and the others describe. Throws WrongArguments where there is no text or there are
// two.
Subject subject_of(const SubjectArguments& arguments);

// What --do says for this model. Throws WrongArguments.
Interventions interventions_of(const SubjectArguments& arguments, const ModelSpec& spec);

// Throws WrongArguments unless the file's name ends in one of `endings` (".png"); `option` names it.
void check_ending(const std::string& file, std::initializer_list<std::string_view> endings,
                  const std::string& option);

// "5, 9,2" → {5, 9, 2}, also between brackets. Throws WrongArguments naming `option`.
std::vector<int> parse_ids(const std::string& text, const std::string& option);

}  // namespace attn::app

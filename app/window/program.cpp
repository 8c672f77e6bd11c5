#include "app/window/program.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/state/actions.h"
#include "app/state/app_state.h"
#include "app/state/keepsakes.h"
#include "app/views/main_screen.h"
#include "app/window/drive.h"
#include "app/window/export_view.h"
#include "app/window/first_selection.h"
#include "app/window/keeper.h"
#include "app/window/log.h"
#include "app/window/model_search.h"
#include "app/window/opening.h"
#include "app/window/window.h"
#include "app/worker/worker.h"
#include "core/math/worded_error.h"
#include "core/model/load_model.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

constexpr double kBetweenAutosaves_s = 2.0;
constexpr double kMessageStays_s = 6.0;
constexpr double kBetweenLooks_s = 2.0;  // at the model's folder

class Program {
 public:
  explicit Program(const ProgramOptions& options);
  int run();

 private:
  void restore();
  void open_path(const std::string& path);
  void draw(Ui& ui);
  void take_in(const Frame& frame);
  void say_opened();
  void settle(const Frame& frame);
  void lay_out_desk();
  void run_shortcuts(Ui& ui, const Frame& frame, Intents& intents);
  void apply(const Intents& intents, const Frame& frame);
  void run_command(Command command, const std::string& argument, const Frame& frame);
  void save(const std::string& path);
  void watch_model(const Frame& frame);
  void keep_session();
  void say(const std::string& message);
  void complain(const Wording& problem);
  void name_window();
  void tell_first_picture();

  ProgramOptions options_;
  Folders folders_ = user_folders();
  Settings settings_;
  Log log_;
  Keeper keeper_{folders_, options_.fresh, log_, [this](const Wording& problem) { complain(problem); }};
  AppState state_{Study{}};
  Desk desk_;
  ModelSearch model_search_;
  Window window_;
  Worker worker_;
  MainScreen screen_;  // pictures on the graphics card: gone before the window

  // What was opened and is not on the screen yet, and the last study that was.
  struct Opening {
    std::string path;
    std::string said;  // the path as it was given
  };
  std::optional<Opening> opening_;
  Study drawn_;

  std::vector<std::string> seen_tokens_;  // that the selection's numbers belong to
  Stack seen_stack_ = Stack::encoder;     // whose queries they are
  bool word_lost_ = false;                // the chosen word was typed over: the next pronoun takes its place
  bool choose_pronoun_ = true;            // when the tokens are there
  std::vector<HeadId> wanted_heads_;
  std::string title_;
  Wording last_problem_;
  bool told_first_picture_ = false;
  double kept_at_s_ = 0, message_at_s_ = 0, now_s_ = 0, watched_at_s_ = 0, memory_looked_at_s_ = -1;
  std::string watched_model_, watched_state_;  // the open model's folder, and how its files were
  Words words_{Language::english};
  Language words_language_ = Language::english;
};

Settings load_settings(const Folders& folders, const ProgramOptions& options) {
  if (options.fresh) return {};
  try {
    return parse_settings(read_text_file(folders.config / "settings.json"));
  } catch (const Error&) {
    return {};  // the first start
  }
}

WindowOptions window_options(const ProgramOptions& options, const Settings& settings) {
  WindowOptions window;
  window.width = options.width > 0 ? options.width : settings.window_width;
  window.height = options.height > 0 ? options.height : settings.window_height;
  window.scripted = !options.drive.empty();
  window.started_s = options.started_s;
  return window;
}

std::filesystem::path log_file(const ProgramOptions& options, const Folders& folders) {
  if (!options.log_file.empty()) return options.log_file;
  return options.fresh ? std::filesystem::path() : folders.state / "attnlab.log";
}

Program::Program(const ProgramOptions& options)
    : options_(options),
      settings_(load_settings(folders_, options)),
      log_(log_file(options, folders_), options.verbose),
      window_(window_options(options, settings_)),
      worker_([this] { window_.wake(); }) {
  if (!log_.file_problem().empty()) log_.say(log_.file_problem());
  desk_.examples = built_in_examples();
  desk_.models = ModelSearch::built_in();
  restore();
  drawn_ = state_.study();
  if (!options_.path.empty()) open_path(options_.path);
  if (!options_.input_file.empty()) open_path(options_.input_file);
}

void Program::restore() {
  state_.history.amend(first_study(desk_, state_.view.language));
  const std::optional<Session> last = keeper_.last_session();
  if (!last) return;
  state_.history.amend(last->study);
  view_from_json(nlohmann::json::parse(last->view_json), state_.view);
  choose_pronoun_ = false;
}

void Program::say(const std::string& message) {
  desk_.message = message;
  message_at_s_ = now_s_;
  log_.say(message);
}

void Program::complain(const Wording& problem) {
  screen_.problem = problem;
  screen_.dismissed = {};
  log_.say(problem.english);
}

// A file of pronouns with their answers stands beside the study and changes nothing of it.
void show_examples(const std::string& file, ViewState& view) {
  view.tab = Tab::coreference;
  view.coreference.section = CorefSection::file;
  view.coreference.file = file;
  view.coreference.example = 0;
  view.coreference.guesses.clear();
}

void Program::open_path(const std::string& path) {
  try {
    Opened opened = open_any(path, state_.study());
    screen_.problem = {};  // of what was opened before
    const bool is_to_load = opened.examples.empty();
    if (opened.view) view_from_json(*opened.view, state_.view);
    if (opened.examples.empty()) {
      choose_pronoun_ = opened.choose_pronoun;
      state_.history.begin(std::move(opened.study), opened.session ? path : "");
    } else {
      show_examples(opened.examples, state_.view);
    }
    opening_ = Opening{std::filesystem::absolute(path).string(), path};
    if (!opened.note.empty()) complain(opened.note);
    if (!is_to_load) say_opened();
  } catch (const Error& problem) {
    complain(wording_of(problem));
  }
}

void Program::say_opened() {
  if (!opening_) return;
  remember_file(settings_, opening_->path);
  keeper_.keep_settings(settings_);
  say(words_("file.opened", {{"path", opening_->said}}));
  opening_.reset();
}

// What was opened is on the screen, or the study goes back to what is drawn, so that nothing names a model
// that nobody sees.
void Program::settle(const Frame& frame) {
  const Settled settled = settle_opening(frame, state_.study(), drawn_);
  switch (settled.what) {
    case Settled::What::not_yet:
      return;
    case Settled::What::stays:
      return opening_.reset();
    case Settled::What::there:
      drawn_ = state_.study();
      [[fallthrough]];
    case Settled::What::waits_for_input:
      return say_opened();
    case Settled::What::failed:
      break;
  }
  opening_.reset();
  complain(settled.problem);
  state_.history.withdraw(settled.back);
  seen_tokens_.clear();  // the selection belongs to the tokens that come back with it
  word_lost_ = choose_pronoun_ = false;
}

// What the workers answered changes two things that belong to the person: the chosen token stays on its word,
// and a new sentence begins with its pronoun chosen.
void Program::take_in(const Frame& frame) {
  if (frame.problem != last_problem_) {
    last_problem_ = frame.problem;
    if (!last_problem_.empty()) log_.say(last_problem_.english);
    screen_.dismissed = {};
  }
  settle(frame);
  const Study& study = state_.study();
  if (!frame.a || !frame.a->trace || !frame.a->trace->complete || !frame.problem.empty()) return;
  if (frame.study.a.text != study.a.text || frame.a->subject.model != study.a.model ||
      frame.study.flipped != study.flipped)
    return;
  const Stack stack = study.selection.head.stack;
  const std::vector<std::string>& tokens = frame.a->trace->query_tokens(stack);
  if (tokens != seen_tokens_ || stack != seen_stack_) {
    // A token that was chosen together with another stack is one of its own already.
    const bool follows = !seen_tokens_.empty() && stack == seen_stack_;
    if (follows && (study.selection.query >= 0 || word_lost_)) {
      Study moved = study;
      moved.selection.query = follow_token(seen_tokens_, tokens, study.selection.query);
      moved.selection.key.reset();
      // Its word is gone: the sentence begins anew, with its own pronoun.
      const bool lost = moved.selection.query < 0;
      const bool points = frame.a->loaded.model && frame.a->loaded.model->spec.pointer;
      if (lost && points && !choose_pronoun_) moved = with_first_selection(moved, *frame.a);
      word_lost_ = moved.selection.query < 0;
      state_.history.amend(std::move(moved));
    }
    seen_tokens_ = tokens;
    seen_stack_ = stack;
  }
  if (choose_pronoun_) {
    choose_pronoun_ = false;
    state_.history.amend(with_first_selection(state_.study(), *frame.a));
  }
}

void Program::lay_out_desk() {
  if (words_language_ != state_.view.language) {
    words_language_ = state_.view.language;
    words_ = Words(words_language_);
  }
  desk_.session_file = state_.history.file();
  desk_.unsaved = state_.history.unsaved();
  desk_.can_undo = state_.history.can_undo();
  desk_.can_redo = state_.history.can_redo();
  desk_.busy = worker_.busy();
  desk_.frame_ms = window_.counters().frame_ms;
  desk_.ui_ms = window_.counters().interface_ms;
  desk_.own_examples = settings_.own_examples;
  desk_.recent_files = settings_.recent_files;
  for (std::size_t i = 0; i < desk_.prepared.size(); ++i)
    desk_.prepared[i] = settings_.prepared[i].has_value();
  if (state_.view.log_open) desk_.log = log_.lines();
  if (memory_looked_at_s_ < 0 || now_s_ - memory_looked_at_s_ > kBetweenLooks_s) {
    memory_looked_at_s_ = now_s_;
    desk_.free_memory_bytes = available_memory_bytes();
  }
  if (now_s_ - message_at_s_ > kMessageStays_s) desk_.message.clear();
}

void Program::run_shortcuts(Ui& ui, const Frame& frame, Intents& intents) {
  const ActionContext context{state_.study(), state_.view, frame, desk_};
  if (ui.typed(U'?')) intents.look([](ViewState& v) { v.help_open = !v.help_open; });
  for (const Action& action : all_actions()) {
    if (!action.chord.empty() && ui.pressed(action.chord)) action.act(context, intents);
  }
  if (ui.pressed("Ctrl+Shift+Z")) intents.ask(Command::redo);
  for (int digit = 1; digit <= 9; ++digit) {
    const std::string number = std::to_string(digit);
    if (ui.pressed(number)) intents.ask(Command::recall_state, number);
    if (ui.pressed("Ctrl+Shift+" + number)) intents.ask(Command::keep_state, number);
  }
}

// Another program may write a model while it is looked at (training saves a new step).
void Program::watch_model(const Frame& frame) {
  if (!frame.a || !frame.a->loaded.model) return;
  const Model& model = *frame.a->loaded.model;
  const std::string which = model.path + " " + std::to_string(reinterpret_cast<std::uintptr_t>(&model));
  if (which == watched_model_ && now_s_ - watched_at_s_ < kBetweenLooks_s) return;
  watched_at_s_ = now_s_;
  const std::string state = folder_state(model.path);
  if (which != watched_model_) {
    watched_model_ = which;
    watched_state_ = state;
  }
  desk_.model_changed = state != watched_state_;
}

// The one place where a person's wishes become what is.
void Program::apply(const Intents& intents, const Frame& frame) {
  const Study before = state_.study();
  state_.view.hover = Hover{};
  for (const auto& [command, argument] : state_.apply(intents)) {
    try {
      run_command(command, argument, frame);
    } catch (const Error& problem) {
      complain(wording_of(problem));
    }
  }
  const Study& after = state_.study();
  const bool other_model = after.a.model != before.a.model;
  if (state_.went_back_or_forth) {
    seen_tokens_.clear();  // the selection that came back belongs to the tokens that come back with it
    word_lost_ = false;
  }
  const bool other_sentence =
      after.a.text != before.a.text && after.selection.query < 0 && before.selection.query >= 0;
  if (other_model || other_sentence) choose_pronoun_ = true;
  if (other_model) screen_.problem = {};
  if (!intents.wanted_heads().empty()) wanted_heads_ = intents.wanted_heads();

  Request request;
  request.study = after;
  request.wanted_heads = wanted_heads_;
  // How a study is looked at changes no number.
  request.study.selection = {};
  request.study.compare = CompareWith::nothing;
  worker_.request(std::move(request));
  for (const std::string& key : intents.stopped_jobs()) worker_.stop_job(key);
  worker_.want(intents.jobs());
  if (!(after == before) || !intents.looks().empty()) window_.want_frames(2);
}

void Program::draw(Ui& ui) {
  now_s_ = ui.now_s;
  for (const std::string& path : window_.take_dropped()) open_path(path);
  const std::shared_ptr<const Frame> frame = worker_.latest();
  take_in(*frame);
  watch_model(*frame);
  lay_out_desk();

  Intents intents;
  draw_main_screen(ui, screen_, *frame, state_.study(), state_.view, desk_, intents);
  run_shortcuts(ui, *frame, intents);
  if (model_search_.take_in(*frame, intents, desk_.models)) window_.want_frames(2);
  apply(intents, *frame);
  window_.set_look(state_.view.theme, state_.view.language, state_.view.zoom_percent);
  name_window();
  if (frame->a && frame->a->trace) window_.call_it_a_picture();
  if (!told_first_picture_) tell_first_picture();

  if (!desk_.message.empty()) ui.wake_in(kMessageStays_s);
  if (now_s_ - kept_at_s_ > kBetweenAutosaves_s) keep_session();
}

// "• lesson.json – Attention Lab": the mark stands for what is not saved yet.
void Program::name_window() {
  std::string title = "Attention Lab";
  if (const std::string& file = state_.history.file(); !file.empty())
    title = (state_.history.unsaved() ? "• " : "") + std::filesystem::path(file).filename().string() + " – " +
            title;
  if (title == title_) return;
  title_ = std::move(title);
  window_.set_title(title_);
}

void Program::tell_first_picture() {
  const FrameCounters& counters = window_.counters();
  if (counters.first_picture_ms < 0) return;
  told_first_picture_ = true;
  char line[96];
  std::snprintf(line, sizeof line, "first frame after %.0f ms, first picture after %.0f ms",
                counters.first_frame_ms, counters.first_picture_ms);
  log_.say(line);
}

void Program::save(const std::string& path) {
  write_text_file(path, session_text(state_.study(), state_.view));
  state_.history.saved(path);
  remember_file(settings_, std::filesystem::absolute(path).string());
  keeper_.keep_settings(settings_);
  say(words_("file.saved", {{"path", path}}));
}

void Program::run_command(Command command, const std::string& argument, const Frame& frame) {
  const auto browse_for = [&](Browser::For purpose) {
    std::error_code ignored;
    const std::string start = desk_.browser.folder.empty() || !desk_.browser.problem.empty()
                                  ? std::filesystem::current_path(ignored).string()
                                  : desk_.browser.folder;
    desk_.browser = list_folder(start, purpose);
  };
  switch (command) {
    case Command::undo:
    case Command::redo:
      break;  // done by AppState
    case Command::new_study:
      state_.history.begin(first_study(desk_, state_.view.language), "");
      choose_pronoun_ = true;
      break;
    case Command::open:
      if (argument.empty()) {
        browse_for(Browser::For::opening);
      } else {
        open_path(argument);
      }
      break;
    case Command::save:
      if (argument.empty() && desk_.session_file.empty()) {
        browse_for(Browser::For::saving);
      } else {
        save(argument.empty() ? desk_.session_file : argument);
      }
      break;
    case Command::save_as:
      browse_for(Browser::For::saving);
      break;
    case Command::export_figure:
      if (argument.empty()) {
        browse_for(Browser::For::exporting);
      } else {
        export_view(argument, frame, state_.study(), state_.view);
        say(words_("file.saved", {{"path", argument.substr(0, argument.find('\n'))}}));
      }
      break;
    case Command::copy_table:
      window_.set_clipboard(table_text(frame, state_.study(), state_.view));
      say(std::string(words_("file.copied")));
      break;
    case Command::copy_picture:
      if (const auto saved = copy_picture(frame, state_.study(), state_.view))
        say(words_("file.picture_not_copied", {{"path", saved->string()}}));
      else
        say(std::string(words_("file.picture_copied")));
      break;
    case Command::browse:
      desk_.browser = list_folder(argument, desk_.browser.purpose);
      break;
    case Command::close_browser:
      desk_.browser.purpose = Browser::For::nothing;
      break;
    case Command::find_models:
      model_search_.again();
      break;
    case Command::reload_model:
      worker_.reload(state_.study().a.model);
      break;
    case Command::cancel_loading:
      worker_.cancel_loading();
      break;
    case Command::keep_example:
      std::erase(settings_.own_examples, argument);
      if (!argument.empty()) settings_.own_examples.insert(settings_.own_examples.begin(), argument);
      keeper_.keep_settings(settings_);
      break;
    case Command::keep_state:
      settings_.prepared.at(static_cast<std::size_t>(argument.at(0) - '1')) = state_.study();
      keeper_.keep_settings(settings_);
      say(words_("file.kept_state", {{"n", argument}}));
      break;
    case Command::recall_state:
      if (const auto& kept = settings_.prepared.at(static_cast<std::size_t>(argument.at(0) - '1'))) {
        state_.history.change(*kept, "");
        seen_tokens_.clear();
      } else {
        say(words_("file.no_state", {{"n", argument}}));
      }
      break;
    case Command::quit:
      window_.close();
      break;
  }
}

void Program::keep_session() {
  kept_at_s_ = now_s_;
  keeper_.keep_session([this] { return session_text(state_.study(), state_.view); });
}

int Program::run() {
  window_.set_look(state_.view.theme, state_.view.language, state_.view.zoom_percent);
  const Window::Draw frame = [this](Ui& ui) { draw(ui); };
  int status = 0;
  if (options_.drive.empty()) {
    window_.run(frame);
  } else {
    status = run_drive(
        options_.drive, window_, frame, [this] { return worker_.busy(); },
        [this](int percent) { state_.view.zoom_percent = std::clamp(percent, 75, 250); });
  }
  if (options_.drive.empty()) {
    settings_.window_width = window_.width_px();
    settings_.window_height = window_.height_px();
  }
  keeper_.keep_settings(settings_);
  keep_session();
  return status;
}

}  // namespace

int run_program(const ProgramOptions& options) {
  Program program(options);
  return program.run();
}

}  // namespace attn::app

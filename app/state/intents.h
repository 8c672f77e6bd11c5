#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/state/jobs.h"
#include "app/state/view_state.h"
#include "core/study/study.h"

namespace attn::app {

// Things that only the program itself can do; asked for by name.
enum class Command {
  undo,
  redo,
  new_study,
  open,           // shows the folder browser, or opens the argument
  save,           // to the argument, or where it was saved before
  save_as,        // shows the folder browser
  export_figure,  // shows the folder browser, or writes the argument
  copy_table,
  copy_picture,
  browse,  // the folder browser goes to this folder
  close_browser,
  find_models,  // looks again what there is on this computer, for the menu
  reload_model,
  cancel_loading,
  keep_example,  // argument: the sentence
  keep_state,    // argument: "1" … "9"
  recall_state,  // argument: "1" … "9"
  quit,
};

// What a view wishes for while it is drawn. Collected during a frame, applied in order in one place after it
// (AppState::apply): a view never changes what it draws from.
class Intents {
 public:
  // Changes what is examined; can be undone. Changes with the same non-empty `together` that follow one
  // another become one step of undo (typing in one field, one drag).
  void edit(std::function<void(Study&)> change, std::string_view together = {}) {
    edits_.push_back({std::move(change), std::string(together)});
  }
  // Changes how it is looked at; not part of undo.
  void look(std::function<void(ViewState&)> change) { looks_.push_back(std::move(change)); }
  void ask(Command command, std::string argument = {}) {
    commands_.push_back({command, std::move(argument)});
  }
  // Weights of a head that the Trace did not keep: the workers make them.
  void want_weights(const HeadId& head) { wanted_heads_.push_back(head); }
  // Work beside the pictures; its answer is frame.answer<T>(key) in a later frame. Asked for in every frame
  // that shows it. `key` names the work and everything that the answer depends on: Side::id for a
  // computation.
  template <class T>
  void want(std::string key, std::function<T(JobControl&)> work, JobKind kind = JobKind::quick) {
    jobs_.push_back({std::move(key), kind, [work = std::move(work)](JobControl& control) {
                       return std::any(std::make_shared<const T>(work(control)));
                     }});
  }
  // Ends a lasting job, or forgets an answer so that it is worked out again.
  void stop_job(std::string key) { stopped_jobs_.push_back(std::move(key)); }

  struct Edit {
    std::function<void(Study&)> change;
    std::string together;
  };
  const std::vector<Edit>& edits() const { return edits_; }
  const std::vector<std::function<void(ViewState&)>>& looks() const { return looks_; }
  const std::vector<std::pair<Command, std::string>>& commands() const { return commands_; }
  const std::vector<HeadId>& wanted_heads() const { return wanted_heads_; }
  const std::vector<JobWish>& jobs() const { return jobs_; }
  const std::vector<std::string>& stopped_jobs() const { return stopped_jobs_; }

 private:
  std::vector<Edit> edits_;
  std::vector<std::function<void(ViewState&)>> looks_;
  std::vector<std::pair<Command, std::string>> commands_;
  std::vector<HeadId> wanted_heads_;
  std::vector<JobWish> jobs_;
  std::vector<std::string> stopped_jobs_;
};

}  // namespace attn::app

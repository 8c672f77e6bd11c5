#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "core/study/study.h"

namespace attn::app {

// Undo is a list of Studies. Steps that belong together (typing, a drag) are one.
class History {
 public:
  explicit History(Study start) : present_(std::move(start)) {}
  const Study& present() const { return present_; }
  bool can_undo() const { return !past_.empty(); }
  bool can_redo() const { return !future_.empty(); }

  // Makes `next` the present; a step with the same non-empty `together` as the last one joins it.
  void change(Study next, const std::string& together);
  void undo();
  void redo();
  // A step that a person did not make (the workers found where a token went): joins the present, no step of
  // its own.
  void amend(Study next) { present_ = std::move(next); }

 private:
  Study present_;
  std::vector<Study> past_, future_;
  std::string last_together_;
};

// Everything that a person can change, and the one place where it changes.
struct AppState {
  explicit AppState(Study start) : history(std::move(start)) {}
  History history;
  ViewState view;

  const Study& study() const { return history.present(); }
  // Applies a frame's wishes in order; commands that are not about state are left for the program.
  // Returns the commands that remain.
  std::vector<std::pair<Command, std::string>> apply(const Intents& intents);
};

}  // namespace attn::app

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "core/study/study.h"

namespace attn::app {

// Undo is a list of Studies. Steps that belong together (typing, a drag) are one. Each belongs to a document:
// what was opened or begun as new. Undo may lead back into the document before it, and to its file.
class History {
 public:
  explicit History(Study start) : present_{std::move(start), 0} {}
  const Study& present() const { return present_.study; }
  bool can_undo() const { return !past_.empty(); }
  bool can_redo() const { return !future_.empty(); }

  // Makes `next` the present; a step with the same non-empty `together` as the last one joins it.
  void change(Study next, const std::string& together);
  void undo();
  void redo();
  // A step that a person did not make (the workers found where a token went): joins the present, no step of
  // its own, and nothing that would have to be saved.
  void amend(Study next);

  // The last step came to nothing (what was opened cannot be): it is taken out, and the one before it, made
  // `instead`, is the present again.
  void withdraw(Study instead);

  // A step into another document. `file`: where it was read from; empty: it has none yet.
  void begin(Study next, std::string file);
  // The present document is in `file` as it is now.
  void saved(std::string file);
  // Where the present document is kept; empty: it was not saved under a name yet.
  const std::string& file() const { return document().file; }
  // It has a file, and differs from what is written there. Where one looks (the selection) counts too.
  bool unsaved() const { return !file().empty() && !(document().as_saved == present()); }

 private:
  struct Step {
    Study study;
    std::size_t document;
  };
  struct Document {
    std::string file;
    Study as_saved;
  };
  const Document& document() const { return documents_[present_.document]; }
  void step_to(Step next);

  Step present_;
  std::vector<Step> past_, future_;
  std::vector<Document> documents_ = std::vector<Document>(1);
  std::string last_together_;
};

// Everything that a person can change, and the one place where it changes.
struct AppState {
  explicit AppState(Study start) : history(std::move(start)) {}
  History history;
  ViewState view;
  bool went_back_or_forth = false;  // the last apply() undid or redid something

  const Study& study() const { return history.present(); }
  // Applies a frame's wishes in order; commands that are not about state are left for the program.
  // Returns the commands that remain.
  std::vector<std::pair<Command, std::string>> apply(const Intents& intents);
};

}  // namespace attn::app

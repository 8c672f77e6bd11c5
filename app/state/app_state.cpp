#include "app/state/app_state.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostSteps = 500;

// What a person does to single tokens belongs to the sentence in front of them.
void bind_to_tokens(const Study& before, Study& after) {
  const Interventions& now = after.a.interventions;
  if (!names_tokens(now)) {
    after.a.bound_text.clear();
  } else if (!(now == before.a.interventions)) {
    after.a.bound_text = after.shown().text;
  }
}

}  // namespace

void History::step_to(Step next) {
  past_.push_back(std::move(present_));
  if (past_.size() > kMostSteps) past_.erase(past_.begin());
  present_ = std::move(next);
  future_.clear();
}

void History::change(Study next, const std::string& together) {
  if (next == present()) return;
  const bool joins = !together.empty() && together == last_together_ && !past_.empty();
  if (joins) {
    present_.study = std::move(next);
    future_.clear();
  } else {
    step_to({std::move(next), present_.document});
  }
  last_together_ = together;
}

void History::amend(Study next) {
  Document& document = documents_[present_.document];
  if (document.as_saved == present()) document.as_saved = next;
  present_.study = std::move(next);
}

void History::withdraw(Study instead) {
  if (past_.empty()) return amend(std::move(instead));
  present_ = std::move(past_.back());
  past_.pop_back();
  last_together_.clear();
  amend(std::move(instead));
}

void History::begin(Study next, std::string file) {
  documents_.push_back({std::move(file), next});
  step_to({std::move(next), documents_.size() - 1});
  last_together_.clear();
}

void History::saved(std::string file) {
  documents_[present_.document] = {std::move(file), present()};
  last_together_.clear();
}

void History::undo() {
  if (past_.empty()) return;
  future_.push_back(std::move(present_));
  present_ = std::move(past_.back());
  past_.pop_back();
  last_together_.clear();
}

void History::redo() {
  if (future_.empty()) return;
  past_.push_back(std::move(present_));
  present_ = std::move(future_.back());
  future_.pop_back();
  last_together_.clear();
}

std::vector<std::pair<Command, std::string>> AppState::apply(const Intents& intents) {
  for (const Intents::Edit& edit : intents.edits()) {
    Study next = study();
    edit.change(next);
    bind_to_tokens(study(), next);
    history.change(std::move(next), edit.together);
  }
  for (const auto& change : intents.looks()) change(view);
  went_back_or_forth = false;
  std::vector<std::pair<Command, std::string>> left;
  for (const auto& [command, argument] : intents.commands()) {
    if (command == Command::undo || command == Command::redo) {
      went_back_or_forth = true;
      command == Command::undo ? history.undo() : history.redo();
    } else {
      left.emplace_back(command, argument);
    }
  }
  return left;
}

}  // namespace attn::app

#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "app/state/desk.h"
#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"

namespace attn::app {

// What an action may look at to know what to wish for.
struct ActionContext {
  const Study& study;
  const ViewState& view;
  const Frame& frame;
  const Desk& desk;
};

// Something that a person can do without pointing: one list feeds the shortcuts, the command palette and the
// help overlay. Its words are at "action.<name>".
struct Action {
  std::string_view name;   // "flip_twin"
  std::string_view chord;  // "T", "Ctrl+Z"; empty: palette only
  std::string_view group;  // "sentence", "heads", "model", "view", "file": headings of the help overlay
  std::function<void(const ActionContext&, Intents&)> act;
};

std::span<const Action> all_actions();
const Action* find_action(std::string_view name);

// The model that a study of this language begins with.
std::string_view default_model(Language language);

// The stack and layer count that the arrows move in; heads wrap into the next layer.
HeadId moved_head(const Frame& frame, const HeadId& from, int by_layers, int by_heads);
// The next or previous token of the text, staying inside it; from nothing: the first or the last.
int moved_token(int n_tokens, int from, int by);

}  // namespace attn::app

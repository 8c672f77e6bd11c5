#pragma once

#include <optional>
#include <string>

#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/widgets/ui.h"
#include "core/study/study.h"

namespace attn::app {

// A token of the sentence in front that the model does not know by itself.
struct Stranger {
  std::string word;   // as it stands in the text
  std::string known;  // what is read in its place (Subject::stand_ins); empty: nothing, it is [UNK]
};

// nullopt: the token is a known word, or none of the text's.
std::optional<Stranger> stranger_at(const Side& side, std::size_t token);

// Asks what kind of thing a stranger is: a known word of that kind is then read in its place, an
// intervention. Rows of an open popup; for models whose word lists are here (recipes_folder). Closes the
// popup.
void draw_kinds(Ui& ui, const Frame& frame, const Stranger& stranger, Intents& intents);

}  // namespace attn::app

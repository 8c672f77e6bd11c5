#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace attn::app {

enum class CorefSection { heads, sweep, words, patching, file };
// What a click on a word of the sentence chooses.
enum class CorefMark { pronoun, candidates, place };
// What the grid of heads is coloured by.
enum class CorefGrid { margin, twin, without, direct };
// What patching is measured by: the pointing head's margin, that of the head in front, or the word that the
// model would write in the pronoun's place.
enum class PatchingMeasure { pointer, head, word };

// How the coreference view is looked at: plain values, written out with a session.
struct CoreferenceState {
  CorefSection section = CorefSection::heads;
  CorefMark mark = CorefMark::candidates;
  CorefGrid grid = CorefGrid::margin;
  PatchingMeasure measure = PatchingMeasure::pointer;
  // By name, as find_mention takes them: "it#2". They stay on their words when the sentence changes
  // elsewhere.
  std::string pronoun;                  // empty: proposed
  std::vector<std::string> candidates;  // empty: proposed
  std::string place;                    // the word that a sweep exchanges; empty: the twin's
  std::string file;                     // of examples
  int example = 0;                      // of that file, the one in front
  std::map<int, int> guesses;           // example → candidate: what the person guessed

  // Not part of a session.
  std::set<std::string> started;  // long jobs that the person started, by key
  std::string find;               // of the sweep's words

  bool operator==(const CoreferenceState&) const = default;
};

}  // namespace attn::app

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/study/library.h"
#include "core/training/grammar.h"
#include "core/training/meter.h"

namespace attn::app {

// Where recipes and grammars lie: beside the built-in models.
std::filesystem::path recipes_folder();

// Twin pairs that a model never saw: the grammar's situations, with its held-out nouns.
struct HeldOut {
  std::shared_ptr<const Grammar> grammar;  // null: there is no held-out set for this model
  std::vector<TwinPair> pairs;
  bool question_at_end = false;  // the model was trained to be asked after the sentence
  MeterReading first_noun, nearest_noun;
};

constexpr int kHeldOutPairs = 500;

// The pairs and what guessing gets on them. Reads nothing.
HeldOut held_out_of(std::shared_ptr<const Grammar> grammar, bool question_at_end);

// The set of the grammar whose words are this model's words; none where no grammar of recipes_folder() has
// them. Reads files; throws Error for a grammar that cannot be read.
HeldOut find_held_out(const LoadedModel& loaded);

}  // namespace attn::app

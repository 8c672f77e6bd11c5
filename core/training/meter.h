#pragma once

#include <vector>

#include "core/forward/interventions.h"
#include "core/math/pool.h"
#include "core/model/model.h"
#include "core/training/grammar.h"

namespace attn {

// A live meter: how many twin pairs that it never saw a model answers right as it is now, with whatever was
// changed in it. One sentence can be right by luck, 500 pairs cannot.
struct MeterReading {
  int n_pairs = 0;
  bool has_pointer = false;  // the answer is the pointing head's; otherwise the word named at the pronoun
  bool silent = false;       // the pointing head itself is off: no answer is right
  int right = 0;             // pairs with both twins answered right. Chance n / 4, a fixed guess 0
  int named = 0;             // pairs where the output at the pronoun names the right word of the two, twice
  double sentences = 0;      // share of sentences answered right. Chance 0.5
  double weight = 0;         // mean weight of the pointing head on the antecedent
  bool operator==(const MeterReading&) const = default;
};

// `now` acts on every sentence alike: it must not name single tokens. Throws Error where it has no meaning
// for this model or the model is no encoder that names words; Cancelled. 500 pairs take about 50 ms.
MeterReading read_meter(const Model& model, const std::vector<TwinPair>& pairs, const Interventions& now = {},
                        Pool* pool = nullptr, const CancelToken* cancel = nullptr);

// What needs no model.
enum class Guess { first_noun, nearest_noun };
MeterReading guess_answers(const std::vector<TwinPair>& pairs, Guess guess);

}  // namespace attn

#pragma once

#include <vector>

#include "core/training/grammar.h"
#include "core/training/objective.h"
#include "core/training/recipe.h"

namespace attn {

// The batch that a recipe draws from its grammar for a step, cut into `n_parts` (texts in order). Every loss
// is averaged over the whole batch. `random` alone decides what is drawn.
std::vector<Batch> draw_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                              Random random, int step, int n_parts);

// Every pronoun that is asked about stands once more after the sentence, and the question moves there: what
// is seen from the end needs no look ahead.
void ask_at_end(Sentence& sentence);

// Translations: the next word of every target word, and where one cross-attention head should look for it.
std::vector<Batch> draw_translation_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                                          Random random, int n_parts);

// The class of every word.
std::vector<Batch> draw_tagging_batch(const Recipe& recipe, const Grammar& grammar, Random random,
                                      int n_parts);

// A sentence and its translation as an encoder-decoder reads them: the source and </s>; <pad>, the target.
Inputs inputs_of(const Translation& translation);

// `period` random words, repeated until there are `length`: what induction heads are found with (Olsson et
// al. 2022).
std::vector<int> repeated_words(int n_vocab, int period, int length, Random& random);

}  // namespace attn

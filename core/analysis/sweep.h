#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/coreference.h"
#include "core/analysis/words.h"
#include "core/forward/pass.h"
#include "core/text/tokenizer.h"

namespace attn {

// What every question about a pronoun's head is asked with.
struct PronounQuestion {
  std::string text;
  Mention pronoun;
  std::vector<Mention> candidates;
  HeadId head;
  Interventions interventions;
};

// One word tried in a place.
struct SweepRow {
  std::string word;
  std::vector<double> to_candidates;
  double margin = 0;  // first candidate minus the best other
  bool known = true;  // false: the tokenizer has only its unknown token for it
};

// Told now and then how much is done, 0 … 1.
using SweepProgress = std::function<void(float)>;

// Every word that a tokenizer knows whole: letters only, each spelled once, in the order of its numbers.
// Where tokenizers mark pieces ("##ing", "Ġthe", "▁the"), those that can stand alone.
std::vector<std::string> known_words(const Tokenizer& tokenizer);

// Sweep: each word is put in the place of `place` (as "tired" in "… it was too tired") and the head looked at
// again, all texts in batches. Sorted by margin, largest first. Words whose text has no token left for the
// pronoun or a candidate are left out. Throws Cancelled; Error when the place lies on the pronoun or a
// candidate.
std::vector<SweepRow> sweep(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                            const PronounQuestion& question, const Mention& place,
                            std::span<const std::string> words, Pool* pool = nullptr,
                            const CancelToken* cancel = nullptr, const SweepProgress& progress = {});

// What becomes of the margin when a word cannot be seen (its tokens are hidden as keys, in every layer of the
// head's stack).
struct WordEffect {
  int word = 0;       // index into groups
  double margin = 0;  // without it
  double change = 0;  // margin without it minus margin with all words
};

// Hides one group of tokens at a time, groups of special tokens too; the pronoun's own word is left out, as
// its row is what is read. In the order of the text. `inputs`: the question's text, tokenized.
std::vector<WordEffect> which_words_mattered(std::shared_ptr<const Model> model, const Inputs& inputs,
                                             const WordGroups& words, const PronounQuestion& question,
                                             Pool* pool = nullptr, const CancelToken* cancel = nullptr,
                                             const SweepProgress& progress = {});

// What becomes of a measure of the Trace (a margin) when one head is switched off (its output set to 0), for
// every head of the text's stack: measure without the head minus measure with all, [L, H].
Matrix switch_heads_off(std::shared_ptr<const Model> model, const Inputs& inputs,
                        const std::function<double(const Trace&)>& measure,
                        const Interventions& interventions = {}, Pool* pool = nullptr,
                        const CancelToken* cancel = nullptr, const SweepProgress& progress = {});

// Activation patching between twins (Zhang & Nanda 2023): while the model reads `to`, what it computed for
// `from` is put in, at one place at a time. A value of 1 means the measure moved all the way to that of
// `from`, 0 that nothing moved; (patched - to) / (from - to).
struct PatchingResult {
  double from = 0, to = 0;      // the measure on either text
  std::vector<double> streams;  // by layer: the residual stream entering it, at `rows`
  Matrix positions;             // [L, T] the residual stream entering the layer, at one token
  Matrix heads;                 // [L, H] that head's output, at all rows
};

// Texts of the same length, `rows` where they differ (the exchanged word). `measure` reads a finished Trace:
// a margin, a difference of logits. Throws Error when the lengths differ or the measure is the same on both
// texts.
PatchingResult patch_twins(std::shared_ptr<const Model> model, const Inputs& from, const Inputs& to,
                           std::span<const int> rows, const std::function<double(const Trace&)>& measure,
                           const Interventions& interventions = {}, Pool* pool = nullptr,
                           const CancelToken* cancel = nullptr, const SweepProgress& progress = {});

}  // namespace attn

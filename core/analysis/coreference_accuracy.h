#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/analysis/coreference.h"
#include "core/analysis/interval.h"
#include "core/forward/pass.h"
#include "core/text/tokenizer.h"

namespace attn {

// A word or phrase of an example: by name ("it#2", found as find_mention does), or by its bytes.
struct ExampleMention {
  std::string word;
  std::size_t begin = 0, end = 0;  // bytes of the text; begin == end: by name
};

// One pronoun whose antecedent is known.
struct PronounExample {
  std::string id;  // as its file calls it
  int line = 0;    // where it stands in the file, from 1
  std::string text;
  ExampleMention pronoun;
  std::vector<ExampleMention> candidates;
  std::optional<int> answer;  // index into candidates; nullopt: none of them
};

// The tokens of an example. Throws Error for a word that is not in the text or was cut away.
Mention resolve(const ExampleMention& mention, const std::string& text, const Encoding& encoding);

// What one method answered on one example; nullopt: nothing.
struct ExampleOutcome {
  std::string why_skipped;  // empty: it was looked at
  std::optional<int> answer;
  std::optional<int> by_best_head;  // filled in at the end: the head that is right most often
};

struct HeadAccuracy {
  HeadId head;
  int right = 0;
  Interval share;  // with Wilson's interval
};

// How often each head's larger weight goes to the right candidate (ties go to the first), over the examples
// that have a right one and could be read.
struct CoreferenceAccuracy {
  int n = 0;                             // examples judged
  int n_skipped = 0;                     // could not be read: ExampleOutcome::why_skipped
  int n_neither = 0;                     // whose pronoun means none of the candidates: looked at, not judged
  std::vector<HeadAccuracy> heads;       // the best first
  std::string method;                    // "pointer" or "mas": what the model's answer was read from
  Interval answer;                       // how often that was right
  Interval first, nearest;               // the first candidate; the last one before the pronoun
  double chance = 0;                     // mean of 1 / number of candidates
  std::vector<ExampleOutcome> outcomes;  // one an example
};

// Runs every example, in batches. Throws Cancelled; Error when not one of them can be read. A model with a
// pointer answers with it, any other with the attention score of Klein & Nabi (2019).
// `progress` is told the share done, 0 … 1.
CoreferenceAccuracy coreference_accuracy(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                                         const std::vector<PronounExample>& examples,
                                         const Interventions& interventions = {}, Pool* pool = nullptr,
                                         const CancelToken* cancel = nullptr,
                                         const std::function<void(float)>& progress = {});

// {"model", "n", "n_skipped", "n_neither", "answer": {"method", share}, "baselines": {"first": share,
//  "nearest": share, "chance"}, "heads": [{"head", "layer", "head_index", share}], "skipped": [{"line",
//  "why"}]}; share: "accuracy", "low", "high" (95 %).
std::string to_json(const CoreferenceAccuracy& accuracy, const std::vector<PronounExample>& examples,
                    const std::string& model, bool several_stacks);

}  // namespace attn

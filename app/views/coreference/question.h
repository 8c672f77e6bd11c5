#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/view_state.h"
#include "core/analysis/mentions.h"

namespace attn::app {

// Who chose the candidates.
enum class ProposedBy { person, example, word_lists, word_lists_and_unknown, articles, nobody };

// One pronoun of one text, and what it may mean.
struct CorefQuestion {
  std::string text;      // that the mentions are found in
  Encoding encoding;     // of it
  bool own_text = true;  // text and encoding are the tokenizer's: it can be changed and run again
  Mention pronoun;       // no tokens: none was found
  std::vector<Mention> candidates;
  ProposedBy by = ProposedBy::nobody;
  std::vector<std::string> missing;  // chosen words that are not in this text

  bool complete() const { return !pronoun.tokens.empty() && !candidates.empty(); }
  // Names everything that an answer depends on beside the computation, for the keys of jobs.
  std::string key() const;
};

// Nouns of the word lists that a model of ours was trained with; empty: not known.
using NounSet = std::set<std::string>;
// Reads the grammar of the recipe with the model's name. Opens files: for a job.
NounSet nouns_of_model(const std::string& model);

// The question that the state asks about a side's text; what it leaves open is proposed: the example's own
// words; nouns of the model's word lists, and words that it does not know where it knows but one; words
// behind an article.
CorefQuestion make_question(const Side& side, const CoreferenceState& state, const NounSet& nouns);

// What to call the words of tokens [first, last], so that find_mention finds them; nullopt: they are no
// words.
std::optional<std::string> name_of_tokens(const CorefQuestion& question, int first, int last);

class QuestionCache {
 public:
  const CorefQuestion& update(const std::shared_ptr<const Side>& side, const CoreferenceState& state,
                              const std::shared_ptr<const NounSet>& nouns);

 private:
  std::shared_ptr<const Trace> trace_;
  std::string pronoun_;
  std::vector<std::string> candidates_;
  std::shared_ptr<const NounSet> nouns_;
  CorefQuestion question_;
};

}  // namespace attn::app

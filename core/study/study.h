#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/forward/interventions.h"
#include "core/model/head_id.h"

namespace attn {

// What a model itself wrote behind a text: token ids, because letters cannot always say them (half a
// character, a word cut differently). They hold while that model reads exactly the text that came out of
// them.
struct WrittenTokens {
  std::string model;      // whose tokens they are, as Subject::model
  std::string text;       // all of it, what was typed and what was written
  std::size_t typed = 0;  // bytes of it before the first written token
  std::vector<int> ids;
  std::vector<std::size_t> ends;  // bytes of `text` up to and with each
  bool operator==(const WrittenTokens&) const = default;
};

// One thing to compute: a model, a text (with a pair or a target where the model takes one), interventions.
// A plain value; the model is named, not held.
struct Subject {
  std::string model;                  // what --model takes: a built-in name, a folder, a Hub name
  std::string text;                   // UTF-8
  std::optional<std::string> pair;    // second sentence (BERT pairs)
  std::optional<std::string> target;  // target of an encoder-decoder; nullopt: the model writes it
  // A picture (PNG, JPEG), a sound (WAV) or raw tensors (safetensors) that the model reads in place of the
  // text; empty: the text.
  std::string input_file;
  bool special_tokens = true;  // [CLS], </s> and alike, as the tokenizer's template says
  Interventions interventions;
  // The text that interventions on single tokens (hidden keys, blocked and overwritten cells, a permutation)
  // were made on: they belong to its tokens. On any other text they are suspended, never moved to other
  // tokens.
  std::string bound_text;
  // What the person joined by hand, in scripts without spaces: tokens that spell one of these are one word.
  std::vector<std::string> joined_words;
  // Words that the model does not know, in lower case, and the known word that is read in place of each: what
  // the person said about what kind of thing it is. An intervention (core/study/stand_ins.h).
  std::map<std::string, std::string> stand_ins;
  std::optional<WrittenTokens> written;  // of `text`; of any other text it says nothing

  bool operator==(const Subject&) const = default;
};

// The parts of `interventions` that name single tokens, and the same without them.
bool names_tokens(const Interventions& interventions);
Interventions without_tokens(const Interventions& interventions);
// What acts on this Subject's text: everything, or all but what is suspended.
Interventions in_force(const Subject& subject);
bool is_suspended(const Subject& subject);

// Whether the person changed anything that the model computes: an intervention or a stand-in for a word.
bool is_changed(const Subject& subject);
// The same without what was changed: the model as it was trained.
Subject as_trained(Subject subject);

// A sentence's twin: the same sentence with one word exchanged ("tired" → "wide"). Held by the word and its
// occurrence, so that typing elsewhere in the sentence leaves it alone.
struct Twin {
  std::string word;    // as it stands in the text
  int occurrence = 0;  // which of its occurrences, from 0
  std::string alternative;
  bool operator==(const Twin&) const = default;
};

// `text` with the twin's word exchanged; nullopt when the word does not stand there (any more).
// A word of letters matches whole words only; in scripts without spaces it matches anywhere.
std::optional<std::string> twin_text(const std::string& text, const Twin& twin);

// What the right-hand side of a comparison is.
enum class CompareWith {
  nothing,
  other_head,    // `pinned`, on the same text
  twin,          // the same head, on the twin
  as_trained,    // the same head, without the interventions
  other_subject  // `b`: other text, settings or model
};

struct Selection {
  HeadId head;
  int query = -1;                // the token that looks; -1: none chosen
  std::optional<int> key;        // a cell's key, where one was chosen
  std::optional<HeadId> pinned;  // the head to compare with
  std::vector<HeadId> shown;     // heads drawn as links, each in its own colour; empty: only `head`
  bool operator==(const Selection&) const = default;
};

// What is examined: one or two Subjects, and what is selected in them. A plain value: undo is a list of
// these.
struct Study {
  Subject a;
  std::optional<Subject> b;
  std::optional<Twin> twin;
  bool flipped = false;  // the twin is shown in place of the sentence
  CompareWith compare = CompareWith::nothing;
  Selection selection;
  bool operator==(const Study&) const = default;

  // The subject in front of the person: `a`, with the twin's text while flipped.
  Subject shown() const;
  // The other one of the pair; nullopt when there is no twin.
  std::optional<Subject> other() const;
};

// After the tokens of a text changed from `before` to `after`: where the token that stood at `index` stands
// now (aligned by the common beginning and end); -1 when it is gone.
int follow_token(const std::vector<std::string>& before, const std::vector<std::string>& after, int index);

}  // namespace attn

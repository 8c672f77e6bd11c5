#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/training/random.h"

namespace attn {

// A sentence grammar: a readable file (assets/recipes/*.grammar) that says which sentences a recipe trains
// on.
//
//   [words]      animal = dog wolf/wolves *panda      a list of nouns, singular/plural; * held out
//   [pronouns]   default = it they                     one, many; or for a list: man = he they
//   [forms]      go = goes went gone going             irregular verbs: -s, past, participle, -ing
//   [rules]      Why = because | <3> since | as        alternatives; <conditions and a weight> in front
//   [sentences]  pronoun 6 = {Clause} {Why} {it} …     kind, weight, what it says
//   [frame cross]                                      a situation with two roles
//     first = animal vehicle                           lists that the first role X is taken from
//     second = place
//     verbs = cross, walk across
//     first because = tired *weary                     reasons that speak of X; of Y: `second because`
//     first phrases = needed some rest, …              reasons that are whole predicates
//     active = {X} … ; any other name is a rule of this frame, before the general one
//
// In an alternative: a word stands for itself; {Rule}, {Rule?30} with 30 % chance; {X} {Y} {Z} {R} a noun
// phrase (rule NP) of the first, second, a third role, or whichever the reason speaks of; {X.be} a rule with
// the number of that role; {N} the noun itself; {V} {V.s} {V.ed} {V.en} {V.ing} the frame's verb; {A} the
// reason, {B} another one of the same side; {it} the pronoun that asks, answered by R.
// In a bilingual grammar (language = en, translation = zh) every alternative says both sides, `english ~
// 中文`, and so do words (dog:狗:只, the last is the measure word), verbs (cross:穿过) and reasons
// (tired:累). References are said once and stand on either side in any order; {M.那} is 那 with the measure
// word of the noun in view; {it} is translated by the noun that it stands for. A grammar of word classes has
// a section [tags]  Noun = noun: words said by the rule Noun are nouns; the kind of a line in [sentences] is
// the class of the whole. It needs no frames. Conditions: past present, one many (of the role in view), first
// second (what the reason speaks of), adjective phrase, the name of a word list (of the role in view) or of a
// frame; ! in front negates.

enum class Side { first, second };

struct Noun {
  std::string one, many;
  std::string translation, measure;  // bilingual: 狗, 只
  int list = 0;
  bool held_out = false;
};

struct Reason {
  std::vector<std::string> words;
  std::vector<std::string> translation;
  bool phrase = false;  // a whole predicate: "needed some rest"; otherwise an adjective
  bool held_out = false;
};

// What one alternative of a rule says.
struct Piece {
  bool is_word = true;
  std::string text;   // the word, or the name of the rule
  char role = 0;      // X Y Z R, or 0: the role in view
  std::string form;   // of the verb: "s", "ed", "en", "ing"; before a measure word: "那"
  int percent = 100;  // chance that it is said at all
};

struct Condition {
  std::string name;
  bool negated = false;
};

struct Alternative {
  std::vector<Condition> conditions;
  int weight = 1;
  std::vector<Piece> pieces;
  std::vector<Piece> translation;  // bilingual: what stands after ~
  int line = 0;                    // where it is written
};

using Rule = std::vector<Alternative>;

struct VerbForms {
  std::vector<std::string> base, s, ed, en, ing;
  std::vector<std::string> translation;
};

struct Frame {
  std::string name;
  std::vector<int> lists[2];  // word lists of the first and the second role
  std::vector<VerbForms> verbs;
  std::vector<Reason> reasons[2];
  std::map<std::string, Rule, std::less<>> rules;
  int weight = 1;
  bool held_out = false;  // never trained on: for measuring transfer
  int line = 0;
};

// Which words a sentence may be made of.
enum class Draw { seen, held_out, any };

struct SentenceOptions {
  Draw nouns = Draw::seen;
  Draw reasons = Draw::seen;
  double breadth = 1;  // the leading share of frames, nouns and reasons that are drawn from: easy first
};

// A pronoun and what it stands for, as rows of the sentence.
struct Question {
  int row = 0;               // of the pronoun
  std::vector<int> answers;  // rows that name the antecedent
  std::vector<int> rivals;   // rows that name the other candidate
  int answer_word = 0;       // the antecedent's word id
};

struct Sentence {
  std::vector<int> ids;  // [T]
  std::vector<Question> questions;
  int reason_row = -1;  // first word of the reason
  int n_reason_words = 0;
  int repeated_row = -1;  // where a "repeat" sentence says the noun again, instead of a pronoun
  int frame = 0;
  Side side = Side::first;
  std::string kind;  // which line of [sentences]
};

// Two sentences that differ in their reason only, and so in their answer.
struct TwinPair {
  Sentence first, second;
};

// A sentence and its translation, said side by side by a synchronous grammar (Aho & Ullman 1969; Wu 1997).
struct Translation {
  std::vector<int> source, target;        // word ids, without start and end
  std::vector<std::vector<int>> aligned;  // of each target word: the source rows that say the same
  std::vector<bool> content;              // of each target word: a noun, a verb or the reason
  int pronoun_row = -1;                   // in the source; -1: none
  int named_row = -1;                     // in the target: the noun that stands for the pronoun
};

// A sentence with the class of each word; the first word is [CLS], its class that of the whole sentence.
struct TaggedText {
  std::vector<int> ids, labels;  // [T] words, [T] of Grammar::labels()
};

class Grammar {
 public:
  // Throws Error "FILE:LINE: what was found, what was expected".
  static Grammar parse(std::string_view text, const std::string& file);
  static Grammar load(const std::filesystem::path& path);

  const std::string& language() const { return language_; }
  const std::string& translation_language() const { return translation_language_; }  // "": not bilingual
  const std::vector<std::string>& labels() const { return labels_; }                 // word classes, kinds
  // Every word that a sentence can hold, after [PAD] 0, [UNK] 1, [MASK] 2; bilingual: <pad>, <unk>, </s>;
  // with word classes also [CLS] 3.
  const std::vector<std::string>& vocabulary() const { return vocabulary_; }
  int n_special() const { return labels_.empty() ? 3 : 4; }
  int id(std::string_view word) const;  // 1 ([UNK]) when there is none
  const std::vector<Frame>& frames() const { return frames_; }
  const std::vector<std::string>& list_names() const { return list_names_; }
  const std::vector<Noun>& nouns() const { return nouns_; }
  std::vector<std::string> pronouns() const;

  // One sentence of `kind` ("" : any, by weight).
  Sentence sentence(Random& random, std::string_view kind, const SentenceOptions& options = {}) const;
  // Two "pronoun" sentences that share one derivation; a pair in which number or gender would give the answer
  // away is not drawn. frame < 0: any.
  TwinPair twins(Random& random, const SentenceOptions& options = {}, int frame = -1) const;

  // Bilingual grammars. One in eight pairs of nouns (the roles X and Y) is held out: Draw::seen never draws
  // it, Draw::held_out only such. The twins differ in one source word, the reason.
  Translation translation(Random& random, Draw pairs = Draw::seen) const;
  std::pair<Translation, Translation> translated_twins(Random& random, Draw pairs = Draw::seen) const;

  // Grammars of word classes. One in eight sentences is held out, by its words.
  TaggedText tagged(Random& random, Draw sentences = Draw::seen) const;

  std::string text_of(const Sentence& sentence) const;  // words joined as the language writes them

 private:
  struct Derivation;
  friend class GrammarParser;
  friend class ParallelSpeaker;
  struct SentenceLine {
    std::string kind;
    int weight = 1;
    Rule rule;
  };

  bool prepare(Derivation& derivation, Random& random, const SentenceOptions& options, int frame) const;
  Sentence finish(const Derivation& derivation) const;
  std::vector<std::string> read_back(const std::vector<std::string>& drawn, std::vector<int>& row_of) const;
  void say_rule(Derivation& derivation, std::string_view name, char role) const;
  const Alternative* choose(Derivation& derivation, const Rule& rule, char role) const;
  const Rule& rule_named(const Derivation& derivation, std::string_view name) const;
  const SentenceLine* choose_line(Random& random, std::string_view kind) const;
  void say(Derivation& derivation, const Rule& rule, char role) const;
  void say_piece(Derivation& derivation, const Piece& piece, char role) const;
  bool holds(const Derivation& derivation, const Condition& condition, char role) const;
  const std::string& pronoun_of(const Derivation& derivation, char role) const;
  bool held_out_pair(const Derivation& derivation) const;
  bool translate(Derivation& derivation, Translation& out) const;
  void say_tagged(Derivation& derivation, const Rule& rule, int label, TaggedText& out) const;
  void check_tags(const std::string& file) const;
  void check_references(const std::string& file) const;
  void collect_vocabulary();

  std::string language_, translation_language_;
  std::map<std::string, int, std::less<>> label_of_rule_;  // [tags]
  std::vector<std::string> labels_;
  std::vector<std::string> list_names_;
  std::vector<Noun> nouns_;
  std::vector<std::vector<int>> nouns_of_list_;
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> pronouns_;
  std::map<std::string, std::vector<std::string>, std::less<>> forms_;
  std::map<std::string, Rule, std::less<>> rules_;
  std::vector<SentenceLine> sentences_;
  std::vector<Frame> frames_;
  std::vector<std::string> vocabulary_;
  std::map<std::string, int, std::less<>> ids_;
  std::size_t longest_word_ = 0;  // in bytes
};

}  // namespace attn

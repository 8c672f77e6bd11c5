#include "core/training/grammar_derivation.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "core/math/error.h"

namespace attn {

namespace {

constexpr int kMostSteps = 2000;  // a sentence takes about 20

// How many of n are drawn from: a growing share, but never fewer than a handful.
std::size_t leading(std::size_t n, double breadth, int least) {
  if (breadth >= 1) return n;
  return std::min(n, static_cast<std::size_t>(std::max<double>(least, breadth * static_cast<double>(n))));
}

// The words that may be drawn: the leading ones of those seen, and all that are held out where they are
// allowed.
template <class T>
std::vector<const T*> chosen(std::vector<const T*> seen, const std::vector<const T*>& held_out, Draw draw,
                             double breadth, int least) {
  if (draw == Draw::held_out) return held_out;
  seen.resize(leading(seen.size(), breadth, least));
  if (draw == Draw::any) seen.insert(seen.end(), held_out.begin(), held_out.end());
  return seen;
}

}  // namespace

int Grammar::id(std::string_view word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? 1 : found->second;
}

std::vector<std::string> Grammar::pronouns() const {
  std::vector<std::string> all;
  for (const auto& [list, words] : pronouns_)
    for (const std::string& word : {words.first, words.second})
      if (std::find(all.begin(), all.end(), word) == all.end()) all.push_back(word);
  return all;
}

const std::string& Grammar::pronoun_of(const Derivation& d, char role) const {
  const int r = d.index_of(role);
  const auto found = pronouns_.find(list_names_[static_cast<std::size_t>(d.nouns[r]->list)]);
  const auto& words = found == pronouns_.end() ? pronouns_.at("default") : found->second;
  return d.many[r] ? words.second : words.first;
}

bool Grammar::holds(const Derivation& d, const Condition& condition, char role) const {
  const std::string& name = condition.name;
  const int r = d.index_of(role == 0 ? 'R' : role);
  bool truth = false;
  if (name == "past")
    truth = d.past;
  else if (name == "present")
    truth = !d.past;
  else if (name == "one")
    truth = !d.many[r];
  else if (name == "many")
    truth = d.many[r];
  else if (name == "first")
    truth = d.side == Side::first;
  else if (name == "second")
    truth = d.side == Side::second;
  else if (name == "adjective")
    truth = !d.reason().phrase;
  else if (name == "phrase")
    truth = d.reason().phrase;
  else if (name == frames_[static_cast<std::size_t>(d.frame)].name)
    truth = true;
  else
    truth = name == list_names_[static_cast<std::size_t>(d.nouns[r]->list)];
  return truth != condition.negated;
}

const Alternative* Grammar::choose(Derivation& d, const Rule& rule, char role) const {
  const auto possible = [&](const Alternative& alternative) {
    return std::all_of(alternative.conditions.begin(), alternative.conditions.end(),
                       [&](const Condition& condition) { return holds(d, condition, role); });
  };
  int total = 0;
  for (const Alternative& alternative : rule) total += possible(alternative) ? alternative.weight : 0;
  if (total == 0) return nullptr;
  if (++d.n_steps > kMostSteps)
    throw Error("A sentence of the grammar takes more than " + std::to_string(kMostSteps) +
                " rules to say (in frame '" + frames_[static_cast<std::size_t>(d.frame)].name +
                "'): its rules multiply.");
  int drawn = d.random.below(total);
  for (const Alternative& alternative : rule) {
    if (!possible(alternative)) continue;
    drawn -= alternative.weight;
    if (drawn < 0) return &alternative;
  }
  return nullptr;
}

void Grammar::say(Derivation& d, const Rule& rule, char role) const {
  if (const Alternative* alternative = choose(d, rule, role))
    for (const Piece& piece : alternative->pieces) say_piece(d, piece, role);
}

const Rule& Grammar::rule_named(const Derivation& d, std::string_view name) const {
  const Frame& frame = frames_[static_cast<std::size_t>(d.frame)];
  if (const auto own = frame.rules.find(name); own != frame.rules.end()) return own->second;
  const auto general = rules_.find(name);
  assert(general != rules_.end());  // checked when the file was read
  return general->second;
}

void Grammar::say_rule(Derivation& d, std::string_view name, char role) const {
  say(d, rule_named(d, name), role);
}

const Grammar::SentenceLine* Grammar::choose_line(Random& random, std::string_view kind) const {
  int total = 0;
  for (const SentenceLine& line : sentences_)
    if (kind.empty() || line.kind == kind) total += line.weight;
  if (total == 0) throw Error("The grammar has no sentence of kind '" + std::string(kind) + "'.");
  int drawn = random.below(total);
  for (const SentenceLine& line : sentences_) {
    if (!kind.empty() && line.kind != kind) continue;
    drawn -= line.weight;
    if (drawn < 0) return &line;
  }
  return nullptr;
}

void Grammar::say_piece(Derivation& d, const Piece& piece, char role) const {
  if (piece.percent < 100 && d.random.below(100) >= piece.percent) return;
  const auto append = [&](const std::vector<std::string>& words) {
    d.words.insert(d.words.end(), words.begin(), words.end());
  };
  const int row = static_cast<int>(d.words.size());
  if (piece.is_word) {
    d.words.push_back(piece.text);
  } else if (piece.text == "V") {
    const VerbForms& v = *d.verb;
    append(piece.form == "s"     ? v.s
           : piece.form == "ed"  ? v.ed
           : piece.form == "en"  ? v.en
           : piece.form == "ing" ? v.ing
                                 : v.base);
  } else if (piece.text == "A" || piece.text == "B") {
    const int side = d.side == Side::first ? 0 : 1;
    const Reason& reason = piece.text == "A" ? *d.reasons[side] : *d.others[side];
    if (piece.text == "A") {
      d.reason_row = row;
      d.n_reason_words = static_cast<int>(reason.words.size());
    }
    append(reason.words);
  } else if (piece.text == "it") {
    d.asked.push_back(row);
    d.words.push_back(pronoun_of(d, 'R'));
  } else if (piece.text == "N") {
    const int r = d.index_of(role == 0 ? 'R' : role);
    d.mentions[r].push_back(row);
    d.words.push_back(d.many[r] ? d.nouns[r]->many : d.nouns[r]->one);
  } else {
    say_rule(d, piece.text, piece.role != 0 ? piece.role : role);
  }
}

bool Grammar::prepare(Derivation& d, Random& random, const SentenceOptions& options, int wanted) const {
  if (wanted >= 0) {
    d.frame = wanted;
  } else {
    const std::size_t n_frames = leading(frames_.size(), options.breadth, 4);
    int total = 0;
    for (std::size_t f = 0; f < n_frames; ++f) total += frames_[f].held_out ? 0 : frames_[f].weight;
    int drawn = random.below(total);
    for (std::size_t f = 0; f < n_frames; ++f) {
      if (frames_[f].held_out) continue;
      drawn -= frames_[f].weight;
      if (drawn < 0) {
        d.frame = static_cast<int>(f);
        break;
      }
    }
  }
  const Frame& frame = frames_[static_cast<std::size_t>(d.frame)];
  d.side = random.chance(0.5) ? Side::first : Side::second;
  d.past = random.chance(0.6);
  for (int r = 0; r < 3; ++r) {
    // The third role is a bystander that could stand in the place of either.
    const std::vector<int>& lists = frame.lists[r < 2 ? r : random.below(2)];
    std::vector<const Noun*> seen, held_out;
    const int list = lists[static_cast<std::size_t>(random.below(static_cast<int>(lists.size())))];
    for (const int n : nouns_of_list_[static_cast<std::size_t>(list)]) {
      const Noun* noun = &nouns_[static_cast<std::size_t>(n)];
      const bool taken = noun == d.nouns[0] || (r == 2 && noun == d.nouns[1]);
      if (!taken) (noun->held_out ? held_out : seen).push_back(noun);
    }
    const std::vector<const Noun*> choice =
        chosen(std::move(seen), held_out, r < 2 ? options.nouns : Draw::seen, options.breadth, 10);
    if (choice.empty() && r < 2) return false;
    if (choice.empty()) {  // so few words that nobody is left to stand by
      d.nouns[r] = d.nouns[1];
      continue;
    }
    d.nouns[r] = choice[static_cast<std::size_t>(random.below(static_cast<int>(choice.size())))];
    d.many[r] = !d.nouns[r]->many.empty() && random.chance(0.25);
  }
  d.verb = &frame.verbs[static_cast<std::size_t>(random.below(static_cast<int>(frame.verbs.size())))];
  for (int s = 0; s < 2; ++s) {
    std::vector<const Reason*> seen, held_out, adjectives;
    for (const Reason& reason : frame.reasons[s]) (reason.held_out ? held_out : seen).push_back(&reason);
    const std::vector<const Reason*> choice =
        chosen(std::move(seen), held_out, options.reasons, options.breadth, 4);
    if (choice.empty()) return false;
    for (const Reason* reason : choice)
      if (!reason->phrase) adjectives.push_back(reason);
    d.reasons[s] = choice[static_cast<std::size_t>(random.below(static_cast<int>(choice.size())))];
    if (adjectives.empty()) adjectives = choice;
    d.others[s] = adjectives[static_cast<std::size_t>(random.below(static_cast<int>(adjectives.size())))];
  }
  d.random = random.fork(random.next());
  return true;
}

Sentence Grammar::finish(const Derivation& d) const {
  Sentence sentence;
  sentence.frame = d.frame;
  sentence.side = d.side;
  sentence.kind = d.kind;
  std::vector<std::string> words = d.words;
  std::vector<int> row_of(words.size() + 1);  // where the row of each drawn word went
  std::iota(row_of.begin(), row_of.end(), 0);
  if (language_ == "zh") words = read_back(words, row_of);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool before_vowel = language_ == "en" && words[i] == "a" && i + 1 < words.size() &&
                              std::string_view("aeiou").find(words[i + 1][0]) != std::string_view::npos;
    sentence.ids.push_back(id(before_vowel ? "an" : words[i]));
  }
  // A word that matters and was read as part of another: not a sentence to learn from.
  bool whole = true;
  const auto moved = [&](int row) {
    const std::size_t r = static_cast<std::size_t>(row);
    whole &= row_of[r] >= 0 && row_of[r + 1] >= 0;
    return row_of[r];
  };
  if (d.reason_row >= 0) {
    sentence.reason_row = moved(d.reason_row);
    const int end = row_of[static_cast<std::size_t>(d.reason_row + d.n_reason_words)];
    whole &= end >= 0;
    sentence.n_reason_words = end - sentence.reason_row;
  }
  const int answer = d.side == Side::first ? 0 : 1;
  if (d.kind == "repeat" && d.mentions[answer].size() > 1)
    sentence.repeated_row = moved(d.mentions[answer].back());
  for (const int row : d.asked) {
    if (d.mentions[answer].empty()) continue;
    Question question{moved(row), d.mentions[answer], d.mentions[1 - answer], 0};
    for (std::vector<int>* rows : {&question.answers, &question.rivals})
      for (int& mention : *rows) mention = moved(mention);
    if (!whole) break;
    question.answer_word = sentence.ids[static_cast<std::size_t>(question.answers.front())];
    sentence.questions.push_back(question);
  }
  if (!whole) return {};
  return sentence;
}

// Chinese has no spaces: the words as a reader finds them who always takes the longest word that fits, which
// is what the tokenizer does. row_of[i] becomes the place of drawn word i, -1 where a longer word swallowed
// its beginning; the last entry is the end.
std::vector<std::string> Grammar::read_back(const std::vector<std::string>& drawn,
                                            std::vector<int>& row_of) const {
  std::string text;
  std::vector<std::size_t> begins;
  for (const std::string& word : drawn) {
    begins.push_back(text.size());
    text += word;
  }
  begins.push_back(text.size());
  std::vector<std::string> words;
  std::vector<int> place(text.size() + 1, -1);
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = std::min(text.size() - at, longest_word_);
    while (length > 1 && !ids_.contains(std::string_view(text).substr(at, length))) --length;
    if (!ids_.contains(std::string_view(text).substr(at, length))) {  // one whole unknown character
      length = 1;
      while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
        ++length;
    }
    place[at] = static_cast<int>(words.size());
    words.push_back(text.substr(at, length));
    at += length;
  }
  place[text.size()] = static_cast<int>(words.size());
  for (std::size_t i = 0; i < begins.size(); ++i) row_of[i] = place[begins[i]];
  return words;
}

Sentence Grammar::sentence(Random& random, std::string_view kind, const SentenceOptions& options) const {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    Derivation d;
    if (!prepare(d, random, options, -1)) continue;
    const SentenceLine* line = choose_line(d.random, kind);
    d.kind = line->kind;
    say(d, line->rule, 0);
    Sentence sentence = finish(d);
    if (!sentence.ids.empty()) return sentence;
  }
  throw Error("The grammar's lists have no words to draw a sentence of kind '" + std::string(kind) +
              "' from.");
}

TwinPair Grammar::twins(Random& random, const SentenceOptions& options, int frame) const {
  for (int attempt = 0; attempt < 10000; ++attempt) {
    Derivation first;
    if (!prepare(first, random, options, frame)) continue;
    if (pronoun_of(first, 'X') != pronoun_of(first, 'Y')) continue;  // the pronoun alone would tell
    first.kind = "pronoun";
    first.side = Side::first;
    Derivation second = first;
    second.side = Side::second;
    for (Derivation* d : {&first, &second}) say(*d, choose_line(d->random, "pronoun")->rule, 0);
    TwinPair pair{finish(first), finish(second)};
    const Sentence &a = pair.first, &b = pair.second;
    if (a.ids.size() != b.ids.size() || a.questions.empty() || b.questions.empty()) continue;
    if (a.reason_row != b.reason_row || a.n_reason_words != b.n_reason_words) continue;
    bool alike = a.ids != b.ids;
    for (std::size_t i = 0; i < a.ids.size(); ++i) {
      const int row = static_cast<int>(i);
      const bool in_reason = row >= a.reason_row && row < a.reason_row + a.n_reason_words;
      alike &= in_reason || a.ids[i] == b.ids[i];
    }
    if (alike) return pair;
  }
  throw Error("The grammar draws no twin pairs: are there frames whose two roles share a pronoun?");
}

std::string Grammar::text_of(const Sentence& sentence) const {
  std::string text;
  for (const int word : sentence.ids) {
    const std::string& spelled = vocabulary_[static_cast<std::size_t>(word)];
    const bool punctuation =
        spelled.size() == 1 && std::string_view(".,!?;:").find(spelled[0]) != std::string_view::npos;
    if (!text.empty() && language_ != "zh" && !punctuation) text += ' ';
    text += spelled;
  }
  return text;
}

}  // namespace attn

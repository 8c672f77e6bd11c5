#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "core/math/error.h"
#include "core/training/grammar.h"
#include "core/training/trimmed.h"

namespace attn {

namespace {

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<std::string> words_of(std::string_view text) {
  return split(text, " \t\r");
}

bool is_vowel(char c) {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

// The regular English plural and third person: box → boxes, city → cities, dog → dogs.
std::string with_s(const std::string& word) {
  const auto ends = [&](std::string_view end) { return word.size() > end.size() && word.ends_with(end); };
  if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh") || ends("o")) return word + "es";
  if (ends("y") && !is_vowel(word[word.size() - 2])) return word.substr(0, word.size() - 1) + "ies";
  return word + "s";
}

std::string with_ed(const std::string& word) {
  if (word.ends_with("e")) return word + "d";
  if (word.size() > 1 && word.ends_with("y") && !is_vowel(word[word.size() - 2]))
    return word.substr(0, word.size() - 1) + "ied";
  return word + "ed";
}

std::string with_ing(const std::string& word) {
  if (word.ends_with("e") && !word.ends_with("ee")) return word.substr(0, word.size() - 1) + "ing";
  return word + "ing";
}

}  // namespace

// Reads one file, line by line; knows where it stands for its errors.
class GrammarParser {
 public:
  GrammarParser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  Grammar parse() {
    std::string statement;
    int line_number = 0, statement_line = 0;
    std::istringstream lines{std::string(text_)};
    const auto flush = [&] {
      if (!statement.empty()) {
        line_ = statement_line;
        take(statement);
      }
      statement.clear();
    };
    for (std::string line; std::getline(lines, line);) {
      ++line_number;
      if (const std::size_t hash = line.find('#'); hash != std::string::npos) line.resize(hash);
      const bool continued = !line.empty() && (line[0] == ' ' || line[0] == '\t');
      const std::string content = trimmed(line);
      if (content.empty()) continue;
      if (continued && statement.empty())
        fail(line_number, "a line that begins with a space continues the one before, and there is none");
      if (continued) {
        statement += ' ' + content;
        continue;
      }
      flush();
      statement = content;
      statement_line = line_number;
    }
    flush();
    finish();
    return std::move(grammar_);
  }

 private:
  [[noreturn]] void fail(int line, const std::string& what) const {
    throw Error(file_ + ":" + std::to_string(line) + ": " + what + ".");
  }
  [[noreturn]] void fail(const std::string& what) const { fail(line_, what); }

  void take(const std::string& statement) {
    if (statement.front() == '[') {
      if (statement.back() != ']') fail("'" + statement + "' has no closing ']'");
      section_ = trimmed(std::string_view(statement).substr(1, statement.size() - 2));
      if (section_.starts_with("frame ")) return begin_frame(trimmed(section_.substr(6)));
      static const std::set<std::string> known = {"words", "pronouns", "forms", "rules", "tags", "sentences"};
      if (!known.contains(section_))
        fail("there is no section [" + section_ +
             "]; expected [words], [pronouns], [forms], [rules], [tags], [sentences] or [frame NAME]");
      return;
    }
    const std::size_t equals = statement.find('=');
    if (equals == std::string::npos) fail("'" + statement + "' has no '='; expected NAME = VALUE");
    const std::string name = trimmed(statement.substr(0, equals));
    const std::string value = trimmed(statement.substr(equals + 1));
    if (name.empty()) fail("nothing stands before '='");
    if (section_.empty()) {
      if (name != "language" && name != "translation")
        fail("'" + name + "' stands before the first section; expected language = en or zh");
      if (value != "en" && value != "zh") fail(name + " is '" + value + "'; expected en or zh");
      (name == "language" ? grammar_.language_ : grammar_.translation_language_) = value;
    } else if (section_ == "words") {
      take_words(name, value);
    } else if (section_ == "pronouns") {
      const std::vector<std::string> words = words_of(value);
      if (words.size() != 2) fail("pronouns of '" + name + "': expected two words, for one and for many");
      grammar_.pronouns_[name] = {words[0], words[1]};
      if (name != "default") wanted_lists_.emplace_back(name, line_);
    } else if (section_ == "forms") {
      const std::vector<std::string> words = words_of(value);
      if (words.size() != 4) fail("forms of '" + name + "': expected four: goes went gone going");
      grammar_.forms_[name] = words;
    } else if (section_ == "rules") {
      if (!grammar_.rules_.emplace(name, take_rule(value)).second)
        fail("rule '" + name + "' is written twice");
    } else if (section_ == "tags") {
      grammar_.label_of_rule_[name] = label(value);
    } else if (section_ == "sentences") {
      const std::vector<std::string> head = words_of(name);
      if (head.size() != 2) fail("'" + name + "': expected KIND WEIGHT = …");
      grammar_.sentences_.push_back({head[0], take_number(head[1], 1, 1000), take_rule(value)});
      if (!grammar_.label_of_rule_.empty()) label(head[0]);
    } else {
      take_frame_line(name, value);
    }
  }

  int take_number(const std::string& text, int low, int high) const {
    int number = 0;
    for (const char c : text) {
      if (c < '0' || c > '9' || number > high) fail("'" + text + "' is no whole number");
      number = number * 10 + (c - '0');
    }
    if (text.empty() || number < low || number > high)
      fail("'" + text + "' is not between " + std::to_string(low) + " and " + std::to_string(high));
    return number;
  }

  // The number of a word class, or of a kind of sentence.
  int label(const std::string& name) {
    std::vector<std::string>& all = grammar_.labels_;
    const auto found = std::find(all.begin(), all.end(), name);
    if (found != all.end()) return static_cast<int>(found - all.begin());
    all.push_back(name);
    return static_cast<int>(all.size()) - 1;
  }

  // In a bilingual grammar "tired:累" → "tired", and 累 into `translation`.
  std::string said_of(const std::string& text, std::vector<std::string>& translation) const {
    if (grammar_.translation_language_.empty()) return text;
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon + 1 == text.size())
      fail("'" + trimmed(text) + "' has no translation; expected WORD:TRANSLATION");
    translation = words_of(std::string_view(text).substr(colon + 1));
    return text.substr(0, colon);
  }

  void take_words(const std::string& name, const std::string& value) {
    if (std::find(grammar_.list_names_.begin(), grammar_.list_names_.end(), name) !=
        grammar_.list_names_.end())
      fail("list '" + name + "' is written twice");
    const int list = static_cast<int>(grammar_.list_names_.size());
    grammar_.list_names_.push_back(name);
    grammar_.nouns_of_list_.emplace_back();
    for (std::string word : words_of(value)) {
      Noun noun;
      noun.list = list;
      noun.held_out = word.front() == '*';
      if (noun.held_out) word.erase(0, 1);
      const bool bilingual = !grammar_.translation_language_.empty();
      if (bilingual) {
        const std::vector<std::string> parts = split(word, ":");
        if (parts.size() != 3) fail("'" + word + "': expected WORD:TRANSLATION:MEASURE WORD");
        word = parts[0];
        noun.translation = parts[1];
        noun.measure = parts[2];
      }
      const std::size_t slash = word.find('/');
      noun.one = word.substr(0, slash);
      noun.many = slash != std::string::npos                 ? word.substr(slash + 1)
                  : grammar_.language_ == "en" && !bilingual ? with_s(word)
                  : bilingual                                ? ""
                                                             : word;
      if (noun.one.empty()) fail("'" + word + "': expected WORD or SINGULAR/PLURAL");
      if (noun.many == "-") noun.many.clear();
      grammar_.nouns_of_list_.back().push_back(static_cast<int>(grammar_.nouns_.size()));
      grammar_.nouns_.push_back(noun);
    }
    if (grammar_.nouns_of_list_.back().empty()) fail("list '" + name + "' has no words");
  }

  Rule take_rule(const std::string& value) const {
    Rule rule;
    std::size_t begin = 0;
    while (begin <= value.size()) {
      const std::size_t end = std::min(value.find('|', begin), value.size());
      rule.push_back(take_alternative(trimmed(std::string_view(value).substr(begin, end - begin))));
      begin = end + 1;
    }
    return rule;
  }

  Alternative take_alternative(std::string text) const {
    Alternative alternative;
    alternative.line = line_;
    if (!text.empty() && text.front() == '<') {
      const std::size_t close = text.find('>');
      if (close == std::string::npos) fail("'" + text + "': '<' has no '>'");
      for (std::string name : words_of(std::string_view(text).substr(1, close - 1))) {
        if (name[0] >= '0' && name[0] <= '9') {
          alternative.weight = take_number(name, 1, 1000);
          continue;
        }
        const bool negated = name[0] == '!';
        if (negated) name.erase(0, 1);
        alternative.conditions.push_back({name, negated});
      }
      text.erase(0, close + 1);
    }
    const std::size_t tilde = text.find('~');
    const bool bilingual = !grammar_.translation_language_.empty();
    if (bilingual != (tilde != std::string::npos))
      fail(
          "'" + text + "': " +
          (bilingual ? "expected a translation after '~'" : "'~' needs a line 'translation = …' at the top"));
    alternative.pieces = take_pieces(std::string_view(text).substr(0, tilde));
    if (bilingual) alternative.translation = take_pieces(std::string_view(text).substr(tilde + 1));
    return alternative;
  }

  std::vector<Piece> take_pieces(std::string_view text) const {
    std::vector<Piece> pieces;
    for (const std::string& word : words_of(text)) {
      if (word.find_first_of("{}") == std::string::npos) {
        pieces.push_back({true, word, 0, {}, 100});
        continue;
      }
      if (word.front() != '{' || word.back() != '}' || word.find_first_of("{}", 1) != word.size() - 1)
        fail("'" + word + "': expected {NAME} with spaces around it");
      pieces.push_back(take_reference(word.substr(1, word.size() - 2)));
    }
    return pieces;
  }

  Piece take_reference(std::string name) const {
    Piece piece;
    piece.is_word = false;
    if (const std::size_t question = name.find('?'); question != std::string::npos) {
      piece.percent = question + 1 < name.size() ? take_number(name.substr(question + 1), 1, 100) : 50;
      name.resize(question);
    }
    const auto is_role = [](const std::string& s) {
      return s.size() == 1 && std::string_view("XYZR").find(s[0]) != std::string_view::npos;
    };
    const std::size_t dot = name.find('.');
    const std::string head = name.substr(0, dot);
    const std::string tail = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (head == "V") {
      static const std::set<std::string> forms = {"", "s", "ed", "en", "ing"};
      if (!forms.contains(tail)) fail("{V." + tail + "}: expected s, ed, en or ing");
      piece.text = "V";
      piece.form = tail;
    } else if (head == "M" && !tail.empty()) {
      piece.text = "M";
      piece.form = tail;
    } else if (is_role(head)) {
      piece.role = head[0];
      piece.text = tail.empty() ? "NP" : tail;
    } else {
      if (!tail.empty()) fail("{" + name + "}: '" + head + "' is no role; expected X, Y, Z or R");
      piece.text = name;
    }
    return piece;
  }

  void begin_frame(const std::string& name) {
    Frame frame;
    frame.name = name;
    frame.line = line_;
    for (const Frame& other : grammar_.frames_)
      if (other.name == name) fail("frame '" + name + "' is written twice");
    grammar_.frames_.push_back(frame);
  }

  std::vector<int> take_lists(const std::string& value) const {
    std::vector<int> lists;
    for (const std::string& name : words_of(value)) {
      const auto found = std::find(grammar_.list_names_.begin(), grammar_.list_names_.end(), name);
      if (found == grammar_.list_names_.end())
        fail("there is no word list '" + name + "' (lists stand in [words], before the frames)");
      lists.push_back(static_cast<int>(found - grammar_.list_names_.begin()));
    }
    if (lists.empty()) fail("expected one or more word lists");
    return lists;
  }

  VerbForms take_verb(const std::string& text) const {
    VerbForms verb;
    const std::vector<std::string> words = words_of(said_of(text, verb.translation));
    if (words.empty()) fail("an empty verb");
    const auto with = [&](const std::string& form) {
      std::vector<std::string> all = words;
      all[0] = form;
      return all;
    };
    const std::string& v = words[0];
    const auto irregular = grammar_.forms_.find(v);
    verb.base = words;
    if (grammar_.language_ != "en") {
      verb.s = verb.ed = verb.en = verb.ing = words;
    } else if (irregular != grammar_.forms_.end()) {
      verb.s = with(irregular->second[0]);
      verb.ed = with(irregular->second[1]);
      verb.en = with(irregular->second[2]);
      verb.ing = with(irregular->second[3]);
    } else {
      verb.s = with(with_s(v));
      verb.ed = verb.en = with(with_ed(v));
      verb.ing = with(with_ing(v));
    }
    return verb;
  }

  void take_frame_line(const std::string& name, const std::string& value) {
    Frame& frame = grammar_.frames_.back();
    if (name == "first")
      frame.lists[0] = take_lists(value);
    else if (name == "second")
      frame.lists[1] = take_lists(value);
    else if (name == "weight")
      frame.weight = take_number(value, 1, 1000);
    else if (name == "held out")
      frame.held_out = value == "yes";
    else if (name == "verbs") {
      for (const std::string& verb : split(value, ",")) frame.verbs.push_back(take_verb(verb));
    } else if (name == "first because" || name == "second because") {
      for (std::string word : words_of(value)) {
        const bool held_out = word.front() == '*';
        if (held_out) word.erase(0, 1);
        if (word.empty()) fail("'*' marks a word as held out, and none follows it");
        Reason reason{{}, {}, false, held_out};
        reason.words = {said_of(word, reason.translation)};
        frame.reasons[name == "first because" ? 0 : 1].push_back(reason);
      }
    } else if (name == "first phrases" || name == "second phrases") {
      for (const std::string& phrase : split(value, ",")) {
        Reason reason{{}, {}, true, false};
        reason.words = words_of(said_of(phrase, reason.translation));
        frame.reasons[name == "first phrases" ? 0 : 1].push_back(reason);
      }
    } else if (!frame.rules.emplace(name, take_rule(value)).second) {
      fail("'" + name + "' is written twice in frame '" + frame.name + "'");
    }
  }

  void finish() {
    line_ = 1;
    if (grammar_.language_.empty()) fail("expected language = en or zh");
    if (!grammar_.labels_.empty()) return finish_tags();
    if (!grammar_.pronouns_.contains("default")) fail("[pronouns] has no line 'default'");
    for (const auto& [name, line] : wanted_lists_)
      if (std::find(grammar_.list_names_.begin(), grammar_.list_names_.end(), name) ==
          grammar_.list_names_.end())
        fail(line, "[pronouns] names the list '" + name + "', which is not in [words]");
    if (grammar_.sentences_.empty()) fail("[sentences] is missing or empty");
    if (grammar_.frames_.empty()) fail("there is no [frame NAME]");
    for (const Frame& frame : grammar_.frames_) {
      const auto need = [&](bool there, const std::string& what) {
        if (!there) fail(frame.line, "frame '" + frame.name + "' has no line '" + what + "'");
      };
      need(!frame.lists[0].empty(), "first");
      need(!frame.lists[1].empty(), "second");
      need(!frame.verbs.empty(), "verbs");
      need(!frame.reasons[0].empty(), "first because");
      need(!frame.reasons[1].empty(), "second because");
    }
    grammar_.check_references(file_);
    grammar_.collect_vocabulary();
  }

  // A grammar of word classes: one frame, that of any sentence.
  void finish_tags() {
    if (grammar_.sentences_.empty()) fail("[sentences] is missing or empty");
    if (!grammar_.frames_.empty()) fail(grammar_.frames_.front().line, "with [tags] there are no frames");
    begin_frame("sentence");
    grammar_.check_tags(file_);
    grammar_.check_references(file_);
    grammar_.collect_vocabulary();
  }

  std::string_view text_;
  std::string file_;
  int line_ = 0;
  std::string section_;
  std::vector<std::pair<std::string, int>> wanted_lists_;
  Grammar grammar_;
};

Grammar Grammar::parse(std::string_view text, const std::string& file) {
  return GrammarParser(text, file).parse();
}

Grammar Grammar::load(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    throw Error(path.string() + ": cannot be read; expected a sentence grammar (see assets/recipes).");
  std::ostringstream text;
  text << stream.rdbuf();
  return parse(text.str(), path.filename().string());
}

}  // namespace attn

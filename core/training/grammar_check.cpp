// What is asked of a whole grammar once all of its lines are read, and the words that it can say.
#include <algorithm>
#include <functional>
#include <set>

#include "core/math/error.h"
#include "core/training/grammar.h"

namespace attn {

// Every {Name} means something, and no rule says itself without end.
void Grammar::check_references(const std::string& file) const {
  const auto fail = [&](int line, const std::string& what) {
    throw Error(file + ":" + std::to_string(line) + ": " + what + ".");
  };
  std::set<std::string, std::less<>> conditions = {"past",  "present", "one",       "many",
                                                   "first", "second",  "adjective", "phrase"};
  conditions.insert(list_names_.begin(), list_names_.end());
  for (const Frame& frame : frames_) conditions.insert(frame.name);
  const std::set<std::string, std::less<>> built_in = {"V", "A", "B", "it", "N", "M"};

  const auto find_rule = [&](const Frame& frame, const std::string& name) -> const Rule* {
    if (const auto own = frame.rules.find(name); own != frame.rules.end()) return &own->second;
    const auto general = rules_.find(name);
    return general == rules_.end() ? nullptr : &general->second;
  };
  for (const Frame& frame : frames_) {
    std::vector<const Rule*> path;
    std::set<const Rule*> done;
    const auto visit = [&](const auto& self, const Rule& rule) -> void {
      if (std::find(path.begin(), path.end(), &rule) != path.end())
        fail(rule.front().line, "this rule says itself, without end");
      if (!done.insert(&rule).second) return;
      path.push_back(&rule);
      for (const Alternative& alternative : rule) {
        for (const Condition& condition : alternative.conditions)
          if (!conditions.contains(condition.name))
            fail(alternative.line, "<" + condition.name +
                                       ">: expected past, present, one, many, first, second, adjective, "
                                       "phrase, a word list or a frame");
        for (const std::vector<Piece>* pieces : {&alternative.pieces, &alternative.translation})
          for (const Piece& piece : *pieces) {
            if (piece.is_word || built_in.contains(piece.text)) continue;
            const Rule* said = find_rule(frame, piece.text);
            if (said == nullptr)
              fail(alternative.line,
                   "there is no rule '" + piece.text + "' (needed in frame '" + frame.name + "')");
            self(self, *said);
          }
      }
      path.pop_back();
    };
    for (const SentenceLine& line : sentences_) visit(visit, line.rule);
    for (const auto& [name, rule] : frame.rules) visit(visit, rule);
  }
}

// Words stand in rules that have a class, and nothing asks for a noun or a verb of a frame.
void Grammar::check_tags(const std::string& file) const {
  const auto check = [&](const std::string& name, const Rule& rule, bool has_class) {
    for (const Alternative& alternative : rule) {
      const std::string place = file + ":" + std::to_string(alternative.line) + ": ";
      if (!alternative.conditions.empty())
        throw Error(place + "<" + alternative.conditions.front().name +
                    ">: with [tags] there are weights only.");
      for (const Piece& piece : alternative.pieces) {
        if (piece.is_word && !has_class)
          throw Error(place + "the word '" + piece.text + "' has no class; give the rule '" + name +
                      "' one in [tags].");
        if (!piece.is_word && !rules_.contains(piece.text))
          throw Error(place + "there is no rule '" + piece.text + "'.");
      }
    }
  };
  for (const auto& [name, rule] : rules_) check(name, rule, label_of_rule_.contains(name));
  for (const SentenceLine& line : sentences_) check(line.kind, line.rule, false);
  for (const auto& [name, label] : label_of_rule_)
    if (!rules_.contains(name))
      throw Error(file + ":1: [tags] names the rule '" + name + "', which is not there.");
}

void Grammar::collect_vocabulary() {
  vocabulary_ = {"[PAD]", "[UNK]", "[MASK]"};
  if (!translation_language_.empty()) vocabulary_ = {"<pad>", "<unk>", "</s>"};
  if (!labels_.empty()) vocabulary_.push_back("[CLS]");
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) ids_[vocabulary_[i]] = static_cast<int>(i);
  const auto add = [&](const std::string& word) {
    if (!word.empty() && ids_.emplace(word, static_cast<int>(vocabulary_.size())).second)
      vocabulary_.push_back(word);
  };
  const auto add_rule = [&](const Rule& rule) {
    for (const Alternative& alternative : rule)
      for (const std::vector<Piece>* pieces : {&alternative.pieces, &alternative.translation})
        for (const Piece& piece : *pieces) {
          if (piece.is_word) add(piece.text);
          if (!piece.is_word && piece.text == "M")
            for (const Noun& noun : nouns_)
              if (!noun.measure.empty()) add(piece.form + noun.measure);
        }
  };
  for (const auto& [list, words] : pronouns_) {
    add(words.first);
    add(words.second);
  }
  for (const Noun& noun : nouns_) {
    add(noun.one);
    add(noun.many);
    add(noun.translation);
  }
  for (const Frame& frame : frames_) {
    for (const VerbForms& verb : frame.verbs)
      for (const auto* form : {&verb.base, &verb.s, &verb.ed, &verb.en, &verb.ing, &verb.translation})
        for (const std::string& word : *form) add(word);
    for (const auto& reasons : frame.reasons)
      for (const Reason& reason : reasons)
        for (const auto* words : {&reason.words, &reason.translation})
          for (const std::string& word : *words) add(word);
    for (const auto& [name, rule] : frame.rules) add_rule(rule);
  }
  for (const auto& [name, rule] : rules_) add_rule(rule);
  for (const SentenceLine& line : sentences_) add_rule(line.rule);
  if (language_ == "en" && ids_.contains("a")) add("an");
  for (const std::string& word : vocabulary_) longest_word_ = std::max(longest_word_, word.size());
}

}  // namespace attn

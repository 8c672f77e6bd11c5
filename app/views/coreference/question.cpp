#include "app/views/coreference/question.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/look/embedded.h"
#include "core/math/error.h"
#include "core/model/model.h"
#include "core/study/stand_ins.h"
#include "core/text/unicode.h"
#include "core/training/grammar.h"
#include "core/training/recipe.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostProposed = 4;

// Words of the text with the tokens that they became.
struct TextWord {
  std::string lower;
  int first = 0, last = 0;  // tokens
};

std::vector<TextWord> words_of(const CorefQuestion& question) {
  std::vector<TextWord> words;
  const Encoding& e = question.encoding;
  for (std::size_t t = 0; t < e.words.size(); ++t) {
    if (e.words[t] < 0 || e.begin[t] >= e.end[t]) continue;
    const bool same =
        !words.empty() && words.back().last + 1 == static_cast<int>(t) && e.words[t] == e.words[t - 1];
    if (same)
      words.back().last = static_cast<int>(t);
    else
      words.push_back({{}, static_cast<int>(t), static_cast<int>(t)});
  }
  for (TextWord& word : words) {
    const std::size_t begin = e.begin[static_cast<std::size_t>(word.first)];
    const std::size_t end = std::max(begin, e.end[static_cast<std::size_t>(word.last)]);
    word.lower = unicode::lower_case(question.text.substr(begin, end - begin));
  }
  return words;
}

std::optional<Mention> find(const CorefQuestion& question, const std::string& name) {
  try {
    return find_mention(question.text, question.encoding, name);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// What the file of examples says about a text, or about its twin.
struct Known {
  std::string pronoun;
  std::vector<std::string> candidates;
};

std::optional<Known> find_example(const std::string& text) {
  const auto file = nlohmann::json::parse(embedded_text("assets/examples/examples.json"));
  for (const auto& entry : file.at("examples")) {
    std::string sentence = entry.at("text").get<std::string>();
    bool same = sentence == text;
    if (!same && entry.contains("twin")) {
      const auto& twin = entry["twin"];
      const auto other =
          twin_text(sentence, Twin{twin.at("word").get<std::string>(), twin.value("occurrence", 0),
                                   twin.at("alternative").get<std::string>()});
      same = other == text;
    }
    if (same) return Known{entry.value("pronoun", ""), entry.value("candidates", std::vector<std::string>())};
  }
  return std::nullopt;
}

std::optional<Mention> mention_of(const CorefQuestion& question, const TextWord& word) {
  const std::optional<std::string> name = name_of_tokens(question, word.first, word.last);
  return name ? find(question, *name) : std::nullopt;
}

void propose_pronoun(CorefQuestion& question, const Side& side) {
  const auto pronouns = third_person_pronouns();
  std::vector<std::string> asked(pronouns.begin(), pronouns.end());
  if (side.trace->model && side.trace->model->spec.pointer) asked = side.trace->model->spec.pointer->asked_at;
  for (const TextWord& word : words_of(question)) {
    if (std::find(asked.begin(), asked.end(), word.lower) == asked.end()) continue;
    if (const auto mention = mention_of(question, word)) {
      question.pronoun = *mention;
      return;
    }
  }
}

// Those of the words that the model does not know.
std::vector<TextWord> unknown_of(const CorefQuestion& question, const Side& side,
                                 const std::vector<TextWord>& words) {
  std::vector<TextWord> unknown;
  for (const UnknownWord& one : unknown_words(*side.loaded.tokenizer, question.encoding, question.text))
    for (const TextWord& word : words)
      if (word.first == static_cast<int>(one.first)) unknown.push_back(word);
  return unknown;
}

// The last few of these words before the pronoun, in the order of the text; without any, those behind it.
std::vector<Mention> nearest_of(const CorefQuestion& question, const std::vector<TextWord>& words) {
  std::vector<Mention> before, after;
  for (const TextWord& word : words) {
    const auto mention = mention_of(question, word);
    if (!mention || mention->begin == question.pronoun.begin) continue;
    (mention->begin < question.pronoun.begin ? before : after).push_back(*mention);
  }
  std::vector<Mention>& chosen = before.empty() ? after : before;
  if (chosen.size() > kMostProposed)
    chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(kMostProposed));
  return chosen;
}

// Words behind an article and before the pronoun, without what stands at their end; one alone has no rival to
// be compared with, so then there are none.
std::vector<TextWord> behind_articles(const CorefQuestion& question, const std::vector<TextWord>& words) {
  const auto is_mark = [&](int token) {
    const auto t = static_cast<std::size_t>(token);
    const std::size_t begin = question.encoding.begin[t], end = question.encoding.end[t];
    const std::string letters = question.text.substr(begin, end - begin);
    return letters.find_first_not_of(" .,;:!?()\"'") == std::string::npos;
  };
  std::vector<TextWord> found;
  for (std::size_t w = 1; w < words.size(); ++w) {
    const std::string& article = words[w - 1].lower;
    if (article != "the" && article != "a" && article != "an") continue;
    TextWord word = words[w];
    while (word.last > word.first && is_mark(word.last)) --word.last;
    const bool before = question.pronoun.tokens.empty() || word.last < question.pronoun.tokens.front();
    if (before && !is_mark(word.last)) found.push_back(word);
  }
  if (found.size() < 2) found.clear();
  return found;
}

void propose_candidates(CorefQuestion& question, const Side& side, const std::optional<Known>& known,
                        const NounSet& nouns) {
  if (known) {
    for (const std::string& word : known->candidates)
      if (const auto mention = find(question, word); mention && mention->begin != question.pronoun.begin)
        question.candidates.push_back(*mention);
    if (!question.candidates.empty()) {
      question.by = ProposedBy::example;
      return;
    }
  }
  std::vector<TextWord> words = words_of(question), chosen;
  for (const TextWord& word : words)
    if (nouns.contains(word.lower)) chosen.push_back(word);
  question.by = ProposedBy::word_lists;
  if (chosen.size() == 1 && question.own_text) {
    // Its rival may be a word that the model does not know.
    const std::vector<TextWord> strange = unknown_of(question, side, words);
    if (!strange.empty()) question.by = ProposedBy::word_lists_and_unknown;
    chosen.insert(chosen.end(), strange.begin(), strange.end());
    std::sort(chosen.begin(), chosen.end(),
              [](const TextWord& a, const TextWord& b) { return a.first < b.first; });
  }
  if (chosen.empty()) {
    question.by = ProposedBy::articles;
    chosen = behind_articles(question, words);
  }
  question.candidates = nearest_of(question, chosen);
  if (question.candidates.empty()) question.by = ProposedBy::nobody;
}

}  // namespace

std::string CorefQuestion::key() const {
  std::string key = std::to_string(pronoun.begin) + "-" + std::to_string(pronoun.end);
  for (const Mention& candidate : candidates)
    key += "," + std::to_string(candidate.begin) + "-" + std::to_string(candidate.end);
  return key;
}

NounSet nouns_of_model(const std::string& model) {
  NounSet nouns;
  if (model.find_first_of("/.") != std::string::npos) return nouns;
  const std::filesystem::path file = model_places().built_in.parent_path() / "recipes" / (model + ".recipe");
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return nouns;
  const Grammar grammar = Grammar::load(file.parent_path() / load_recipe(file).grammar);
  for (const Noun& noun : grammar.nouns()) {
    nouns.insert(noun.one);
    if (!noun.many.empty()) nouns.insert(noun.many);
  }
  return nouns;
}

CorefQuestion make_question(const Side& side, const CoreferenceState& state, const NounSet& nouns) {
  CorefQuestion question;
  question.own_text = side.loaded.model && side.loaded.tokenizer && !side.subject.pair &&
                      !side.subject.target && side.text.source.tokens.size() == side.trace->tokens.size() &&
                      side.text.source.begin.size() == side.trace->tokens.size() &&
                      !side.subject.text.empty();
  if (question.own_text) {
    question.text = side.subject.text;
    question.encoding = side.text.source;
  } else {
    SpelledText spelled = spell(side.trace->tokens, side.trace->words);
    question.text = std::move(spelled.text);
    question.encoding = std::move(spelled.encoding);
  }
  const std::optional<Known> known = find_example(question.text);
  if (!state.pronoun.empty()) {
    if (const auto mention = find(question, state.pronoun))
      question.pronoun = *mention;
    else
      question.missing.push_back(state.pronoun);
  }
  if (question.pronoun.tokens.empty() && known && !known->pronoun.empty())
    if (const auto mention = find(question, known->pronoun)) question.pronoun = *mention;
  if (question.pronoun.tokens.empty()) propose_pronoun(question, side);

  for (const std::string& name : state.candidates) {
    if (const auto mention = find(question, name))
      question.candidates.push_back(*mention);
    else
      question.missing.push_back(name);
  }
  if (!question.candidates.empty())
    question.by = ProposedBy::person;
  else
    propose_candidates(question, side, known, nouns);
  return question;
}

std::optional<std::string> name_of_tokens(const CorefQuestion& question, int first, int last) {
  const Encoding& e = question.encoding;
  if (first > last) std::swap(first, last);
  if (first < 0 || last >= static_cast<int>(e.begin.size())) return std::nullopt;
  const auto named = [&](int from, int to) -> std::optional<std::string> {
    const std::size_t begin = e.begin[static_cast<std::size_t>(from)],
                      end = e.end[static_cast<std::size_t>(to)];
    if (begin >= end || end > question.text.size()) return std::nullopt;
    const std::string word = question.text.substr(begin, end - begin);
    for (int occurrence = 1;; ++occurrence) {
      const std::string name = occurrence == 1 ? word : word + "#" + std::to_string(occurrence);
      const std::optional<Mention> mention = find(question, name);
      if (!mention) return std::nullopt;
      if (mention->begin == begin) return name;
    }
  };
  if (const auto name = named(first, last)) return name;
  // Pieces: the whole words that they belong to.
  const auto same_word = [&](int a, int b) {
    return a >= 0 && b < static_cast<int>(e.words.size()) && e.words[static_cast<std::size_t>(a)] >= 0 &&
           e.words[static_cast<std::size_t>(a)] == e.words[static_cast<std::size_t>(b)];
  };
  while (first > 0 && same_word(first - 1, first)) --first;
  while (last + 1 < static_cast<int>(e.words.size()) && same_word(last, last + 1)) ++last;
  return named(first, last);
}

const CorefQuestion& QuestionCache::update(const std::shared_ptr<const Side>& side,
                                           const CoreferenceState& state,
                                           const std::shared_ptr<const NounSet>& nouns) {
  if (trace_ == side->trace && pronoun_ == state.pronoun && candidates_ == state.candidates &&
      nouns_ == nouns)
    return question_;
  trace_ = side->trace;
  pronoun_ = state.pronoun;
  candidates_ = state.candidates;
  nouns_ = nouns;
  question_ = make_question(*side, state, nouns ? *nouns : NounSet{});
  return question_;
}

}  // namespace attn::app

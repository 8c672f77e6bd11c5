#include <algorithm>
#include <pugixml.hpp>

#include "core/math/error.h"
#include "core/study/example_files.h"
#include "core/text/unicode.h"

// Winograd schemas as XML. A file's lines are found again by the offset of each element.

namespace attn {

namespace {

struct XmlFile {
  std::string_view text;
  const std::string& name;

  int line_at(std::ptrdiff_t offset) const {
    const auto end = std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(text.size()));
    return 1 + static_cast<int>(std::count(text.begin(), text.begin() + end, '\n'));
  }
  [[noreturn]] void refuse(std::ptrdiff_t offset, const std::string& field, const std::string& why) const {
    throw Error(name + ", line " + std::to_string(line_at(offset)) + ", " + field + ": " + why);
  }
};

// All white space in a row becomes one blank; none at the ends.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

bool is_letter_at(std::string_view text, std::size_t byte) {
  return byte < text.size() && unicode::is_word(unicode::decode(text, byte).value);
}

// The whole words `phrase` in `text`, letter case aside. Only where lower case is as long in bytes.
std::optional<ExampleMention> find_phrase(const std::string& text, const std::string& phrase) {
  const std::string haystack = unicode::lower_case(text), needle = unicode::lower_case(phrase);
  if (needle.empty() || haystack.size() != text.size()) return std::nullopt;
  for (std::size_t at = haystack.find(needle); at != std::string::npos; at = haystack.find(needle, at + 1)) {
    const bool begins = at == 0 || !is_letter_at(haystack, at - 1);
    if (begins && !is_letter_at(haystack, at + needle.size()))
      return ExampleMention{text.substr(at, needle.size()), at, at + needle.size()};
  }
  return std::nullopt;
}

// An answer as it stands in the text: whole, or without its article ("The trophy" for "the trophy").
std::optional<ExampleMention> find_answer(const std::string& text, const std::string& answer) {
  if (auto found = find_phrase(text, answer)) return found;
  const std::size_t blank = answer.find(' ');
  if (blank == std::string::npos) return std::nullopt;
  const std::string article = unicode::lower_case(answer.substr(0, blank));
  if (article != "the" && article != "a" && article != "an") return std::nullopt;
  return find_phrase(text, answer.substr(blank + 1));
}

pugi::xml_node child(const XmlFile& file, const pugi::xml_node& of, const char* name) {
  const pugi::xml_node node = of.child(name);
  if (!node) file.refuse(of.offset_debug(), name, std::string("<") + of.name() + "> has none.");
  return node;
}

PronounExample read_schema(const XmlFile& file, const pugi::xml_node& schema, int number) {
  PronounExample example;
  example.id = std::to_string(number);
  example.line = file.line_at(schema.offset_debug());
  const pugi::xml_node text = child(file, schema, "text");
  const std::string before = one_line(child(file, text, "txt1").text().get());
  const std::string pronoun = one_line(child(file, text, "pron").text().get());
  const std::string after = one_line(text.child("txt2").text().get());
  if (pronoun.empty()) file.refuse(text.offset_debug(), "pron", "is empty.");
  example.text = before.empty() ? pronoun : before + " " + pronoun;
  example.pronoun = {pronoun, example.text.size() - pronoun.size(), example.text.size()};
  const bool joined =
      after.empty() || (static_cast<unsigned char>(after[0]) < 0x80 && std::ispunct(after[0]));
  example.text += (joined ? "" : " ") + after;

  const pugi::xml_node answers = child(file, schema, "answers");
  for (const pugi::xml_node& answer : answers.children("answer")) {
    const std::string word = one_line(answer.text().get());
    const std::optional<ExampleMention> found = find_answer(example.text, word);
    // By name: where it cannot be found, the example is left out and says so.
    example.candidates.push_back(found ? *found : ExampleMention{word});
  }
  if (example.candidates.empty()) file.refuse(answers.offset_debug(), "answers", "has no <answer>.");
  const pugi::xml_node correct = child(file, schema, "correctAnswer");
  const std::string letter = one_line(correct.text().get());
  const int index = letter.empty() ? -1 : std::toupper(static_cast<unsigned char>(letter[0])) - 'A';
  if (index < 0 || index >= static_cast<int>(example.candidates.size()))
    file.refuse(correct.offset_debug(), "correctAnswer",
                "\"" + letter.substr(0, 20) + "\" is none of the answers, which are called A, B and so on.");
  example.answer = index;
  return example;
}

}  // namespace

std::vector<PronounExample> read_examples_winograd(std::string_view text, const std::string& name) {
  const XmlFile file{text, name};
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) file.refuse(parsed.offset, "XML", std::string(parsed.description()) + ".");
  const pugi::xml_node collection = document.child("collection");
  if (!collection)
    file.refuse(0, "collection", "is missing; expected <collection> with <schema> elements in it.");
  std::vector<PronounExample> examples;
  for (const pugi::xml_node& schema : collection.children("schema"))
    examples.push_back(read_schema(file, schema, static_cast<int>(examples.size()) + 1));
  if (examples.empty()) throw Error(name + " has no <schema>.");
  return examples;
}

}  // namespace attn

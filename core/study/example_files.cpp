#include "core/study/example_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/math/worded_error.h"
#include "core/study/session.h"
#include "core/text/unicode.h"

namespace attn {

namespace {

using nlohmann::json;

constexpr std::size_t kFewestCandidates = 1;

[[noreturn]] void refuse(const std::string& file, int line, const std::string& field,
                         const std::string& why) {
  throw WordedError(framed("examples.damaged", file + ", line " + std::to_string(line) +
                                                   (field.empty() ? "" : ", " + field) + ": " + why));
}

// Lines of a text without their ends; a byte order mark in front is no part of the first.
std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

std::string text_field(const json& object, const char* name, const std::string& file, int line) {
  const auto at = object.find(name);
  if (at == object.end()) refuse(file, line, name, "is missing; expected a text.");
  if (!at->is_string()) refuse(file, line, name, "is no text.");
  std::string value = at->get<std::string>();
  if (value.empty()) refuse(file, line, name, "is empty.");
  return value;
}

std::optional<int> answer_field(const json& object, const PronounExample& example, const std::string& file,
                                int line) {
  const auto at = object.find("answer");
  if (at == object.end() || at->is_null()) return std::nullopt;
  const auto n = static_cast<std::int64_t>(example.candidates.size());
  if (at->is_number_integer()) {
    const auto index = at->get<std::int64_t>();
    if (index < 0 || index >= n)
      refuse(file, line, "answer",
             std::to_string(index) + " is no candidate; they count from 0 to " + std::to_string(n - 1) + ".");
    return static_cast<int>(index);
  }
  if (!at->is_string()) refuse(file, line, "answer", "should be a candidate, its number from 0, or null.");
  const std::string word = at->get<std::string>();
  for (std::size_t c = 0; c < example.candidates.size(); ++c)
    if (example.candidates[c].word == word) return static_cast<int>(c);
  refuse(file, line, "answer", "\"" + word + "\" is none of the candidates.");
}

PronounExample read_json_example(const json& object, const std::string& file, int line) {
  PronounExample example;
  example.line = line;
  example.id = object.contains("id") && object["id"].is_string() ? object["id"].get<std::string>()
                                                                 : std::to_string(line);
  example.text = text_field(object, "text", file, line);
  example.pronoun.word = text_field(object, "pronoun", file, line);
  const auto candidates = object.find("candidates");
  if (candidates == object.end() || !candidates->is_array() || candidates->size() < kFewestCandidates)
    refuse(file, line, "candidates", "should be a list of words of the text.");
  for (const json& candidate : *candidates) {
    if (!candidate.is_string() || candidate.get<std::string>().empty())
      refuse(file, line, "candidates", "should be a list of words; one of them is no text.");
    example.candidates.push_back({candidate.get<std::string>()});
  }
  example.answer = answer_field(object, example, file, line);
  return example;
}

// Cells of a GAP line.
constexpr std::array kGapFields = {"ID",      "Text", "Pronoun",  "Pronoun-offset", "A",  "A-offset",
                                   "A-coref", "B",    "B-offset", "B-coref",        "URL"};
enum GapField { kId, kText, kPronoun, kPronounOffset, kA, kAOffset, kACoref, kB, kBOffset, kBCoref, kUrl };

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t at = 0;;) {
    const std::size_t end = line.find('\t', at);
    cells.push_back(line.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return cells;
    at = end + 1;
  }
}

// The byte at which character number `offset` begins; npos: the text is shorter.
std::size_t byte_of_character(std::string_view text, long offset) {
  std::size_t byte = 0;
  for (long c = 0; c < offset; ++c) {
    if (byte >= text.size()) return std::string_view::npos;
    byte += unicode::decode(text, byte).length;
  }
  return byte;
}

ExampleMention gap_mention(const std::vector<std::string_view>& cells, GapField word, GapField offset,
                           const std::string& file, int line) {
  long number = -1;
  const std::string_view digits = cells[offset];
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc() || stop != digits.data() + digits.size() || number < 0)
    refuse(file, line, kGapFields[offset], "\"" + std::string(digits.substr(0, 20)) + "\" is no number.");
  const std::size_t begin = byte_of_character(cells[kText], number);
  if (cells[word].empty()) refuse(file, line, kGapFields[word], "is empty.");
  if (begin == std::string_view::npos || cells[kText].substr(begin, cells[word].size()) != cells[word])
    refuse(file, line, kGapFields[offset],
           "character " + std::to_string(number) + " of the text does not begin \"" +
               std::string(cells[word]) + "\"; offsets count characters from 0.");
  return {std::string(cells[word]), begin, begin + cells[word].size()};
}

bool gap_truth(const std::vector<std::string_view>& cells, GapField field, const std::string& file,
               int line) {
  std::string value(cells[field]);
  std::transform(value.begin(), value.end(), value.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (value != "TRUE" && value != "FALSE")
    refuse(file, line, kGapFields[field], "\"" + value.substr(0, 20) + "\" is neither TRUE nor FALSE.");
  return value == "TRUE";
}

}  // namespace

std::vector<PronounExample> read_examples_jsonl(std::string_view text, const std::string& file) {
  std::vector<PronounExample> examples;
  int number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (is_blank(line)) continue;
    const json object = json::parse(line, nullptr, false);
    if (object.is_discarded()) refuse(file, number, "", "is no JSON; expected one object a line.");
    if (!object.is_object())
      refuse(file, number, "", R"(should be {"text", "pronoun", "candidates", "answer"}.)");
    examples.push_back(read_json_example(object, file, number));
  }
  if (examples.empty())
    throw WordedError(worded("examples.none", "{file} has no examples.", {{"file", file}}));
  return examples;
}

std::vector<PronounExample> read_examples_gap(std::string_view text, const std::string& file) {
  std::vector<PronounExample> examples;
  int number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (is_blank(line)) continue;
    const std::vector<std::string_view> cells = cells_of(line);
    const bool heading = examples.empty() && cells.front() == kGapFields[kId];
    if (cells.size() != kGapFields.size() && cells.size() + 1 != kGapFields.size())
      refuse(file, number, "",
             std::to_string(cells.size()) + (cells.size() == 1 ? " column" : " columns") +
                 " between tabs, expected the 11 of GAP: ID, Text, Pronoun, Pronoun-offset, A, A-offset, "
                 "A-coref, B, B-offset, B-coref, URL.");
    if (heading) continue;
    PronounExample example;
    example.line = number;
    example.id = cells[kId];
    example.text = cells[kText];
    example.pronoun = gap_mention(cells, kPronoun, kPronounOffset, file, number);
    example.candidates = {gap_mention(cells, kA, kAOffset, file, number),
                          gap_mention(cells, kB, kBOffset, file, number)};
    const bool a = gap_truth(cells, kACoref, file, number), b = gap_truth(cells, kBCoref, file, number);
    if (a && b) refuse(file, number, "B-coref", "the pronoun cannot mean both A and B.");
    if (a || b) example.answer = a ? 0 : 1;
    examples.push_back(std::move(example));
  }
  if (examples.empty())
    throw WordedError(worded("examples.none", "{file} has no examples.", {{"file", file}}));
  return examples;
}

std::vector<PronounExample> parse_example_file(std::string_view text, const std::string& file) {
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (start == std::string_view::npos)
    throw WordedError(worded("examples.empty", "{file} is empty.", {{"file", file}}));
  if (text[start] == '<') return read_examples_winograd(text, file);
  if (text[start] == '{') return read_examples_jsonl(text, file);
  if (text.find('\t') != std::string_view::npos) return read_examples_gap(text, file);
  throw WordedError(worded(
      "examples.unknown",
      "{file} is no file of examples; expected JSON Lines with \"text\", \"pronoun\", \"candidates\" and "
      "\"answer\", a GAP table (.tsv), or Winograd schemas (.xml).",
      {{"file", file}}));
}

std::vector<PronounExample> load_example_file(const std::filesystem::path& path) {
  return parse_example_file(read_text_file(path), path.filename().string());
}

bool looks_like_examples(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".tsv" || extension == ".xml") return true;
  if (extension != ".jsonl") return false;
  std::ifstream file(path, std::ios::binary);
  std::string line;
  while (std::getline(file, line))
    if (!is_blank(line)) return line.find("\"pronoun\"") != std::string::npos;
  return false;
}

}  // namespace attn

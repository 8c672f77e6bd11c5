#include "app/window/drive_script.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "app/widgets/keys.h"
#include "core/math/error.h"

namespace attn::app {
namespace {

// How a command is written.
struct Form {
  std::string_view name;
  std::size_t least, most;  // arguments
  std::string_view usage;
};
constexpr std::array kForms = {
    Form{"type", 1, 1, "type \"text\""},
    Form{"key", 1, 1, "key Ctrl+Z"},
    Form{"click", 1, 6, "click \"name\" [double] [right] [shift] [ctrl] [alt]"},
    Form{"hover", 1, 1, "hover \"name\""},
    Form{"move", 2, 2, "move X Y"},
    Form{"drag", 3, 6, "drag \"name\" DX DY, or drag \"name\" to \"name\", then [shift] [ctrl] [alt]"},
    Form{"scroll", 2, 2, "scroll \"name\" STEPS"},
    Form{"wait", 1, 2, "wait trace, wait idle, wait frames N, wait seconds S, or wait for \"text\""},
    Form{"size", 2, 2, "size WIDTH HEIGHT"},
    Form{"zoom", 1, 1, "zoom PERCENT"},
    Form{"clipboard", 1, 1, "clipboard \"text\""},
    Form{"drop", 1, 1000, "drop \"path\""},
    Form{"screenshot", 1, 1, "screenshot FILE.png"},
    Form{"expect", 1, 2, "expect \"text\", or expect \"name\" STATE"},
    Form{"expect-not", 1, 1, "expect-not \"text\""},
    Form{"expect-clipboard", 1, 1, "expect-clipboard \"text\""},
    Form{"print", 1, 1, "print \"text\", print names, or print counters"},
    Form{"quit", 0, 0, "quit"},
};

// The words of one line; `problem` says what is wrong with it.
std::vector<std::string> words_of(std::string_view line, std::string& problem) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    std::string word;
    if (line[at] != '"') {
      while (at < line.size() && line[at] != ' ' && line[at] != '\t' && line[at] != '\r') word += line[at++];
    } else {
      ++at;
      bool closed = false;
      while (at < line.size() && !closed) {
        const char c = line[at++];
        if (c == '"') {
          closed = true;
        } else if (c == '\\' && at < line.size()) {
          const char escaped = line[at++];
          word += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
        } else {
          word += c;
        }
      }
      if (!closed) problem = "a text has no closing quotation mark";
    }
    words.push_back(std::move(word));
  }
  return words;
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_held_key(const std::string& word) {
  return word == "shift" || word == "ctrl" || word == "alt";
}

bool is_way_to_click(const std::string& word) {
  return word == "double" || word == "right" || is_held_key(word);
}

std::string check(const DriveStep& step) {
  const auto command =
      std::find_if(kForms.begin(), kForms.end(), [&](const Form& c) { return c.name == step.command; });
  if (command == kForms.end()) return "there is no command '" + step.command + "'";
  const std::string usage = "expected: " + std::string(command->usage);
  const auto& a = step.arguments;
  if (a.size() < command->least || a.size() > command->most) return usage;
  if (step.command == "key" && parse_chord(a[0]).key == Key::none && a[0].size() > 4)
    return "there is no key '" + a[0] + "'";
  if ((step.command == "move" || step.command == "size") && !(is_number(a[0]) && is_number(a[1])))
    return usage;
  if (step.command == "zoom" && !is_number(a[0])) return usage;
  if (step.command == "scroll" && !is_number(a[1])) return usage;
  if (step.command == "drag" && a[1] != "to" && !(is_number(a[1]) && is_number(a[2]))) return usage;
  if (step.command == "drag" && !std::all_of(a.begin() + 3, a.end(), is_held_key)) return usage;
  if (step.command == "click" && !std::all_of(a.begin() + 1, a.end(), is_way_to_click)) return usage;
  if (step.command == "wait") {
    if (a[0] == "for") return a.size() == 2 ? "" : usage;
    const bool counted = a[0] == "frames" || a[0] == "seconds";
    if (counted ? a.size() != 2 || !is_number(a[1]) : a.size() != 1 || (a[0] != "trace" && a[0] != "idle"))
      return usage;
  }
  return "";
}

}  // namespace

std::vector<DriveStep> parse_drive_script(std::string_view text, const std::string& name) {
  std::vector<DriveStep> steps;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string problem;
    std::vector<std::string> words = words_of(text.substr(0, end), problem);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty()) continue;
    DriveStep step{line, words.front(), {words.begin() + 1, words.end()}};
    if (problem.empty()) problem = check(step);
    if (!problem.empty()) throw Error(name + ":" + std::to_string(line) + ": " + problem + ".");
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string to_text(const DriveStep& step) {
  std::string text = step.command;
  for (const std::string& argument : step.arguments) {
    const bool plain = !argument.empty() && argument.find_first_of(" \"\t\n") == std::string::npos;
    text += plain ? " " + argument : " \"" + argument + "\"";
  }
  return text;
}

}  // namespace attn::app

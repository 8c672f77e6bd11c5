#include "app/cli/wrong_arguments.h"

#include <algorithm>
#include <vector>

namespace attn::app {

namespace {

const CLI::App* chosen_command(const CLI::App& program) {
  const std::vector<const CLI::App*> chosen =
      program.get_subcommands([](const CLI::App* command) { return command->parsed(); });
  return chosen.empty() ? nullptr : chosen.front();
}

std::string without(std::string text, const std::string& end) {
  if (text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0)
    text.resize(text.size() - end.size());
  return text;
}

// What a value of this option should be.
std::string kind_of(const CLI::Option* option) {
  const std::string type = option ? option->get_type_name() : "";
  if (type.find("BOOL") != type.npos) return "neither true nor false";
  if (type.find("INT") != type.npos) return "no whole number";
  return "no number";
}

// "Could not convert: --layer = x"
std::string unreadable_value(const std::string& what, const CLI::App& command) {
  const std::string start = "Could not convert: ";
  const std::size_t equals = what.find(" = ");
  if (what.rfind(start, 0) != 0 || equals == what.npos) return what;
  const std::string name = what.substr(start.size(), equals - start.size());
  return name + ": '" + what.substr(equals + 3) + "' is " + kind_of(command.get_option_no_throw(name));
}

// "--top: Value 0 not in range 1 to 100000", "--view: x not in {grid,heatmap}"
std::string refused_value(std::string what) {
  const std::string value = "Value ", range = " not in range ";
  if (const std::size_t at = what.find(range); at != what.npos) {
    what.replace(at, range.size(), " is not a number from ");
    if (const std::size_t start = what.find(value); start != what.npos) what.erase(start, value.size());
    return what;
  }
  if (const std::size_t open = what.find(" not in {"); open != what.npos) {
    what.replace(open, 9, " is none of ");
    for (std::size_t comma = open; (comma = what.find(',', comma)) != what.npos; comma += 2)
      what.replace(comma, 1, ", ");
    return without(std::move(what), "}");
  }
  return what;
}

// The first argument that nobody knows; empty: there is none. One that is unknown is more to the point than
// one that is missing.
std::string unknown_argument(const CLI::ParseError& problem, const CLI::App& program,
                             const CLI::App* command) {
  std::vector<std::string> left = command ? command->remaining() : std::vector<std::string>();
  if (left.empty()) left = program.remaining();
  const std::string what = problem.what();  // "The following argument was not expected: --foo"
  if (left.empty() && dynamic_cast<const CLI::ExtrasError*>(&problem) && what.find(": ") != what.npos) {
    const std::size_t begin = what.find(": ") + 2;
    left = {what.substr(begin, what.find(' ', begin) - begin)};
  }
  if (left.empty()) return {};
  const std::string& first = left.front();
  const std::string who = command ? "attnlab " + command->get_name() : "attnlab";
  return first.rfind('-', 0) == 0 ? who + " has no option " + first
                                  : "'" + first + "' is one argument too many for " + who;
}

}  // namespace

std::string in_plain_words(const CLI::ParseError& problem, const CLI::App& program) {
  const CLI::App* command = chosen_command(program);
  const std::string what = problem.what(), kind = problem.get_name();
  std::string sentence = what;
  if (kind == "RequiredError" || dynamic_cast<const CLI::ExtrasError*>(&problem)) {
    sentence = unknown_argument(problem, program, command);
    if (sentence.empty()) sentence = without(what, " is required") + " is missing";
  } else if (kind == "ArgumentMismatch") {
    const std::size_t colon = what.find(':');
    sentence = colon == what.npos ? what : what.substr(0, colon) + " needs a value";
  } else if (kind == "ConversionError") {
    sentence = unreadable_value(what, command ? *command : program);
  } else if (kind == "ValidationError") {
    sentence = refused_value(what);
  }
  const std::string help = command ? "attnlab " + command->get_name() + " --help" : "attnlab --help";
  return sentence + "; " + help +
         (command ? " says what it takes" : " lists the commands and their arguments");
}

}  // namespace attn::app

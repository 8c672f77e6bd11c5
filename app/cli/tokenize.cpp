#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "core/math/error.h"
#include "core/study/library.h"

namespace attn::app {

namespace {

using nlohmann::ordered_json;

struct TokenizeArguments {
  std::string model, text, text_pair;
  bool has_text = false, jsonl = false, add_special_tokens = true;
};

void print_tokens(const Tokenizer& tokenizer, const std::string& text, const std::optional<std::string>& pair,
                  const EncodeOptions& options) {
  const Encoding encoding =
      pair ? tokenizer.encode_pair(text, *pair, options) : tokenizer.encode(text, options);
  ordered_json line = {{"text", text}};
  if (pair) line["pair"] = *pair;
  line["tokens"] = encoding.tokens;
  line["ids"] = encoding.ids;
  if (pair) line["token_type_ids"] = encoding.type_ids;
  std::cout << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
}

void tokenize(const TokenizeArguments& arguments) {
  if (!arguments.has_text && !arguments.text_pair.empty())
    throw WrongArguments("--text-pair is the second of two texts; give the first with --text");
  const std::shared_ptr<const Tokenizer> tokenizer =
      load_tokenizer(resolve_model(arguments.model, model_places()));
  const EncodeOptions options{arguments.add_special_tokens};
  if (arguments.has_text) {
    const std::string text = told_utf8(arguments.text, "--text");
    print_tokens(*tokenizer, text,
                 arguments.text_pair.empty() ? std::nullopt
                                             : std::optional(told_utf8(arguments.text_pair, "--text-pair")),
                 options);
    return;
  }
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) {
    if (!arguments.jsonl) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      print_tokens(*tokenizer, told_utf8(line, "standard input, line " + std::to_string(number)),
                   std::nullopt, options);
      continue;
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const ordered_json request = ordered_json::parse(line, nullptr, false);
    const std::string where = "standard input, line " + std::to_string(number);
    if (!request.is_object() || !request.contains("text") || !request["text"].is_string()) {
      throw Error(where + " should be a JSON object with a \"text\", as in {\"text\": \"Hello\"}");
    }
    std::optional<std::string> pair;
    if (request.contains("pair") && !request["pair"].is_null()) {
      if (!request["pair"].is_string()) throw Error(where + ": \"pair\" should be a text");
      pair = request["pair"].get<std::string>();
    }
    print_tokens(*tokenizer, request["text"].get<std::string>(), pair, options);
  }
}

}  // namespace

void add_tokenize(Commands commands) {
  auto arguments = std::make_shared<TokenizeArguments>();
  CLI::App* command = commands.program.add_subcommand(
      "tokenize", "Tokens and ids of a text, or of every line of standard input, as JSON Lines");
  command->add_option("--model", arguments->model, "model folder (only tokenizer files will do) or name")
      ->required();
  CLI::Option* text =
      command->add_option("--text", arguments->text, "one text; without it, standard input is read");
  command->add_option("--text-pair", arguments->text_pair, "a second text, encoded as its pair");
  command->add_flag("--jsonl", arguments->jsonl, "standard input has {\"text\"[, \"pair\"]} a line");
  command->add_option("--add-special-tokens", arguments->add_special_tokens, "false leaves the text bare")
      ->default_val(true);
  commands.on(command, [arguments, text] {
    arguments->has_text = text->count() > 0;
    tokenize(*arguments);
  });
}

}  // namespace attn::app

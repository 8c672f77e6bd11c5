#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace attn::app {

// A command adds its arguments to the program's and returns what to do when it was chosen. Its work throws
// Error (exit status 1) or WrongArguments (exit status 2), and writes data to standard output only.
using CommandWork = std::function<void()>;

struct Commands {
  CLI::App& program;
  // Runs after parsing, for the one command that was given.
  std::function<void(CLI::App* command, CommandWork work)> on;
};

void add_attend(Commands commands);
void add_tokenize(Commands commands);
void add_predict(Commands commands);
void add_coref(Commands commands);
void add_heads(Commands commands);
void add_verify(Commands commands);
void add_figure(Commands commands);
void add_models(Commands commands);
void add_bench(Commands commands);
void add_train(Commands commands);

}  // namespace attn::app

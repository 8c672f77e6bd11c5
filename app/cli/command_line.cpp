#include "app/cli/command_line.h"

#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <utility>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/window_command.h"
#include "app/cli/wrong_arguments.h"
#include "core/math/worded_error.h"

namespace attn::app {

namespace {

constexpr int kWrongArguments = 2;

int complain(const char* sentence, int status) {
  std::fprintf(stderr, "attnlab: %s\n", sentence);
  return status;
}

// What the core refuses because of what it was asked: another model, text, file name or intervention would
// do.
bool is_about_an_argument(const Error& problem) {
  const std::string key = wording_of(problem).key;
  for (const char* asked :
       {"model.unknown", "text.empty", "text.too_long", "file.missing", "file.folder", "figure.ending",
        "recording.no_interventions", "file.gguf", "file.no_model", "text.too_much"})
    if (key == asked) return true;
  return key.rfind("why.", 0) == 0;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App program(
      "Attention Lab shows what a transformer's attention does, live.\n"
      "Without a command it opens the window.");
  program.set_version_flag("--version", std::string("attnlab ") + ATTN_VERSION);
  program.require_subcommand(0, 1);
  program.footer("Everything is computed on this computer; nothing is sent anywhere.");

  std::vector<std::pair<CLI::App*, CommandWork>> works;
  const Commands commands{
      program, [&](CLI::App* command, CommandWork work) { works.emplace_back(command, std::move(work)); }};
  WindowArguments window;
  window.add(program);
  add_attend(commands);
  add_tokenize(commands);
  add_predict(commands);
  add_coref(commands);
  add_heads(commands);
  add_verify(commands);
  add_figure(commands);
  add_models(commands);
  add_bench(commands);
  add_train(commands);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return program.exit(problem);  // --help, --version
    return complain(in_plain_words(problem, program).c_str(), kWrongArguments);
  }
  try {
    for (const auto& [command, work] : works) {
      if (!command->parsed()) continue;
      work();
      std::cout.flush();
      if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout)) {
        return complain("standard output cannot be written; is the disk full?", 1);
      }
      return 0;
    }
    return run_window_command(window);
  } catch (const WrongArguments& problem) {
    return complain(problem.what(), kWrongArguments);
  } catch (const Error& problem) {
    return complain(problem.what(), is_about_an_argument(problem) ? kWrongArguments : 1);
  } catch (const std::bad_alloc&) {
    return complain(
        "there is not enough memory for this model and text; try a shorter text or a smaller model", 1);
  } catch (const std::exception& problem) {
    return complain((std::string("something unexpected went wrong: ") + problem.what()).c_str(), 1);
  }
}

}  // namespace attn::app

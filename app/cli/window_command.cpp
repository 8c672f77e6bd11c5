#include "app/cli/window_command.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"
#include "app/window/program.h"
#include "core/math/error.h"
#include "core/study/figure_views.h"

namespace attn::app {

namespace {

constexpr const char* kAnimalSentence = "The animal didn't cross the street because it was too tired.";
constexpr const char* kPicture = "attention-of-it.png";

void parse_size(const std::string& size, ProgramOptions& options) {
  char rest = 0;
  if (std::sscanf(size.c_str(), "%dx%d%c", &options.width, &options.height, &rest) != 2 ||
      options.width < 320 || options.height < 240 || options.width > 16000 || options.height > 16000) {
    throw WrongArguments("--size takes width x height in pixels, as in 1280x800; this is not one: " + size);
  }
}

// The main job without a screen: where "it" looks, as a table and bars, and a picture of the heads.
void show_in_terminal() {
  Pool pool;
  SubjectArguments arguments;
  arguments.model = "pronouns-en";
  arguments.text = kAnimalSentence;
  const CommandPass pass = run_pass_of(arguments, pool);
  print_coreference(make_report(pass, "it", {"animal", "street"}, &pool), false);

  const ModelSpec& spec = pass.loaded.model->spec;
  if (spec.pointer) {
    const HeadId pointing{spec.encoder ? Stack::encoder : Stack::decoder, spec.pointer->layer,
                          spec.pointer->head};
    const Mention it = find_mention(pass.subject.text, pass.text.source, "it");
    const std::optional<HeadWeights> weights = pass.trace->weights(pointing);
    std::printf("\nWhere \"it\" looks, head %s (the pointing head):\n", to_text(pointing).c_str());
    for (Index key = 0; weights && key < weights->cols(); ++key) {
      const double weight = static_cast<double>(weights->at(it.tokens.front(), key));
      std::printf("  %s %5.3f %s\n", padded(pass.trace->tokens[static_cast<std::size_t>(key)], 12).c_str(),
                  weight, bar(weight, 40).c_str());
    }
  }
  FigureOptions options;
  options.text = pass.subject.text;
  save_figure(grid_figure(*pass.trace, options), kPicture);
  std::printf("\nEvery head is drawn in %s.\n", kPicture);
}

// When this process began, on the steady clock; 0: not known.
double process_started_s() {
  std::ifstream in("/proc/self/stat");
  std::string stat((std::istreambuf_iterator<char>(in)), {});
  const std::size_t after_name = stat.rfind(')');
  if (after_name == stat.npos) return 0;
  std::istringstream fields(stat.substr(after_name + 1));
  std::string field;
  for (int i = 3; i <= 22 && fields >> field; ++i) {
  }
  timespec since_boot{};
  if (!fields || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return 0;
  const double age_s = static_cast<double>(since_boot.tv_sec) +
                       static_cast<double>(since_boot.tv_nsec) / 1e9 -
                       std::atof(field.c_str()) / static_cast<double>(sysconf(_SC_CLK_TCK));
  const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
  return now.count() - age_s;
}

}  // namespace

void WindowArguments::add(CLI::App& program) {
  program.add_option("path", path, "a model folder, attention file, session or lesson to open");
  program.add_option("--image", image, "a picture (PNG, JPEG) for the model to read");
  program.add_option("--audio", audio, "a sound (WAV) for the model to read");
  program.add_option("--size", size, "window size in pixels, as in 1280x800");
  program.add_option("--drive", drive,
                     "perform a script in the window, then exit; 1 on the first thing that fails");
  program.add_option("--log-file", log_file, "where to write the log");
  program.add_flag("--verbose", verbose, "print the log to standard error too");
  program.add_flag("--fresh", fresh, "neither restore nor keep the session and settings");
}

int run_window_command(const WindowArguments& arguments) {
  ProgramOptions options;
  options.path = arguments.path;
  options.input_file = arguments.image.empty() ? arguments.audio : arguments.image;
  options.drive = arguments.drive;
  options.log_file = arguments.log_file;
  options.verbose = arguments.verbose;
  options.fresh = arguments.fresh;
  if (!arguments.size.empty()) parse_size(arguments.size, options);
  options.started_s = process_started_s();
  std::error_code ignored;
  if (!options.path.empty() && !std::filesystem::exists(options.path, ignored))
    throw WrongArguments("there is no command and no file or folder called '" + options.path +
                         "'; attnlab --help lists the commands");
  if (!options.drive.empty() && !std::filesystem::exists(options.drive, ignored))
    throw WrongArguments("there is no script " + options.drive + " to drive the window with");
  const char* x11 = std::getenv("DISPLAY");
  const char* wayland = std::getenv("WAYLAND_DISPLAY");
  const bool no_display = (!x11 || !*x11) && (!wayland || !*wayland);
  if (!no_display) return run_program(options);

  if (!options.path.empty() || !options.drive.empty()) {
    throw Error(
        "there is no display to open a window on; set DISPLAY, or run under xvfb-run, or use a command "
        "(attnlab --help)");
  }
  show_in_terminal();
  std::fprintf(
      stderr,
      "\nThere is no display here, so this was printed instead of opening the window. To get the window: run "
      "attnlab in a desktop session, over ssh with -X, or on a virtual display with xvfb-run attnlab.\n"
      "attnlab --help lists what works without a display.\n");
  return 0;
}

}  // namespace attn::app

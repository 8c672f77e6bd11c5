#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace attn::app {

// attnlab [PATH] [--size WxH] [--drive SCRIPT]: the window. Without a display: where "it" looks, in the
// terminal.
struct WindowArguments {
  std::string path;          // a model folder, attention file, session or lesson
  std::string image, audio;  // what the model reads in place of a text
  std::string size;          // "1280x800"
  std::string drive;         // a script that drives the window
  std::string log_file;
  bool verbose = false;
  bool fresh = false;  // do not restore the last session

  void add(CLI::App& program);
};

// Returns the exit status.
int run_window_command(const WindowArguments& arguments);

}  // namespace attn::app

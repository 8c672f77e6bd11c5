#include "app/window/picture_clipboard.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

namespace attn::app {

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

// Runs a program with `input` as its standard input, and waits for it: these tools go on in the background by
// themselves. False: it is not installed, or failed.
bool run_with_input(std::vector<std::string> arguments, const std::filesystem::path& input) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int problem = posix_spawnp(&child, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (problem != 0) return false;
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

bool put_picture_on_clipboard(const std::filesystem::path& png) {
  if (is_set("WAYLAND_DISPLAY") && run_with_input({"wl-copy", "--type", "image/png"}, png)) return true;
  return is_set("DISPLAY") &&
         run_with_input({"xclip", "-selection", "clipboard", "-target", "image/png", "-in"}, png);
}

std::filesystem::path passing_picture_name() {
  return std::filesystem::temp_directory_path() / ("attention-lab-" + std::to_string(getpid()) + ".png");
}

std::filesystem::path free_picture_name(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (int n = 1;; ++n) {
    const std::filesystem::path name = folder / ("attention-lab-" + std::to_string(n) + ".png");
    if (!std::filesystem::exists(name, ignored)) return name;
  }
}

}  // namespace attn::app

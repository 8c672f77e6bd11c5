#include "app/window/log.h"

#include <cerrno>
#include <cstring>
#include <ctime>

namespace attn::app {

namespace {
constexpr std::size_t kMostLines = 400;
}

Log::Log(const std::filesystem::path& file, bool verbose) : verbose_(verbose) {
  if (file.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  file_.reset(std::fopen(file.c_str(), "w"));
  if (!file_) file_problem_ = "no log file: cannot write " + file.string() + ": " + std::strerror(errno);
}

void Log::say(const std::string& sentence) {
  char when[32] = "";
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (localtime_r(&now, &local)) std::strftime(when, sizeof when, "%H:%M:%S ", &local);
  const std::string line = when + sentence;
  std::lock_guard lock(mutex_);
  lines_.push_back(line);
  if (lines_.size() > kMostLines) lines_.pop_front();
  if (file_) {
    std::fprintf(file_.get(), "%s\n", line.c_str());
    std::fflush(file_.get());
  }
  if (verbose_) std::fprintf(stderr, "%s\n", line.c_str());
}

std::vector<std::string> Log::lines() const {
  std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

}  // namespace attn::app

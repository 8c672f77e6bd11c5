#pragma once

#include <cstdio>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace attn::app {

// What happened, for the log panel, a file, and with --verbose the terminal. Safe from any thread.
class Log {
 public:
  // `file` may be empty, or a place that cannot be written: then the program goes on without a file.
  Log(const std::filesystem::path& file, bool verbose);
  void say(const std::string& sentence);
  std::vector<std::string> lines() const;  // the newest few hundred
  const std::string& file_problem() const { return file_problem_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::string file_problem_;
  bool verbose_;
};

}  // namespace attn::app

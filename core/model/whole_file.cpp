#include "core/model/whole_file.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/model/file_problem.h"

namespace attn {

WholeFile::WholeFile(std::filesystem::path path) : path_(std::move(path)) {
  temporary_ = path_;
  temporary_ += ".part" + std::to_string(::getpid());
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (!file_) fail();
}

WholeFile::~WholeFile() {
  if (!file_) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

void WholeFile::fail() {
  throw WordedError(file_problem(path_, true));
}

void WholeFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
}

void WholeFile::finish() {
  if (std::fflush(file_) != 0) fail();
  std::FILE* file = std::exchange(file_, nullptr);
  const bool closed = std::fclose(file) == 0;
  if (!closed || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    std::remove(temporary_.c_str());
    errno = reason;
    fail();
  }
}

}  // namespace attn

#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace attn {

// A file that appears under its name only when it is whole: written beside it, then renamed. Without finish()
// nothing remains. Throws Error when the disk refuses.
class WholeFile {
 public:
  explicit WholeFile(std::filesystem::path path);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  void write(std::string_view bytes);
  void write(const void* bytes, std::size_t count) {
    write(std::string_view(static_cast<const char*>(bytes), count));
  }
  void finish();

 private:
  [[noreturn]] void fail();
  std::filesystem::path path_, temporary_;
  std::FILE* file_ = nullptr;
};

}  // namespace attn

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace attn {

// A file read by position, from any thread. It is read and never mapped, so that a file which is cut while
// it is read gives an Error and not a signal.
class File {
 public:
  // Throws Error when there is no readable regular file.
  static std::shared_ptr<const File> open(const std::filesystem::path& path);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::uint64_t size() const { return size_; }         // when it was opened
  const std::string& label() const { return label_; }  // "gpt2/model.safetensors", for sentences
  const std::filesystem::path& path() const { return path_; }

  // Fills `out` from the bytes at `offset`. Throws Error when the file ends before.
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  // The same as text, `count` bytes; the caller has checked `count` against size().
  std::string read_text(std::uint64_t offset, std::size_t count) const;

 private:
  File() = default;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string label_;
  std::filesystem::path path_;
};

// What a person calls a model's folder: the last part of its path, also of "models/bert/" and "."; for a
// snapshot in the Hugging Face cache its Hub name ("google/bert").
std::string folder_name(const std::filesystem::path& folder);

// "folder/name" of a path: how sentences name a file.
std::string file_label(const std::filesystem::path& path);

// A whole small text file. Throws Error when it is missing or larger than `max_bytes`.
std::string read_small_file(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace attn

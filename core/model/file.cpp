#include "core/model/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/math/worded_error.h"

namespace attn {

std::string folder_name(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::path path = std::filesystem::absolute(folder, ignored).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  const std::filesystem::path snapshots = path.parent_path();
  const std::string repository = snapshots.parent_path().filename().string();
  const std::string_view kCached = "models--";
  if (snapshots.filename() != "snapshots" || repository.rfind(kCached, 0) != 0)
    return path.filename().string();
  std::string name = repository.substr(kCached.size());
  if (const std::size_t owner_ends = name.find("--"); owner_ends != std::string::npos)
    name.replace(owner_ends, 2, "/");
  return name;
}

std::string file_label(const std::filesystem::path& path) {
  if (path.parent_path().filename().empty()) return path.filename().string();
  return folder_name(path.parent_path()) + "/" + path.filename().string();
}

std::shared_ptr<const File> File::open(const std::filesystem::path& path) {
  std::shared_ptr<File> file(new File);
  file->label_ = file_label(path);
  file->path_ = path;
  // O_NONBLOCK: a named pipe of that name must not make us wait for a writer.
  file->descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file->descriptor_ < 0) {
    const std::string reason = std::strerror(errno);
    throw WordedError(worded("file.cannot_open", "{file} cannot be opened: {reason}.",
                             {{"file", file->label_}, {"reason", reason}}));
  }
  struct stat status {};
  if (::fstat(file->descriptor_, &status) != 0 || !S_ISREG(status.st_mode))
    throw WordedError(worded("file.not_regular", "{file} is not a regular file.", {{"file", file->label_}}));
  file->size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n =
        ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw WordedError(worded("file.cannot_read", "{path} cannot be read: {reason}.",
                               {{"path", label_}, {"reason", std::strerror(errno)}}));
    if (n == 0)
      throw WordedError(worded("file.cut",
                               "{file} ends at byte {at} where {n} more were expected: it was cut short. "
                               "Download or copy it again.",
                               {{"file", label_},
                                {"at", std::to_string(offset + done)},
                                {"n", std::to_string(out.size() - done)}}));
    done += static_cast<std::size_t>(n);
  }
}

std::string File::read_text(std::uint64_t offset, std::size_t count) const {
  std::string text(count, '\0');
  read(offset, std::as_writable_bytes(std::span<char>(text)));
  return text;
}

std::string read_small_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const std::shared_ptr<const File> file = File::open(path);
  if (file->size() > max_bytes)
    throw WordedError(worded(
        "file.too_many_bytes", "{file} has {n} bytes; at most {most} are expected in such a file.",
        {{"file", file->label()}, {"n", std::to_string(file->size())}, {"most", std::to_string(max_bytes)}}));
  return file->read_text(0, static_cast<std::size_t>(file->size()));
}

}  // namespace attn

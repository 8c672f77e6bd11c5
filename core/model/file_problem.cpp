#include "core/model/file_problem.h"

#include <cerrno>
#include <cstring>

namespace attn {

Wording file_problem(const std::filesystem::path& path, bool writing) {
  const std::string name = path.string();
  if (errno == ENOENT && !writing) return worded("file.missing", "there is no file {path}", {{"path", name}});
  if (errno == ENOENT)
    return worded("file.no_folder", "{path} cannot be written: there is no such folder", {{"path", name}});
  if (errno == EACCES || errno == EROFS || errno == EPERM)
    return writing ? worded("file.may_not_write",
                            "{path} cannot be written: this folder is read-only for you; choose another one",
                            {{"path", name}})
                   : worded("file.may_not_read", "you are not allowed to read {path}", {{"path", name}});
  if (errno == ENOSPC)
    return worded("file.disk_full", "{path} cannot be written: the disk is full", {{"path", name}});
  return writing ? worded("file.cannot_write", "{path} cannot be written: {reason}",
                          {{"path", name}, {"reason", std::strerror(errno)}})
                 : worded("file.cannot_read", "cannot read {path}: {reason}",
                          {{"path", name}, {"reason", std::strerror(errno)}});
}

}  // namespace attn

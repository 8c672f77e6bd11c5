#pragma once

#include <map>
#include <string>

#include "core/model/tensor.h"

namespace attn {

// What torch.save wrote: a pickle that names tensors, and their bytes.
struct TorchFile {
  std::string pickle;                        // the instructions that were read
  std::map<std::string, TensorRef> tensors;  // by name
};

// Reads a state dict as torch.save writes it: a zip archive with stored members (1.6 and later), or the older
// sequence of pickles followed by storages. The pickle is interpreted, never executed: what is not needed to
// describe tensors is refused. Throws Error.
TorchFile read_torch_file(std::shared_ptr<const File> file);

}  // namespace attn

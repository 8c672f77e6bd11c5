#include "core/model/torch_file.h"

#include "core/math/error.h"

namespace attn {

TorchFile read_torch_file(std::shared_ptr<const File> file) {
  throw Error(file->label() + ": pytorch_model.bin is not read yet; save the model as model.safetensors.");
}

}  // namespace attn

// The header of a .safetensors file and one read of each tensor: whatever the bytes, an Error or a result.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "core/math/error.h"
#include "core/model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("fuzz" + std::to_string(::getpid()) + ".safetensors");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    for (const auto& [name, tensor] : attn::read_safetensors(path).tensors)
      if (tensor.type) attn::read_tensor(tensor);
  } catch (const attn::Error&) {
  }
  std::filesystem::remove(path);
  return 0;
}

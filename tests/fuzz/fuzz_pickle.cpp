// A pickle, a whole pytorch_model.bin (zip or legacy) and an array of NumPy: whatever the bytes, an Error or
// a result.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "core/math/error.h"
#include "core/model/npz.h"
#include "core/model/pickle.h"
#include "core/model/torch_file.h"

namespace {

template <class Action>
void expect_error_or_result(const Action& action) {
  try {
    action();
  } catch (const attn::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  expect_error_or_result([&] { attn::Pickle::read(bytes, "fuzz"); });
  expect_error_or_result([&] { attn::read_npy(bytes, "fuzz"); });
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("fuzz" + std::to_string(::getpid()) + ".bin");
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(size));
  expect_error_or_result([&] {
    for (const auto& [name, tensor] : attn::read_torch_file(attn::File::open(path)).tensors)
      if (tensor.contiguous()) attn::read_tensor(tensor);
  });
  expect_error_or_result([&] { attn::read_npz(path); });
  std::filesystem::remove(path);
  return 0;
}

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/model/safetensors.h"

namespace attn {

// One array of NumPy: numbers as floats, or texts. An empty shape is a single value.
struct NpyArray {
  std::vector<Index> shape;
  std::vector<float> numbers;      // row-major; empty for texts
  std::vector<std::string> texts;  // UTF-8; empty for numbers

  // The last dimension as columns, all others as rows.
  Matrix matrix() const;
};

// The bytes of a .npy file (versions 1 to 3, little-endian floats, integers, booleans and texts, both
// orders). `label` names it in sentences. Throws Error; objects, which would be a pickle, are refused.
NpyArray read_npy(std::string_view bytes, const std::string& label);

// Every array of a .npz file (numpy.savez, numpy.savez_compressed), by name without ".npy". Throws Error.
std::map<std::string, NpyArray> read_npz(const std::filesystem::path& path);

// Writes what numpy.load reads: float32 arrays and lists of texts. Throws Error when the disk refuses.
void write_npz(const std::filesystem::path& path, const std::vector<TensorToWrite>& arrays,
               const std::map<std::string, std::vector<std::string>>& texts = {});

}  // namespace attn

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/math/matrix.h"
#include "core/model/tensor.h"

namespace attn {

// What the header of a .safetensors file says: 8 bytes of length, a JSON object, then the tensors' bytes
// without holes (https://github.com/huggingface/safetensors, "Format").
struct Safetensors {
  std::shared_ptr<const File> file;
  std::string header;                           // the JSON text
  std::map<std::string, std::string> metadata;  // "__metadata__"
  std::map<std::string, TensorRef> tensors;     // by name
};

// Reads and checks a header: its length against the file, and for each tensor that dtype × shape is the size
// of its bytes; the tensors' bytes must cover the rest of the file once, without overlap or hole. Throws
// Error otherwise. Nothing is allocated that the file does not have.
Safetensors read_safetensors(const std::filesystem::path& path);
Safetensors read_safetensors(std::shared_ptr<const File> file);

// A whole tensor as floats, its last dimension as columns and all others as rows (a vector: one row).
Matrix read_tensor(const TensorRef& tensor);

// One tensor to be written: its rows are asked for one at a time.
struct TensorToWrite {
  std::string name;
  std::vector<Index> shape;
  // Row r of the tensor seen as [product of all but the last, last].
  std::function<void(Index row, float* out)> read_row;
  DType type = DType::f32;  // f32, f16 or bf16: numbers are rounded to it
};

// The rows of a matrix that outlives the writing, with the shape that they are to have.
TensorToWrite to_write(std::string name, const Matrix& matrix, std::vector<Index> shape);
TensorToWrite to_write(std::string name, const Matrix& matrix);  // [rows, cols]
TensorToWrite to_write(std::string name, const Row& row);        // [size]

// Writes tensors, row by row, into a temporary file beside `path` that is renamed when it is whole, so that
// `path` never holds half a file. Throws Error when the disk refuses.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace attn

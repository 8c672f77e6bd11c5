#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/math/strided.h"
#include "core/model/file.h"

namespace attn {

// Where a tensor lies in a file. Its bytes have not been read; that they lie inside the file has been
// checked.
struct TensorRef {
  std::shared_ptr<const File> file;
  std::string name;            // as the file has it
  std::optional<DType> type;   // nullopt: a type that no model here is stored in (float8 …)
  std::string type_name;       // "F32", as the file has it
  std::vector<Index> shape;    // empty: one number
  std::vector<Index> strides;  // in elements, parallel to shape
  std::uint64_t offset = 0;    // of the first element, in bytes

  Index n_elements() const;
  bool contiguous() const;
};

// "[768, 2304]".
std::string shape_text(const std::vector<Index>& shape);
// Strides of a row-major tensor.
std::vector<Index> contiguous_strides(const std::vector<Index>& shape);
// The product of a shape's sizes; nullopt when one is negative or the product exceeds 2^62.
std::optional<Index> product_of(const std::vector<Index>& shape);

// Some of a tensor's numbers arranged as a matrix [rows, cols], not read yet: what StridedSource is for bytes
// in memory. Element (r, c) is number
//   (r / block_rows) * block_stride + (r % block_rows) * row_stride + c * col_stride   after the first.
struct MatrixSource {
  std::shared_ptr<const File> file;
  std::string name;
  std::uint64_t offset = 0;  // of element (0, 0), in bytes
  DType type = DType::f32;
  Index rows = 0, cols = 0;
  Index row_stride = 0, col_stride = 1;
  Index block_rows = 0, block_stride = 0;  // 0: one block

  MatrixSource transposed() const;                         // only of one block
  MatrixSource rows_from(Index first, Index count) const;  // only of one block
  MatrixSource columns_from(Index first, Index count) const;
  // Every `period`-th run of `run` rows, beginning with row `first`: `n_runs` of them. Only of one block.
  MatrixSource every(Index period, Index first, Index run, Index n_runs) const;

  std::size_t span_bytes() const;  // from the first to the last element, what read() reads
  // Reads the bytes into `buffer` (resized) and describes them. Throws Error when the file was cut.
  StridedSource read(std::vector<std::byte>& buffer) const;
};

}  // namespace attn

#pragma once

#include <cstddef>
#include <cstring>
#include <string>

#include "core/math/matrix.h"

namespace attn {

enum class DType { f32, f16, bf16, f64, i64, i32, i16, i8, u8, boolean };

std::size_t bytes_of(DType type);
const char* name_of(DType type);

// A [rows, cols] matrix of numbers as it lies in a file, without a copy: element (r, c) stands at
//   data + ((r / block_rows) * block_stride + (r % block_rows) * row_stride + c * col_stride) *
//   bytes_of(type)
// Strides count elements. A transposed (Conv1D) matrix swaps row_stride and col_stride; the rows of one of
// the fused q, k, v of a head-interleaved matrix [H, 3, d_head, D] have block_rows = d_head. Valid as long as
// the memory behind `data` lives; the maker has checked that every element lies inside it.
struct StridedSource {
  const std::byte* data = nullptr;
  DType type = DType::f32;
  Index rows = 0;
  Index cols = 0;
  Index row_stride = 0;
  Index col_stride = 1;
  Index block_rows = 0;  // 0: one block
  Index block_stride = 0;

  // Row r as floats (16-bit formats widened exactly), into out[0..cols).
  void read_row(Index r, float* out) const;
  float at(Index r, Index c) const;
  // Where element (r, c) stands; files do not align their tensors.
  const std::byte* address(Index r, Index c) const;
};

// The number of type `type` at `at`, which need not be aligned, as a float (16-bit formats widened exactly).
float load_as_float(const std::byte* at, DType type);

template <class T>
T load_unaligned(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// The whole source as a float matrix.
Matrix to_matrix(const StridedSource& source);

}  // namespace attn

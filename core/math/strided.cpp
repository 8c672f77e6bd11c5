#include "core/math/strided.h"

#include <cassert>
#include <cstdint>

namespace attn {

std::size_t bytes_of(DType type) {
  switch (type) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  return 1;
}

const char* name_of(DType type) {
  switch (type) {
    case DType::f64:
      return "F64";
    case DType::i64:
      return "I64";
    case DType::f32:
      return "F32";
    case DType::i32:
      return "I32";
    case DType::f16:
      return "F16";
    case DType::bf16:
      return "BF16";
    case DType::i16:
      return "I16";
    case DType::i8:
      return "I8";
    case DType::u8:
      return "U8";
    case DType::boolean:
      return "BOOL";
  }
  return "?";
}

float load_as_float(const std::byte* at, DType type) {
  switch (type) {
    case DType::f32:
      return load_unaligned<float>(at);
    case DType::f16:
      return static_cast<float>(load_unaligned<Eigen::half>(at));
    case DType::bf16:
      return static_cast<float>(load_unaligned<Eigen::bfloat16>(at));
    case DType::f64:
      return static_cast<float>(load_unaligned<double>(at));
    case DType::i64:
      return static_cast<float>(load_unaligned<std::int64_t>(at));
    case DType::i32:
      return static_cast<float>(load_unaligned<std::int32_t>(at));
    case DType::i16:
      return static_cast<float>(load_unaligned<std::int16_t>(at));
    case DType::i8:
      return static_cast<float>(load_unaligned<std::int8_t>(at));
    case DType::u8:
    case DType::boolean:
      return static_cast<float>(load_unaligned<std::uint8_t>(at));
  }
  return 0;
}

const std::byte* StridedSource::address(Index r, Index c) const {
  const Index block = block_rows > 0 ? r / block_rows : 0;
  const Index inside = block_rows > 0 ? r % block_rows : r;
  return data + static_cast<std::ptrdiff_t>(bytes_of(type)) *
                    (block * block_stride + inside * row_stride + c * col_stride);
}

void StridedSource::read_row(Index r, float* out) const {
  assert(r >= 0 && r < rows);
  const std::byte* start = address(r, 0);
  if (type == DType::f32 && col_stride == 1) {
    std::memcpy(out, start, static_cast<std::size_t>(cols) * sizeof(float));
    return;
  }
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(bytes_of(type)) * col_stride;
  for (Index c = 0; c < cols; ++c) out[c] = load_as_float(start + c * step, type);
}

float StridedSource::at(Index r, Index c) const {
  assert(r >= 0 && r < rows && c >= 0 && c < cols);
  return load_as_float(address(r, c), type);
}

Matrix to_matrix(const StridedSource& source) {
  Matrix out(source.rows, source.cols);
  for (Index r = 0; r < source.rows; ++r) source.read_row(r, out.row(r).data());
  return out;
}

}  // namespace attn

#include "core/model/tensor.h"

#include <cassert>

namespace attn {

std::optional<Index> product_of(const std::vector<Index>& shape) {
  constexpr Index kLimit = Index{1} << 62;
  Index product = 1;
  for (const Index size : shape) {
    if (size < 0) return std::nullopt;
    if (size == 0) return 0;
  }
  for (const Index size : shape) {
    if (product > kLimit / size) return std::nullopt;
    product *= size;
  }
  return product;
}

std::vector<Index> contiguous_strides(const std::vector<Index>& shape) {
  std::vector<Index> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

Index TensorRef::n_elements() const {
  return product_of(shape).value_or(0);
}

bool TensorRef::contiguous() const {
  Index expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

MatrixSource MatrixSource::transposed() const {
  assert(block_rows == 0);
  MatrixSource out = *this;
  std::swap(out.rows, out.cols);
  std::swap(out.row_stride, out.col_stride);
  return out;
}

MatrixSource MatrixSource::rows_from(Index first, Index count) const {
  assert(block_rows == 0 && first >= 0 && count >= 0 && first + count <= rows);
  MatrixSource out = *this;
  out.offset += static_cast<std::uint64_t>(first * row_stride) * bytes_of(type);
  out.rows = count;
  return out;
}

MatrixSource MatrixSource::columns_from(Index first, Index count) const {
  assert(first >= 0 && count >= 0 && first + count <= cols);
  MatrixSource out = *this;
  out.offset += static_cast<std::uint64_t>(first * col_stride) * bytes_of(type);
  out.cols = count;
  return out;
}

MatrixSource MatrixSource::every(Index period, Index first, Index run, Index n_runs) const {
  assert(block_rows == 0 && first + run <= period && n_runs * period <= rows);
  MatrixSource out = rows_from(first, run);
  out.rows = run * n_runs;
  out.block_rows = run;
  out.block_stride = period * row_stride;
  return out;
}

std::size_t MatrixSource::span_bytes() const {
  if (rows == 0 || cols == 0) return 0;
  const Index blocks = block_rows > 0 ? rows / block_rows : 1;
  const Index rows_of_block = block_rows > 0 ? block_rows : rows;
  const Index last = (blocks - 1) * block_stride + (rows_of_block - 1) * row_stride + (cols - 1) * col_stride;
  return static_cast<std::size_t>(last + 1) * bytes_of(type);
}

StridedSource MatrixSource::read(std::vector<std::byte>& buffer) const {
  buffer.resize(span_bytes());
  file->read(offset, buffer);
  StridedSource source;
  source.data = buffer.data();
  source.type = type;
  source.rows = rows;
  source.cols = cols;
  source.row_stride = row_stride;
  source.col_stride = col_stride;
  source.block_rows = block_rows;
  source.block_stride = block_stride;
  return source;
}

}  // namespace attn

#include <algorithm>
#include <array>
#include <cassert>

#include "core/math/error.h"
#include "core/model/json_text.h"
#include "core/model/safetensors.h"
#include "core/model/whole_file.h"

namespace attn {

namespace {

// Floats as they are stored, rounded to nearest even where 16 bits are asked for.
void write_row(WholeFile& file, const std::vector<float>& row, DType type) {
  if (type == DType::f16) {
    std::vector<Eigen::half> rounded(row.begin(), row.end());
    file.write(rounded.data(), rounded.size() * 2);
  } else if (type == DType::bf16) {
    std::vector<Eigen::bfloat16> rounded(row.begin(), row.end());
    file.write(rounded.data(), rounded.size() * 2);
  } else {
    file.write(row.data(), row.size() * sizeof(float));
  }
}

}  // namespace

TensorToWrite to_write(std::string name, const Matrix& matrix, std::vector<Index> shape) {
  assert(!shape.empty() && shape.back() == matrix.cols());
  return {std::move(name), std::move(shape),
          [&matrix](Index row, float* out) { std::copy_n(matrix.row(row).data(), matrix.cols(), out); }};
}

TensorToWrite to_write(std::string name, const Matrix& matrix) {
  return to_write(std::move(name), matrix, {matrix.rows(), matrix.cols()});
}

TensorToWrite to_write(std::string name, const Row& row) {
  return {
      std::move(name), {row.size()}, [&row](Index, float* out) { std::copy_n(row.data(), row.size(), out); }};
}

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  // As the reference writer does: wider types first, then by name, so that every tensor is aligned.
  std::vector<const TensorToWrite*> order;
  for (const TensorToWrite& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const TensorToWrite* a, const TensorToWrite* b) {
    const std::size_t wide_a = bytes_of(a->type), wide_b = bytes_of(b->type);
    return wide_a != wide_b ? wide_a > wide_b : a->name < b->name;
  });
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const TensorToWrite* tensor : order) {
    assert(tensor->type == DType::f32 || tensor->type == DType::f16 || tensor->type == DType::bf16);
    const std::uint64_t begin = end;
    end += static_cast<std::uint64_t>(product_of(tensor->shape).value_or(0)) * bytes_of(tensor->type);
    header[tensor->name] = {
        {"dtype", name_of(tensor->type)}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');

  WholeFile file(path);
  std::array<char, 8> prefix{};
  for (std::size_t i = 0; i < 8; ++i) prefix[i] = static_cast<char>((text.size() >> (8 * i)) & 0xff);
  file.write(prefix.data(), prefix.size());
  file.write(text);
  for (const TensorToWrite* tensor : order) {
    const Index cols = tensor->shape.empty() ? 1 : tensor->shape.back();
    const Index rows = cols == 0 ? 0 : product_of(tensor->shape).value_or(0) / cols;
    std::vector<float> row(static_cast<std::size_t>(cols));
    for (Index r = 0; r < rows; ++r) {
      tensor->read_row(r, row.data());
      write_row(file, row, tensor->type);
    }
  }
  file.finish();
}

}  // namespace attn

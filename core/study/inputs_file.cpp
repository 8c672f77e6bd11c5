#include <cmath>

#include "core/math/error.h"
#include "core/model/safetensors.h"
#include "core/study/library.h"

namespace attn {

namespace {

// Token numbers from a tensor of one text: [T] or [1, T].
std::vector<int> read_ids(const TensorRef& tensor, const std::string& file) {
  const Index n = tensor.n_elements();
  const bool one_text = tensor.shape.size() == 1 || (tensor.shape.size() == 2 && tensor.shape[0] == 1);
  if (!one_text || !tensor.type) {
    throw Error(file + ": '" + tensor.name + "' is " + shape_text(tensor.shape) +
                ", expected one text: [T] or [1, T]");
  }
  const Matrix values = read_tensor(tensor);
  std::vector<int> ids;
  ids.reserve(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    const float value = values.data()[i];
    if (!(value >= 0 && value < 16'777'216.0f) || value != std::floor(value)) {
      throw Error(file + ": '" + tensor.name + "' has " + std::to_string(value) +
                  ", which is no token number");
    }
    ids.push_back(static_cast<int>(value));
  }
  return ids;
}

// A tensor without its batch dimension of 1, which must have `dimensions` left.
std::vector<Index> shape_without_batch(const TensorRef& tensor, std::size_t dimensions,
                                       const std::string& file) {
  std::vector<Index> shape = tensor.shape;
  if (shape.size() == dimensions + 1 && shape[0] == 1) shape.erase(shape.begin());
  if (shape.size() != dimensions || !tensor.type) {
    throw Error(file + ": '" + tensor.name + "' is " + shape_text(tensor.shape) + ", expected " +
                std::to_string(dimensions) + " dimensions");
  }
  return shape;
}

}  // namespace

Inputs read_inputs_file(const std::filesystem::path& path, const std::string& prefix) {
  const Safetensors file = read_safetensors(path);
  const std::string label = path.filename().string();
  const auto find = [&](const char* name) -> const TensorRef* {
    const auto at = file.tensors.find(prefix + name);
    return at == file.tensors.end() ? nullptr : &at->second;
  };
  Inputs inputs;
  if (const TensorRef* ids = find("input_ids")) inputs.ids = read_ids(*ids, label);
  if (const TensorRef* types = find("token_type_ids")) inputs.type_ids = read_ids(*types, label);
  if (const TensorRef* target = find("decoder_input_ids")) inputs.target_ids = read_ids(*target, label);
  if (const TensorRef* pixels = find("pixel_values")) {
    const std::vector<Index> shape = shape_without_batch(*pixels, 3, label);
    inputs.channels = static_cast<int>(shape[0]);
    inputs.pixels = read_tensor(*pixels).reshaped<Eigen::RowMajor>(shape[0] * shape[1], shape[2]);
  }
  if (const TensorRef* samples = find("input_values")) {
    const std::vector<Index> shape = shape_without_batch(*samples, 1, label);
    inputs.samples = read_tensor(*samples).reshaped<Eigen::RowMajor>(1, shape[0]);
  }
  if (const TensorRef* features = find("input_features")) {
    const std::vector<Index> shape = shape_without_batch(*features, 2, label);
    inputs.features = read_tensor(*features).reshaped<Eigen::RowMajor>(shape[0], shape[1]);
  }
  if (inputs.ids.empty() && inputs.pixels.size() == 0 && inputs.samples.size() == 0 &&
      inputs.features.size() == 0) {
    throw Error(label + " has none of input_ids, pixel_values, input_values, input_features");
  }
  return inputs;
}

void name_tokens(Trace& trace, const Inputs& inputs, const Tokenizer* tokenizer) {
  const auto name = [&](const std::vector<int>& ids, int n_rows) {
    std::vector<std::string> names;
    for (const int id : ids) {
      std::string token = tokenizer ? tokenizer->token(id) : "";
      names.push_back(token.empty() ? std::to_string(id) : std::move(token));
    }
    // Patches and frames have no numbers of their own: they are called by their place.
    for (int i = static_cast<int>(names.size()); i < n_rows; ++i) names.push_back("#" + std::to_string(i));
    return names;
  };
  const auto rows_of_stack = [&](Stack stack) {
    const AttentionRecord* record = trace.attention(stack, 0);
    return record ? static_cast<int>(record->queries.rows()) : 0;
  };
  const bool has_encoder = !trace.encoder.layers.empty();
  trace.tokens = name(inputs.ids, rows_of_stack(has_encoder ? Stack::encoder : Stack::decoder));
  if (!inputs.target_ids.empty())
    trace.target_tokens = name(inputs.target_ids, rows_of_stack(Stack::decoder));
}

}  // namespace attn

#include "core/model/parameter_plan.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>

#include "core/math/worded_error.h"

namespace attn {

namespace {

std::size_t bytes_in_memory(const MatrixSource& source, std::size_t bytes_each) {
  return static_cast<std::size_t>(source.rows * source.cols) * bytes_each;
}

// What a number takes once it is packed: 16-bit parameters stay 16-bit.
std::size_t packed_bytes(DType type) {
  return type == DType::f16 || type == DType::bf16 ? 2 : 4;
}

// The part of the model's Arrival that the slot at this address belongs to.
std::size_t part_of_slot(const Model& model, const void* slot) {
  for (const Stack stack : {Stack::encoder, Stack::decoder}) {
    const auto& layers =
        (stack == Stack::encoder ? model.parameters.encoder : model.parameters.decoder).layers;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const LayerParameters<float>* own = &layers[layer];
      const std::less<const void*> before;
      if (!before(slot, own) && before(slot, own + 1)) return model.part_of(stack, layer);
    }
  }
  return Model::kOutsideOfLayers;
}

Row to_row(const MatrixSource& source) {
  std::vector<std::byte> buffer;
  const Matrix numbers = to_matrix(source.read(buffer));
  return Eigen::Map<const Row>(numbers.data(), numbers.size());
}

}  // namespace

void ParameterPlan::count(const MatrixSource& source) {
  if (counted_.insert({source.file.get(), source.offset}).second)
    n_parameters_ += static_cast<std::size_t>(source.rows * source.cols);
}

void ParameterPlan::make(const void* slot, std::size_t memory_bytes, std::size_t read_bytes,
                         std::function<void()> job) {
  memory_bytes_ += memory_bytes;
  jobs_.push_back({slot, read_bytes, std::move(job)});
}

void ParameterPlan::afterwards(const void* slot, std::function<void()> job) {
  afterwards_.push_back({slot, 0, std::move(job)});
}

void ParameterPlan::linear(Linear<float>& slot, const MatrixSource& weight,
                           const std::optional<MatrixSource>& bias) {
  count(weight);
  if (bias) count(*bias);
  make(&slot, bytes_in_memory(weight, packed_bytes(weight.type)) + (bias ? bytes_in_memory(*bias, 4) : 0),
       weight.span_bytes(), [&slot, weight, bias] {
         std::vector<std::byte> buffer;
         slot = Linear<float>::from_source(weight.read(buffer), bias ? to_row(*bias) : Row());
       });
}

void ParameterPlan::matrix(Matrix& slot, const MatrixSource& source) {
  count(source);
  make(&slot, bytes_in_memory(source, 4), source.span_bytes(), [&slot, source] {
    // In pieces, so that reading a large table takes little memory beside the table itself.
    const Index rows_at_once = std::max<Index>(1, (Index{1} << 20) / std::max<Index>(1, source.cols));
    slot.resize(source.rows, source.cols);
    std::vector<std::byte> buffer;
    if (source.block_rows > 0) {
      slot = to_matrix(source.read(buffer));
      return;
    }
    for (Index first = 0; first < source.rows; first += rows_at_once) {
      const Index n = std::min(rows_at_once, source.rows - first);
      const StridedSource piece = source.rows_from(first, n).read(buffer);
      for (Index r = 0; r < n; ++r) piece.read_row(r, slot.row(first + r).data());
    }
  });
}

void ParameterPlan::row(Row& slot, const MatrixSource& source) {
  count(source);
  make(&slot, bytes_in_memory(source, 4), source.span_bytes(), [&slot, source] { slot = to_row(source); });
}

void ParameterPlan::run(const Model& model, Pool* pool, LoadProgress* progress, const CancelToken* cancel,
                        Arrival* arrival) {
  if (progress) {
    progress->bytes_total =
        std::accumulate(jobs_.begin(), jobs_.end(), std::size_t{0},
                        [](std::size_t sum, const Job& job) { return sum + job.read_bytes; });
    progress->bytes_done = 0;
  }
  for (std::vector<Job>* jobs : {&jobs_, &afterwards_})
    for (Job& job : *jobs) job.part = part_of_slot(model, job.slot);
  // Within a part the largest first: what they read beside what they keep is given back before the rest is
  // there.
  std::stable_sort(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) {
    return a.part != b.part ? a.part < b.part : a.read_bytes > b.read_bytes;
  });
  std::vector<std::atomic<std::size_t>> missing(model.n_parts());
  for (const Job& job : jobs_) ++missing[job.part];
  const auto finish_part = [&](std::size_t part) {
    for (const Job& job : afterwards_)
      if (job.part == part) job.body();
    if (arrival) arrival->arrived(part);
  };
  for (std::size_t part = 0; part < missing.size(); ++part)
    if (missing[part] == 0) finish_part(part);
  parallel_for(pool, static_cast<std::ptrdiff_t>(jobs_.size()), [&](std::ptrdiff_t i) {
    throw_if_cancelled(cancel);
    const Job& job = jobs_[static_cast<std::size_t>(i)];
    job.body();
    if (progress) progress->bytes_done += job.read_bytes;
    if (--missing[job.part] == 0) finish_part(job.part);
  });
  if (arrival) arrival->all_arrived();
}

Section Section::under(std::initializer_list<const char*> prefixes, const std::string& probe) const {
  for (const char* prefix : prefixes)
    if (plan_->files().find(prefix_ + prefix + probe)) return {*plan_, prefix_ + prefix};
  return {*plan_, prefix_ + *prefixes.begin()};
}

MatrixSource Section::source(const std::string& name, const std::vector<Index>& shape,
                             const std::string& meaning) const {
  const std::string why = meaning.empty() ? "" : " (" + meaning + ")";
  const TensorRef* tensor = find(name);
  if (!tensor)
    throw WordedError(worded(
        "weights.lacks",
        "{file} lacks the tensor '{tensor}', expected {shape}. Does config.json belong to "
        "these weights?",
        {{"file", plan_->files().label()}, {"tensor", prefix_ + name}, {"shape", shape_text(shape) + why}}));
  const std::string where = tensor->file->label() + ": '" + tensor->name + "'";
  if (!tensor->type || (*tensor->type != DType::f32 && *tensor->type != DType::f16 &&
                        *tensor->type != DType::bf16 && *tensor->type != DType::f64))
    throw WordedError(
        worded("weights.parameter_type",
               "{tensor} is stored as {type}, which is not supported as a parameter; F32, F16 and BF16 are.",
               {{"tensor", where}, {"type", tensor->type_name}}));
  const auto without_ones = [](const std::vector<Index>& sizes) {
    std::size_t first = 0;
    while (first + 1 < sizes.size() && sizes[first] == 1) ++first;
    return std::vector<Index>(sizes.begin() + static_cast<std::ptrdiff_t>(first), sizes.end());
  };
  if (without_ones(tensor->shape) != without_ones(shape))
    throw WordedError(worded(
        "weights.shape", "{tensor} is {found}, expected {shape}. Does config.json belong to these weights?",
        {{"tensor", where}, {"found", shape_text(tensor->shape)}, {"shape", shape_text(shape) + why}}));

  MatrixSource out;
  out.file = tensor->file;
  out.name = tensor->name;
  out.offset = tensor->offset;
  out.type = *tensor->type;
  out.rows = shape.empty() ? 1 : shape.front();
  out.cols = out.rows == 0 ? 0 : tensor->n_elements() / out.rows;
  if (tensor->contiguous()) {
    out.row_stride = out.cols;
  } else if (tensor->shape.size() == 2 && tensor->shape.front() == out.rows) {
    out.row_stride = tensor->strides[0];
    out.col_stride = tensor->strides[1];
  } else if (tensor->shape.size() == 1) {
    out.row_stride = tensor->strides[0];
  } else {
    throw WordedError(worded("weights.strides",
                             "{tensor} is stored with strides that are not supported; save the model again "
                             "(tensor.contiguous()).",
                             {{"tensor", where}}));
  }
  return out;
}

void Section::linear(Linear<float>& slot, const std::string& name, Index outputs, Index inputs,
                     Bias bias) const {
  const MatrixSource weight = source(name + ".weight", {outputs, inputs});
  std::optional<MatrixSource> bias_source;
  if (bias == Bias::required || (bias == Bias::if_there && has(name + ".bias")))
    bias_source = source(name + ".bias", {outputs});
  plan_->linear(slot, weight, bias_source);
}

void Section::norm(NormParameters<float>& slot, const std::string& name, Index width, Bias bias) const {
  row(slot.gain, name + ".weight", width);
  if (bias == Bias::required || (bias == Bias::if_there && has(name + ".bias")))
    row(slot.bias, name + ".bias", width);
}

void Section::matrix(Matrix& slot, const std::string& name, Index rows, Index cols) const {
  plan_->matrix(slot, source(name, {rows, cols}));
}

void Section::row(Row& slot, const std::string& name, Index size) const {
  plan_->row(slot, source(name, {size}));
}

}  // namespace attn

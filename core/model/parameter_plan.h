#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/model/load_model.h"
#include "core/model/model.h"
#include "core/model/tensor_files.h"

namespace attn {

enum class Bias { none, required, if_there };

// What goes where: filled by a family file, which names for each slot the tensor and its expected shape.
// Every name and shape is checked when it is planned; nothing is read or allocated before run().
class ParameterPlan {
 public:
  explicit ParameterPlan(const TensorFiles& files) : files_(files) {}

  const TensorFiles& files() const { return files_; }
  void linear(Linear<float>& slot, const MatrixSource& weight, const std::optional<MatrixSource>& bias);
  void matrix(Matrix& slot, const MatrixSource& source);
  void row(Row& slot, const MatrixSource& source);  // source: [n, 1] or [1, n]
  // A slot that is made in some other way, from what `read_bytes` of the files say.
  void make(const void* slot, std::size_t memory_bytes, std::size_t read_bytes, std::function<void()> job);
  // After the slots of the same layer (or all that are outside of layers) are filled: a slot that needs no
  // file, such as one that shares another's numbers.
  void afterwards(const void* slot, std::function<void()> job);

  std::size_t memory_bytes() const { return memory_bytes_; }
  std::size_t n_parameters() const { return n_parameters_; }
  // Reads everything into the slots of `model`: what is outside of layers first, then layer by layer; each
  // part is told to `arrival`, which may be null. Throws Error, or Cancelled.
  void run(const Model& model, Pool* pool, LoadProgress* progress, const CancelToken* cancel,
           Arrival* arrival);

 private:
  void count(const MatrixSource& source);
  struct Job {
    const void* slot = nullptr;
    std::size_t read_bytes = 0;
    std::function<void()> body;
    std::size_t part = 0;
  };
  const TensorFiles& files_;
  std::vector<Job> jobs_;
  std::vector<Job> afterwards_;
  std::set<std::pair<const File*, std::uint64_t>> counted_;  // each number of a file counts once
  std::size_t memory_bytes_ = 0;
  std::size_t n_parameters_ = 0;
};

// The tensors whose names begin with `prefix`: "encoder.layer.3." of a checkpoint.
class Section {
 public:
  Section(ParameterPlan& plan, std::string prefix = "") : plan_(&plan), prefix_(std::move(prefix)) {}

  Section at(const std::string& name) const { return {*plan_, prefix_ + name + "."}; }
  Section at(const std::string& name, int index) const { return at(name + "." + std::to_string(index)); }
  // The first of `prefixes` ("bert.", "") under which there is a tensor `probe`; the first when there is
  // none, so that the sentence about what is missing names it as it should be.
  Section under(std::initializer_list<const char*> prefixes, const std::string& probe) const;

  ParameterPlan& plan() const { return *plan_; }
  const std::string& prefix() const { return prefix_; }
  bool has(const std::string& name) const { return find(name) != nullptr; }
  const TensorRef* find(const std::string& name) const { return plan_->files().find(prefix_ + name); }

  // The tensor `name` with exactly this shape (leading sizes of 1 may be missing or too many) as the matrix
  // [first size, all the others]; one size: [n, 1]. `meaning` explains the shape: "3 × d_model".
  // Throws Error when it is missing, has another shape or a type that is not supported.
  MatrixSource source(const std::string& name, const std::vector<Index>& shape,
                      const std::string& meaning = "") const;

  // name.weight [outputs, inputs] and name.bias [outputs].
  void linear(Linear<float>& slot, const std::string& name, Index outputs, Index inputs,
              Bias bias = Bias::required) const;
  // name.weight [width] and name.bias [width].
  void norm(NormParameters<float>& slot, const std::string& name, Index width,
            Bias bias = Bias::required) const;
  void matrix(Matrix& slot, const std::string& name, Index rows, Index cols) const;
  void row(Row& slot, const std::string& name, Index size) const;

 private:
  ParameterPlan* plan_;
  std::string prefix_;
};

}  // namespace attn

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/math/worded_error.h"
#include "core/model/tensor.h"

namespace attn {

// Every tensor of a model folder by its canonical name, whatever files they lie in: model.safetensors or its
// shards, else pytorch_model.bin or its shards.
class TensorFiles {
 public:
  // Reads the headers. Throws Error for a folder without weights and for files that are wrong.
  static TensorFiles open(const std::filesystem::path& folder);

  const TensorRef* find(const std::string& name) const;  // null: there is none
  // Those that nobody asked for by find(), nor by another name of the same numbers, in the order of their
  // names.
  std::vector<std::string> never_asked_for() const;
  const std::map<std::string, TensorRef>& all() const { return tensors_; }
  const std::string& label() const { return label_; }  // "gpt2/model.safetensors", the first file
  // The tensor `present` under the name `missing` too, where only the first is there and other names begin as
  // `missing` does.
  void let_stand_in(const std::string& present, const std::string& missing);
  std::uint64_t file_bytes() const { return file_bytes_; }
  // One hash (XXH64) over every file's header and size.
  std::uint64_t fingerprint(std::uint64_t seed) const;

 private:
  void add(const std::filesystem::path& path);
  std::map<std::string, TensorRef> tensors_;
  mutable std::set<std::string> asked_for_;  // one thread plans a model
  std::vector<std::string> headers_;         // in the order of the files, each with its size
  std::string label_;
  std::uint64_t file_bytes_ = 0;
};

// The names that older writers use, made new: LayerNorm.gamma → LayerNorm.weight, beta → bias,
// parametrizations.weight.original0 → weight_g, a leading "module." dropped.
std::string canonical_tensor_name(const std::string& name);

// The files that the weights of a folder lie in, in order: one, or the shards of an index (whose names must
// stay inside the folder). Empty when the folder has none of the names that Hugging Face writes.
std::vector<std::filesystem::path> weight_files_of(const std::filesystem::path& folder);

// One sentence about tensors that a planned model does not use and that mean something: layers beyond those
// of the config, parts that it does not name. Empty: there are none but buffers, poolers and heads for other
// tasks, which Hugging Face leaves aside too.
Wording unused_tensors(const TensorFiles& files);

}  // namespace attn

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/tensor.h"

namespace attn {

// A value that a pickle of tensors may hold. Values are owned by the Pickle they were read from.
struct PickleValue {
  enum class Kind { none, boolean, integer, real, text, list, dictionary, global, storage, tensor };
  Kind kind = Kind::none;
  std::int64_t integer = 0;         // boolean too
  std::string text;                 // text; global: "module.name"; storage: its key in the file
  std::vector<PickleValue*> items;  // list and tuple
  std::vector<std::pair<PickleValue*, PickleValue*>> entries;  // dictionary, in order

  // storage: how many numbers of which type. tensor: a window into `storage`.
  std::string type_name;  // "FloatStorage"
  Index n_elements = 0;
  PickleValue* storage = nullptr;
  Index storage_offset = 0;
  std::vector<Index> shape, strides;
};

// A pickle as torch.save writes it, interpreted instruction by instruction. No code is run: besides plain
// values only the functions that describe a tensor are known, and anything else is refused by an Error that
// names it.
class Pickle {
 public:
  // Reads one pickle from the beginning of `bytes`; `label` names it in sentences.
  static Pickle read(std::string_view bytes, const std::string& label);

  const PickleValue& top() const { return *top_; }
  std::size_t bytes_read() const { return bytes_read_; }  // up to and including its STOP

 private:
  friend class PickleReader;
  std::deque<PickleValue> values_;
  PickleValue* top_ = nullptr;
  std::size_t bytes_read_ = 0;
};

}  // namespace attn

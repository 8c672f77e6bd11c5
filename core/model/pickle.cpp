#include "core/model/pickle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "core/math/worded_error.h"

namespace attn {

using Value = PickleValue;
using Kind = PickleValue::Kind;

// The machine of https://docs.python.org/3/library/pickletools.html: a stack, marks, a memo.
class PickleReader {
 public:
  PickleReader(std::string_view bytes, const std::string& label, Pickle& out)
      : bytes_(bytes), label_(label), out_(out) {}

  void run() {
    while (step()) {
    }
    out_.top_ = pop();
    out_.bytes_read_ = position_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { say("pickle.damaged", what); }
  // What only a pickle does that was not made by torch.save, or was made to run code.
  [[noreturn]] void forbid(const std::string& what) const { say("pickle.forbidden", what); }
  [[noreturn]] void say(const char* key, const std::string& what) const {
    throw WordedError(worded(key,
                             "{file}: {detail} (at byte {at} of the pickle). Save the model as "
                             "model.safetensors instead.",
                             {{"file", label_}, {"detail", what}, {"at", std::to_string(position_)}}));
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - position_) fail("the pickle was cut short");
    const std::string_view out = bytes_.substr(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return out;
  }

  std::uint64_t number(std::size_t n_bytes) {
    const std::string_view raw = take(n_bytes);
    std::uint64_t value = 0;
    for (std::size_t i = n_bytes; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(raw[i]);
    return value;
  }

  std::string line() {
    const std::size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos || end - position_ > 1000) fail("a name has no end");
    const std::string out(bytes_.substr(position_, end - position_));
    position_ = end + 1;
    return out;
  }

  Value* make(Kind kind) {
    constexpr std::size_t kMaxValues = 2'000'000;  // some fifty a tensor are needed
    if (out_.values_.size() >= kMaxValues) fail("it holds more values than any model needs");
    out_.values_.emplace_back();
    out_.values_.back().kind = kind;
    return &out_.values_.back();
  }
  void push(Value* value) { stack_.push_back(value); }
  void push_integer(std::int64_t integer, Kind kind = Kind::integer) {
    Value* value = make(kind);
    value->integer = integer;
    push(value);
  }
  void push_text(std::string_view text) {
    Value* value = make(Kind::text);
    value->text = text;
    push(value);
  }

  Value* pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size())) fail("the stack is empty");
    Value* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Value* top() {
    Value* value = pop();
    push(value);
    return value;
  }
  // Everything above the last mark.
  std::vector<Value*> pop_to_mark() {
    if (marks_.empty()) fail("a mark is missing");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Value*> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  void push_tuple(std::vector<Value*> items) {
    Value* tuple = make(Kind::list);
    tuple->items = std::move(items);
    push(tuple);
  }
  void push_tuple_of(std::size_t n) {
    std::vector<Value*> items(n);
    for (std::size_t i = n; i-- > 0;) items[i] = pop();
    push_tuple(std::move(items));
  }

  void memoize(std::uint64_t key) { memo_[key] = top(); }
  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("it recalls what it never stored");
    push(found->second);
  }

  void set_items(const std::vector<Value*>& items) {
    Value* dictionary = top();
    if (dictionary->kind != Kind::dictionary || items.size() % 2 != 0) fail("it sets items of no dictionary");
    for (std::size_t i = 0; i < items.size(); i += 2)
      dictionary->entries.emplace_back(items[i], items[i + 1]);
  }
  void append(const std::vector<Value*>& items) {
    Value* list = top();
    if (list->kind != Kind::list) fail("it appends to no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
  }

  void push_global(const std::string& module, const std::string& name) {
    const std::string full = module + "." + name;
    constexpr std::array<const char*, 5> kFunctions = {
        "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
        "collections.OrderedDict", "torch.Size"};
    const bool storage =
        module == "torch" && name.size() > 7 && name.compare(name.size() - 7, 7, "Storage") == 0 &&
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c); });
    if (!storage &&
        std::none_of(kFunctions.begin(), kFunctions.end(), [&](const char* f) { return full == f; }))
      forbid(
          "it asks for '" + full.substr(0, 200) +
          "', which is not needed to describe tensors and is refused: such a file can run code when Python "
          "opens it");
    Value* global = make(Kind::global);
    global->text = storage ? name : full;
    push(global);
  }

  // ('storage', torch.FloatStorage, key, 'cpu', number of elements[, view])
  void push_storage() {
    const Value* id = pop();
    if (id->kind != Kind::list || id->items.size() < 5 || id->items[0]->text != "storage" ||
        id->items[1]->kind != Kind::global || id->items[2]->kind != Kind::text ||
        id->items[4]->kind != Kind::integer || id->items[4]->integer < 0)
      fail("it names a storage in an unknown way");
    if (id->items.size() > 5 && id->items[5]->kind != Kind::none)
      fail("it has a view of a storage, which is not supported");
    Value* storage = make(Kind::storage);
    storage->type_name = id->items[1]->text;
    storage->text = id->items[2]->text;
    storage->n_elements = id->items[4]->integer;
    push(storage);
  }

  std::vector<Index> sizes(const Value* value) const {
    if (value->kind != Kind::list || value->items.size() > 16) fail("a tensor has no shape");
    std::vector<Index> out;
    for (const Value* item : value->items) {
      if (item->kind != Kind::integer || item->integer < 0) fail("a tensor has an impossible shape");
      out.push_back(item->integer);
    }
    return out;
  }

  // _rebuild_tensor_v2(storage, offset, shape, strides, …)
  Value* rebuild_tensor(const std::vector<Value*>& arguments) {
    if (arguments.size() < 4 || arguments[0]->kind != Kind::storage || arguments[1]->kind != Kind::integer)
      fail("it describes a tensor in an unknown way");
    Value* tensor = make(Kind::tensor);
    tensor->storage = arguments[0];
    tensor->storage_offset = arguments[1]->integer;
    tensor->shape = sizes(arguments[2]);
    tensor->strides = sizes(arguments[3]);
    const Index room = tensor->storage->n_elements;
    const std::optional<Index> n = product_of(tensor->shape);
    if (!n || *n > room || tensor->shape.size() != tensor->strides.size() || tensor->storage_offset < 0)
      fail("a tensor is larger than its storage");
    Index last = tensor->storage_offset;
    for (std::size_t i = 0; i < tensor->shape.size() && *n > 0; ++i) {
      const Index steps = tensor->shape[i] - 1;
      if (steps > 0 && tensor->strides[i] > (room - last) / steps) fail("a tensor lies outside its storage");
      last += steps * tensor->strides[i];
    }
    if (*n > 0 && last >= room) fail("a tensor lies outside its storage");
    return tensor;
  }

  void reduce() {
    const Value* arguments = pop();
    const Value* function = pop();
    if (function->kind != Kind::global || arguments->kind != Kind::list) fail("it calls what is no function");
    if (function->text == "collections.OrderedDict") {
      if (!arguments->items.empty()) fail("it makes an OrderedDict of something");
      push(make(Kind::dictionary));
    } else if (function->text == "torch._utils._rebuild_parameter") {
      if (arguments->items.empty() || arguments->items[0]->kind != Kind::tensor)
        fail("a parameter is no tensor");
      push(arguments->items[0]);
    } else if (function->text == "torch.Size") {
      if (arguments->items.size() != 1) fail("a size is no list");
      push(arguments->items[0]);
    } else if (function->text.rfind("torch._utils._rebuild_tensor", 0) == 0) {
      push(rebuild_tensor(arguments->items));
    } else {
      forbid("it calls '" + function->text.substr(0, 100) + "', which is refused");
    }
  }

  // One instruction; false after STOP.
  bool step() {
    const unsigned char op = static_cast<unsigned char>(take(1)[0]);
    switch (op) {
      case 0x80:  // PROTO
        if (number(1) > 5) fail("its protocol is newer than 5");
        return true;
      case 0x95:
        number(8);
        return true;  // FRAME
      case '.':
        return false;  // STOP
      case '(':
        marks_.push_back(stack_.size());
        return true;  // MARK
      case '0':
        pop();
        return true;  // POP
      case '1':
        pop_to_mark();
        return true;  // POP_MARK
      case 'N':
        push(make(Kind::none));
        return true;  // NONE
      case 0x88:
        push_integer(1, Kind::boolean);
        return true;  // NEWTRUE
      case 0x89:
        push_integer(0, Kind::boolean);
        return true;  // NEWFALSE
      case 'K':
        push_integer(static_cast<std::int64_t>(number(1)));
        return true;  // BININT1
      case 'M':
        push_integer(static_cast<std::int64_t>(number(2)));
        return true;  // BININT2
      case 'J':
        push_integer(static_cast<std::int32_t>(number(4)));
        return true;  // BININT
      case 0x8a:
        long_integer();
        return true;  // LONG1
      case 'G':
        number(8);
        push(make(Kind::real));
        return true;  // BINFLOAT
      case 'X':
        push_text(take(number(4)));
        return true;  // BINUNICODE
      case 0x8c:
        push_text(take(number(1)));
        return true;  // SHORT_BINUNICODE
      case 0x8d:
        push_text(take(number(8)));
        return true;  // BINUNICODE8
      case 'U':
        push_text(take(number(1)));
        return true;  // SHORT_BINSTRING
      case 'T':
        push_text(take(number(4)));
        return true;  // BINSTRING
      case 'C':
        push_text(take(number(1)));
        return true;  // SHORT_BINBYTES
      case 'B':
        push_text(take(number(4)));
        return true;  // BINBYTES
      case '}':
        push(make(Kind::dictionary));
        return true;  // EMPTY_DICT
      case ']':
        push(make(Kind::list));
        return true;  // EMPTY_LIST
      case ')':
        push(make(Kind::list));
        return true;  // EMPTY_TUPLE
      case 't':
        push_tuple(pop_to_mark());
        return true;  // TUPLE
      case 0x85:
        push_tuple_of(1);
        return true;  // TUPLE1
      case 0x86:
        push_tuple_of(2);
        return true;  // TUPLE2
      case 0x87:
        push_tuple_of(3);
        return true;  // TUPLE3
      case 'a': {
        Value* item = pop();
        append({item});
        return true;
      }  // APPEND
      case 'e':
        append(pop_to_mark());
        return true;  // APPENDS
      case 's': {
        Value* item = pop();
        Value* key = pop();
        set_items({key, item});
        return true;
      }  // SETITEM
      case 'u':
        set_items(pop_to_mark());
        return true;  // SETITEMS
      case 'q':
        memoize(number(1));
        return true;  // BINPUT
      case 'r':
        memoize(number(4));
        return true;  // LONG_BINPUT
      case 0x94:
        memoize(memo_.size());
        return true;  // MEMOIZE
      case 'h':
        recall(number(1));
        return true;  // BINGET
      case 'j':
        recall(number(4));
        return true;  // LONG_BINGET
      case 'c': {
        const std::string module = line();
        push_global(module, line());
        return true;
      }             // GLOBAL
      case 0x93: {  // STACK_GLOBAL
        const Value* name = pop();
        push_global(pop()->text, name->text);
        return true;
      }
      case 'Q':
        push_storage();
        return true;  // BINPERSID
      case 'R':
        reduce();
        return true;  // REDUCE
      case 'b':       // BUILD: the attributes of a dictionary (_metadata) say nothing about numbers
        pop();
        if (top()->kind != Kind::dictionary) fail("it sets attributes of something that has none");
        return true;
      default: {
        constexpr char kHex[] = "0123456789abcdef";
        forbid(std::string("it has the instruction 0x") + kHex[op >> 4] + kHex[op & 15] +
               ", which is not allowed");
      }
    }
  }

  void long_integer() {
    const std::size_t n = static_cast<std::size_t>(number(1));
    if (n > 8) {  // the magic number of the old format has 10 bytes
      push_text(take(n));
      return;
    }
    std::uint64_t value = number(n);
    if (n > 0 && n < 8 && (value >> (8 * n - 1)) != 0) value |= ~std::uint64_t{0} << (8 * n);
    push_integer(static_cast<std::int64_t>(value));
  }

  std::string_view bytes_;
  const std::string& label_;
  Pickle& out_;
  std::size_t position_ = 0;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint64_t, Value*> memo_;
};

Pickle Pickle::read(std::string_view bytes, const std::string& label) {
  Pickle pickle;
  PickleReader(bytes, label, pickle).run();
  return pickle;
}

}  // namespace attn

#pragma once

#include <utility>

namespace attn::gl {

// The name of a GL object: 0 is none. Freed by its owner on the thread with the context.
class Name {
 public:
  Name() = default;
  explicit Name(unsigned value) : value_(value) {}
  Name(Name&& other) noexcept : value_(std::exchange(other.value_, 0u)) {}
  Name& operator=(Name&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  unsigned get() const { return value_; }
  explicit operator bool() const { return value_ != 0; }

 private:
  unsigned value_ = 0;
};

// A stack of float pictures (R32F, GL_TEXTURE_2D_ARRAY), each with its own smaller levels.
class FloatStack {
 public:
  FloatStack() = default;
  // Uninitialised storage for `layers` pictures of rows × columns and `levels` levels, each half the one
  // before (rounded down, at least 1). All sizes ≥ 1.
  FloatStack(int rows, int columns, int layers, int levels);
  ~FloatStack();
  FloatStack(FloatStack&&) noexcept = default;
  FloatStack& operator=(FloatStack&&) noexcept = default;

  // values: row-major, [rows, columns] of that level.
  void upload(int layer, int level, const float* values);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  int layers() const { return layers_; }
  int levels() const { return levels_; }
  unsigned name() const { return name_.get(); }

 private:
  Name name_;
  int rows_ = 0, columns_ = 0, layers_ = 0, levels_ = 0;
};

}  // namespace attn::gl

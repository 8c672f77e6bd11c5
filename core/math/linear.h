#pragma once

#include <memory>

#include "core/math/matrix.h"
#include "core/math/pool.h"
#include "core/math/rows.h"
#include "core/math/strided.h"

namespace attn {

// A learned linear map y = x Wᵀ + b, with W [outputs, inputs] as PyTorch's nn.Linear stores it.
//
// Linear<float> packs W once, when it is made, into panels for the vector kernels (16-bit parameters stay
// 16-bit and are widened on the way in); Linear<double> is the plain product, for gradient checks.
// Immutable after making, cheap to copy (shares its parameters), safe from any thread.
// A row of y does not depend on the other rows of x nor on the number of threads: bit-equal.
template <class S>
class Linear {
 public:
  Linear() = default;

  // Packs from parameters in memory. `bias` may be empty (no bias).
  static Linear from_matrix(const MatrixOf<S>& weight, const RowOf<S>& bias = {});
  // Packs straight from a file's bytes, one copy in memory. F16 and BF16 stay as they are, every other type
  // becomes float.
  static Linear from_source(const StridedSource& weight, const RowOf<S>& bias = {});

  bool empty() const { return !packed_; }
  Index inputs() const;
  Index outputs() const;
  const RowOf<S>& bias() const;  // empty when there is none
  std::size_t memory_bytes() const;

  // y = x Wᵀ + b. x: [T, inputs]; y: [T, outputs], may be a block of columns of a wider matrix.
  void apply(ConstViewOf<S> x, ViewOf<S> y, Pool* pool = nullptr) const;
  MatrixOf<S> operator()(ConstViewOf<S> x, Pool* pool = nullptr) const;
  // y = activation(x Wᵀ + b), and y = x Wᵀ + b + residual: as apply() followed by activate() or the sum, bit
  // for bit, but done on each piece of y while it is in the cache and over all threads. Pays from a few dozen
  // rows on. residual: [T, outputs], must not overlap y.
  void apply_activated(ConstViewOf<S> x, Activation activation, ViewOf<S> y, Pool* pool = nullptr) const;
  void apply_added(ConstViewOf<S> x, ConstViewOf<S> residual, ViewOf<S> y, Pool* pool = nullptr) const;

  // W back as a plain matrix [outputs, inputs] (16-bit parameters widened): for what is looked at, not for
  // speed.
  MatrixOf<S> weight() const;
  // Columns [first, first + count) of W as a plain matrix [outputs, count]: a head's slice of W_O.
  MatrixOf<S> weight_columns(Index first, Index count) const;

 private:
  struct Packed;
  std::shared_ptr<const Packed> packed_;
};

}  // namespace attn

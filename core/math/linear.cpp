#include "core/math/linear.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cassert>
#include <cstring>
#include <functional>
#include <new>

#include "core/math/panels.h"

namespace attn {

// The plain form: gradient checks want the formula, not speed.
template <class S>
struct Linear<S>::Packed {
  MatrixOf<S> weight;  // [outputs, inputs]
  RowOf<S> bias;       // [outputs] or empty

  Packed(const StridedSource& source, const RowOf<S>& bias_in)
      : weight(to_matrix(source).template cast<S>()), bias(bias_in) {}
  Packed(const MatrixOf<S>& weight_in, const RowOf<S>& bias_in) : weight(weight_in), bias(bias_in) {}

  Index inputs() const { return weight.cols(); }
  Index outputs() const { return weight.rows(); }
  std::size_t memory_bytes() const {
    return static_cast<std::size_t>(weight.size() + bias.size()) * sizeof(S);
  }

  void apply(ConstViewOf<S> x, Activation activation, const ConstViewOf<S>* residual, ViewOf<S> y,
             Pool* pool) const {
    // Row by row, so that a row's result does not depend on how many others there are.
    attn::parallel_for(pool, x.rows(), [&](Index r) {
      y.row(r).noalias() = x.row(r) * weight.transpose();
      if (bias.size() > 0) y.row(r) += bias;
      for (Index c = 0; c < y.cols() && activation != Activation::identity; ++c)
        y(r, c) = activate_one(activation, y(r, c));
      if (residual) y.row(r) += residual->row(r);
    });
  }

  MatrixOf<S> columns(Index first, Index count) const { return weight.middleCols(first, count); }
};

namespace {

// Whole large pages, which the system is asked for where it has them: a layer's parameters are read once in a
// pass, and with small pages half of the time would go into looking up where the next one is.
constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::align_val_t kCacheLine{64};
constexpr std::align_val_t kLargePageAlignment{kLargePage};

struct FreeAligned {
  bool large = false;
  void operator()(std::byte* bytes) const {
    ::operator delete[](bytes, large ? kLargePageAlignment : kCacheLine);
  }
};
using AlignedBytes = std::unique_ptr<std::byte[], FreeAligned>;

AlignedBytes allocate_aligned(std::size_t bytes) {
  const bool large = bytes >= kLargePage;
  AlignedBytes room(
      static_cast<std::byte*>(::operator new[](bytes, large ? kLargePageAlignment : kCacheLine)),
      FreeAligned{large});
#ifdef MADV_HUGEPAGE
  if (large) madvise(room.get(), bytes, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
  return room;
}

// Copies outputs [first, first + count) of `source` (count <= kPanelWidth) into one panel [inputs,
// kPanelWidth] of numbers of type T, by `read(at)`, which makes a T of the number at that address.
template <class T, class Read>
void pack_panel(const StridedSource& source, Index first, Index count, T* panel, const Read& read) {
  const std::byte* rows[kPanelWidth] = {};
  for (Index j = 0; j < count; ++j) rows[j] = source.address(first + j, 0);
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(bytes_of(source.type)) * source.col_stride;
  // A few inputs of every output at a time, so that each cache line of the source is used up while it is
  // near.
  constexpr Index kInputsAtOnce = 16;
  for (Index k0 = 0; k0 < source.cols; k0 += kInputsAtOnce) {
    const Index end = std::min(source.cols, k0 + kInputsAtOnce);
    for (Index k = k0; k < end; ++k) {
      for (Index j = 0; j < count; ++j) panel[k * kPanelWidth + j] = read(rows[j] + k * step);
      for (Index j = count; j < kPanelWidth; ++j) panel[k * kPanelWidth + j] = T(0);
    }
  }
}

// Loops shorter than this many multiply-adds are not worth waking another thread.
constexpr Index kWorthSharing = 1 << 19;
// Rows of a piece of work that share a panel's slice while it is in the second-level cache.
constexpr Index kRowsAtOnce = 128;

// `total` panels in shares for some threads: long ones first, as memory is read ahead within a share, then
// shorter ones, so that the threads end together even where one of them lost its core for a while.
class Shares {
 public:
  Shares(Index total, int threads) : total_(total), threads_(threads) {}

  Index count() const { return threads_ == 1 ? 1 : threads_ * kSizes; }
  // Where share s begins; the end of the last share for s = count().
  Index begin(Index s) const {
    if (threads_ == 1) return s * total_;
    constexpr Index kEighthsBefore[kSizes] = {0, 4, 6, 7};  // shares of 4, 2, 1 and 1 eighths for each thread
    constexpr Index kEighths[kSizes] = {4, 2, 1, 1};
    if (s == count()) return total_;
    const Index size = s / threads_;
    return total_ * (kEighthsBefore[size] * threads_ + kEighths[size] * (s % threads_)) / (8 * threads_);
  }

 private:
  static constexpr Index kSizes = 4;
  Index total_;
  int threads_;
};

}  // namespace

template <>
struct Linear<float>::Packed {
  Index inputs_ = 0;
  DType type = DType::f32;
  AlignedBytes panels;  // see panels.h: [panel_count(outputs), inputs, kPanelWidth]
  Row bias;             // [outputs] or empty
  Row padded_bias;      // [panel_count(outputs) * kPanelWidth] or empty
  Index outputs_ = 0;

  Packed(const StridedSource& source, const Row& bias_in)
      : inputs_(source.cols),
        type(source.type == DType::f16 || source.type == DType::bf16 ? source.type : DType::f32),
        panels(allocate_aligned(panel_bytes() * static_cast<std::size_t>(panel_count(source.rows)))),
        bias(bias_in),
        outputs_(source.rows) {
    if (bias.size() > 0) {
      padded_bias = Row::Zero(panel_count(outputs_) * kPanelWidth);
      padded_bias.head(outputs_) = bias;
    }
    for (Index p = 0; p < panel_count(outputs_); ++p) pack(source, p);
  }
  Packed(const Matrix& weight, const Row& bias_in)
      : Packed(StridedSource{reinterpret_cast<const std::byte*>(weight.data()), DType::f32, weight.rows(),
                             weight.cols(), weight.cols(), 1, 0, 0},
               bias_in) {}

  Index inputs() const { return inputs_; }
  Index outputs() const { return outputs_; }
  std::size_t panel_bytes() const { return static_cast<std::size_t>(inputs_ * kPanelWidth) * bytes_of(type); }
  std::size_t memory_bytes() const {
    return panel_bytes() * static_cast<std::size_t>(panel_count(outputs_)) +
           static_cast<std::size_t>(bias.size() + padded_bias.size()) * sizeof(float);
  }

  void pack(const StridedSource& source, Index p) {
    const Index first = p * kPanelWidth;
    const Index count = std::min(kPanelWidth, outputs_ - first);
    std::byte* panel = panels.get() + static_cast<std::size_t>(p) * panel_bytes();
    if (type != DType::f32) {
      pack_panel(source, first, count, reinterpret_cast<std::uint16_t*>(panel),
                 load_unaligned<std::uint16_t>);
    } else if (source.type == DType::f32) {
      pack_panel(source, first, count, reinterpret_cast<float*>(panel), load_unaligned<float>);
    } else {
      pack_panel(source, first, count, reinterpret_cast<float*>(panel),
                 [&](const std::byte* at) { return load_as_float(at, source.type); });
    }
  }

  void apply(ConstView x, Activation activation, const ConstView* residual, View y, Pool* pool) const {
    PanelProduct product;
    product.x = x.data();
    product.x_stride = x.outerStride();
    product.rows = x.rows();
    product.depth = inputs_;
    product.panels = panels.get();
    product.type = type;
    product.columns = outputs_;
    product.start = padded_bias.size() > 0 ? padded_bias.data() : nullptr;
    product.activation = activation;
    product.residual = residual ? residual->data() : nullptr;
    product.residual_stride = residual ? residual->outerStride() : 0;
    product.y = y.data();
    product.y_stride = y.outerStride();

    // Pieces of work are groups of rows x shares of the panels.
    if (x.rows() * inputs_ * outputs_ < kWorthSharing) pool = nullptr;
    const Shares shares(panel_count(outputs_), pool ? pool->threads() : 1);
    const Index row_groups = (x.rows() + kRowsAtOnce - 1) / kRowsAtOnce;
    const auto piece = [&](Index i) {
      const Index group = i / shares.count();
      const Index share = i % shares.count();
      multiply_panels(product, x.rows() * group / row_groups, x.rows() * (group + 1) / row_groups,
                      shares.begin(share), shares.begin(share + 1));
    };
    attn::parallel_for(pool, row_groups * shares.count(), std::ref(piece));
  }

  Matrix columns(Index first, Index count) const {
    Matrix out(outputs_, count);
    for (Index o = 0; o < outputs_; ++o) {
      const std::byte* panel = panels.get() + static_cast<std::size_t>(o / kPanelWidth) * panel_bytes() +
                               static_cast<std::size_t>(o % kPanelWidth) * bytes_of(type);
      for (Index c = 0; c < count; ++c)
        out(o, c) =
            load_as_float(panel + static_cast<std::size_t>((first + c) * kPanelWidth) * bytes_of(type), type);
    }
    return out;
  }
};

template <class S>
Linear<S> Linear<S>::from_matrix(const MatrixOf<S>& weight, const RowOf<S>& bias) {
  assert(bias.size() == 0 || bias.size() == weight.rows());
  Linear linear;
  linear.packed_ = std::make_shared<const Packed>(weight, bias);
  return linear;
}

template <class S>
Linear<S> Linear<S>::from_source(const StridedSource& weight, const RowOf<S>& bias) {
  assert(bias.size() == 0 || bias.size() == weight.rows);
  Linear linear;
  linear.packed_ = std::make_shared<const Packed>(weight, bias);
  return linear;
}

template <class S>
Index Linear<S>::inputs() const {
  return packed_->inputs();
}

template <class S>
Index Linear<S>::outputs() const {
  return packed_->outputs();
}

template <class S>
const RowOf<S>& Linear<S>::bias() const {
  return packed_->bias;
}

template <class S>
std::size_t Linear<S>::memory_bytes() const {
  return packed_->memory_bytes();
}

template <class S>
void Linear<S>::apply(ConstViewOf<S> x, ViewOf<S> y, Pool* pool) const {
  apply_activated(x, Activation::identity, y, pool);
}

template <class S>
void Linear<S>::apply_activated(ConstViewOf<S> x, Activation activation, ViewOf<S> y, Pool* pool) const {
  assert(x.cols() == inputs() && y.cols() == outputs() && x.rows() == y.rows());
  packed_->apply(x, activation, nullptr, y, pool);
}

template <class S>
void Linear<S>::apply_added(ConstViewOf<S> x, ConstViewOf<S> residual, ViewOf<S> y, Pool* pool) const {
  assert(x.cols() == inputs() && y.cols() == outputs() && x.rows() == y.rows());
  assert(residual.rows() == y.rows() && residual.cols() == y.cols() && residual.data() != y.data());
  packed_->apply(x, Activation::identity, &residual, y, pool);
}

template <class S>
MatrixOf<S> Linear<S>::operator()(ConstViewOf<S> x, Pool* pool) const {
  MatrixOf<S> y(x.rows(), outputs());
  apply(x, view(y), pool);
  return y;
}

template <class S>
MatrixOf<S> Linear<S>::weight() const {
  return packed_->columns(0, inputs());
}

template <class S>
MatrixOf<S> Linear<S>::weight_columns(Index first, Index count) const {
  assert(first >= 0 && count >= 0 && first + count <= inputs());
  return packed_->columns(first, count);
}

template class Linear<float>;
template class Linear<double>;

}  // namespace attn

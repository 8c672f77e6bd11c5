#include "core/math/backward_rows.h"

#include <cassert>
#include <type_traits>

#include "core/math/panels.h"
#include "core/math/row_kernels.h"

namespace attn {

template <class S>
void multiply_by_slope(Activation activation, ConstViewOf<S> x, ViewOf<S> dy) {
  assert(x.rows() == dy.rows() && x.cols() == dy.cols());
  for (Index r = 0; r < x.rows(); ++r) {
    if constexpr (std::is_same_v<S, float>) {
      multiply_row_by_slope(activation, x.data() + r * x.outerStride(), x.cols(),
                            dy.data() + r * dy.outerStride());
    } else {
      for (Index c = 0; c < x.cols(); ++c) dy(r, c) *= activation_slope(activation, x(r, c));
    }
  }
}

template <class S>
void add_product_of_transposed(ConstViewOf<S> a, ConstViewOf<S> b, ViewOf<S> out) {
  assert(a.rows() == b.rows() && out.rows() == a.cols() && out.cols() == b.cols());
  if constexpr (std::is_same_v<S, float>) {
    PanelProduct p;
    p.x = a.data();
    p.x_stride = a.outerStride();
    p.x_transposed = true;
    p.rows = a.cols();
    p.depth = a.rows();
    p.loose = {b.data(), b.outerStride(), 1};
    p.columns = out.cols();
    p.adds = true;
    p.y = out.data();
    p.y_stride = out.outerStride();
    multiply_panels(p, 0, p.rows, 0, panel_count(out.cols()));
  } else {
    out.noalias() += a.transpose() * b;
  }
}

template void multiply_by_slope<float>(Activation, ConstViewOf<float>, ViewOf<float>);
template void multiply_by_slope<double>(Activation, ConstViewOf<double>, ViewOf<double>);
template void add_product_of_transposed<float>(ConstViewOf<float>, ConstViewOf<float>, ViewOf<float>);
template void add_product_of_transposed<double>(ConstViewOf<double>, ConstViewOf<double>, ViewOf<double>);

}  // namespace attn

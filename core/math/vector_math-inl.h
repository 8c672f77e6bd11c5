// Functions of vectors of floats, compiled once for each instruction set: included by the files that
// foreach_target.h repeats, after highway.h, which is why this guard toggles.
#if defined(ATTN_VECTOR_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ATTN_VECTOR_MATH_INL_H
#undef ATTN_VECTOR_MATH_INL_H
#else
#define ATTN_VECTOR_MATH_INL_H
#endif

#include <cstddef>
#include <cstring>

#include "core/math/matrix.h"
#include "core/math/rows.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace attn {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, 16>;
using FloatVector = hn::Vec<FloatTag>;
constexpr FloatTag kFloats;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));

HWY_INLINE FloatVector constant(float value) {
  return hn::Set(kFloats, value);
}

// The first `count` lanes (fewer than all) from memory, the others `fill`.
HWY_INLINE FloatVector load_first(const float* from, Index count, float fill) {
  HWY_ALIGN float lanes[kLanes];
  for (int i = 0; i < kLanes; ++i) lanes[i] = fill;
  std::memcpy(lanes, from, static_cast<std::size_t>(count) * sizeof(float));
  return hn::Load(kFloats, lanes);
}

HWY_INLINE void store_first(FloatVector v, Index count, float* to) {
  HWY_ALIGN float lanes[kLanes];
  hn::Store(v, kFloats, lanes);
  std::memcpy(to, lanes, static_cast<std::size_t>(count) * sizeof(float));
}

// x[i] = f(x[i]) for `count` numbers. The last ones go through the same vector code, so that a number's
// result does not depend on where it stands.
template <class F>
HWY_INLINE void transform(float* x, Index count, const F& f) {
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes) hn::StoreU(f(hn::LoadU(kFloats, x + i)), kFloats, x + i);
  if (i < count) store_first(f(load_first(x + i, count - i, 0.0f)), count - i, x + i);
}

// e^x for x <= 0, within 2 units in the last place; exactly 1 at 0, and exactly 0 where e^x is below the
// smallest normal float (x < -87.3365), as at -infinity. NaN stays NaN.
//
// x = n ln 2 + r with |r| <= ln 2 / 2; e^r = 1 + r + r² q(r), q the polynomial of degree 4 with the smallest
// relative error of the whole (3e-9); the product with 2^n is exact.
HWY_INLINE FloatVector exp_of_nonpositive(FloatVector x) {
  const hn::RebindToSigned<FloatTag> di;
  const auto n = hn::NearestInt(hn::Mul(x, constant(1.44269504f)));
  const FloatVector n_float = hn::ConvertTo(kFloats, n);
  // ln 2 in two parts; the first has so few digits that its products with n are exact.
  const FloatVector r =
      hn::NegMulAdd(n_float, constant(-2.12194440e-4f), hn::NegMulAdd(n_float, constant(0.693359375f), x));
  FloatVector q = constant(0.00138145947872f);
  q = hn::MulAdd(q, r, constant(0.00836871680289f));
  q = hn::MulAdd(q, r, constant(0.0416683880977f));
  q = hn::MulAdd(q, r, constant(0.166665206328f));
  q = hn::MulAdd(q, r, constant(0.499999934477f));
  const FloatVector power = hn::Add(constant(1.0f), hn::MulAdd(hn::Mul(r, r), q, r));
  const FloatVector two_to_n = hn::BitCast(kFloats, hn::ShiftLeft<23>(hn::Add(n, hn::Set(di, 127))));
  return hn::IfThenZeroElse(hn::Lt(x, constant(-87.3365f)), hn::Mul(power, two_to_n));
}

// 1 / (1 + e^-x), from e^-|x|: nothing overflows, and small results keep their digits.
HWY_INLINE FloatVector sigmoid(FloatVector x) {
  const FloatVector e = exp_of_nonpositive(hn::Neg(hn::Abs(x)));
  const FloatVector numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), e, constant(1.0f));
  return hn::Div(numerator, hn::Add(constant(1.0f), e));
}

// Near 0 the odd polynomial x + x³ q(x²) (relative error 4e-9), elsewhere (1 - e) / (1 + e), e = e^-2|x|.
HWY_INLINE FloatVector hyperbolic_tangent(FloatVector x) {
  const FloatVector square = hn::Mul(x, x);
  FloatVector q = constant(-0.005704980045f);
  q = hn::MulAdd(q, square, constant(0.02063907987f));
  q = hn::MulAdd(q, square, constant(-0.0537397123f));
  q = hn::MulAdd(q, square, constant(0.1333144215f));
  q = hn::MulAdd(q, square, constant(-0.3333328194f));
  const FloatVector near = hn::MulAdd(hn::Mul(x, square), q, x);
  const FloatVector size = hn::Abs(x);
  const FloatVector e = exp_of_nonpositive(hn::Mul(constant(-2.0f), size));
  const FloatVector one = constant(1.0f);
  const FloatVector far = hn::CopySign(hn::Div(hn::Sub(one, e), hn::Add(one, e)), x);
  return hn::IfThenElse(hn::Lt(size, constant(0.625f)), near, far);
}

// The normal distribution at a = min(size, 14): density e^(-a²/2), without its constant, and w(a), so that
// the upper tail 1 - Φ(a) is density * w; w is a polynomial of degree 7 in 1 / (1 + a/4), relative error
// 9e-8.
struct NormalTail {
  FloatVector a, density, w;
};
HWY_INLINE NormalTail normal_tail(FloatVector size) {
  const FloatVector a = hn::Min(size, constant(14.0f));
  const FloatVector t = hn::Div(constant(1.0f), hn::MulAdd(constant(0.25f), a, constant(1.0f)));
  FloatVector w = constant(-0.09920237221f);
  w = hn::MulAdd(w, t, constant(0.3782444365f));
  w = hn::MulAdd(w, t, constant(-0.3407452753f));
  w = hn::MulAdd(w, t, constant(0.3612567626f));
  w = hn::MulAdd(w, t, constant(-0.02563274575f));
  w = hn::MulAdd(w, t, constant(0.1305108308f));
  w = hn::MulAdd(w, t, constant(0.0952933618f));
  w = hn::MulAdd(w, t, constant(0.0002750368798f));
  const FloatVector density = exp_of_nonpositive(hn::Mul(hn::Mul(constant(-0.5f), a), a));
  return {a, density, w};
}

// x Φ(x) = max(x, 0) - |x| (1 - Φ(|x|)), which loses no digits where Φ is nearly 0 or 1. The result is within
// 1e-7, and one unit in the last place where it is greater than 1.
HWY_INLINE FloatVector gelu(FloatVector x) {
  const NormalTail normal = normal_tail(hn::Abs(x));
  const FloatVector positive = hn::IfThenZeroElse(hn::Lt(x, hn::Zero(kFloats)), x);
  return hn::NegMulAdd(hn::Mul(normal.a, normal.density), normal.w, positive);
}

// Φ(x) + x φ(x)
HWY_INLINE FloatVector gelu_slope(FloatVector x) {
  const NormalTail normal = normal_tail(hn::Abs(x));
  const FloatVector tail = hn::Mul(normal.density, normal.w);
  const FloatVector below = hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), tail, hn::Sub(constant(1.0f), tail));
  return hn::MulAdd(hn::Mul(x, normal.density), constant(0.39894228f), below);
}

HWY_INLINE FloatVector gelu_tanh(FloatVector x) {
  // x (1 + tanh u) / 2 = x σ(2u), u = sqrt(2 / π) (x + 0.044715 x³)
  const FloatVector cubic = hn::MulAdd(hn::Mul(hn::Mul(x, x), constant(0.044715f)), x, x);
  return hn::Mul(x, sigmoid(hn::Mul(constant(1.59576912f), cubic)));
}

HWY_INLINE FloatVector relu(FloatVector x) {
  return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(kFloats)), x);
}

// σ(x) + x σ(x) (1 - σ(x)) with σ of `steepness` x, times it in the second term: of x σ(steepness x).
HWY_INLINE FloatVector gated_slope(FloatVector x, float steepness) {
  const FloatVector s = sigmoid(hn::Mul(constant(steepness), x));
  const FloatVector rest = hn::Mul(hn::Mul(hn::Mul(constant(steepness), x), s), hn::Sub(constant(1.0f), s));
  return hn::Add(s, rest);
}

// of x σ(2u), u = sqrt(2 / π) (x + 0.044715 x³)
HWY_INLINE FloatVector gelu_tanh_slope(FloatVector x) {
  const FloatVector square = hn::Mul(hn::Mul(x, x), constant(0.044715f));
  const FloatVector s = sigmoid(hn::Mul(constant(1.59576912f), hn::MulAdd(square, x, x)));
  const FloatVector inner =
      hn::Mul(constant(1.59576912f), hn::MulAdd(constant(3.0f), square, constant(1.0f)));
  return hn::MulAdd(hn::Mul(hn::Mul(x, s), hn::Sub(constant(1.0f), s)), inner, s);
}

// d activation / d x at x.
HWY_INLINE FloatVector slope(Activation activation, FloatVector x) {
  const FloatVector one = constant(1.0f), zero = hn::Zero(kFloats);
  switch (activation) {
    case Activation::identity:
      return one;
    case Activation::relu:
      return hn::IfThenElseZero(hn::Gt(x, zero), one);
    case Activation::gelu:
      return gelu_slope(x);
    case Activation::gelu_tanh:
      return gelu_tanh_slope(x);
    case Activation::quick_gelu:
      return gated_slope(x, 1.702f);
    case Activation::silu:
      return gated_slope(x, 1.0f);
    case Activation::relu_squared:
      return hn::IfThenElseZero(hn::Gt(x, zero), hn::Add(x, x));
    case Activation::tanh: {
      const FloatVector t = hyperbolic_tangent(x);
      return hn::NegMulAdd(t, t, one);
    }
    case Activation::sigmoid: {
      const FloatVector s = sigmoid(x);
      return hn::Mul(s, hn::Sub(one, s));
    }
  }
  return one;
}

// x[i] = activation(x[i]).
HWY_INLINE void activate_span(Activation activation, float* x, Index count) {
  switch (activation) {
    case Activation::identity:
      return;
    case Activation::relu:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return relu(v); });
    case Activation::gelu:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return gelu(v); });
    case Activation::gelu_tanh:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return gelu_tanh(v); });
    case Activation::quick_gelu:
      return transform(
          x, count, [](FloatVector v) HWY_ATTR { return hn::Mul(v, sigmoid(hn::Mul(constant(1.702f), v))); });
    case Activation::silu:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return hn::Mul(v, sigmoid(v)); });
    case Activation::relu_squared:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return hn::Mul(relu(v), relu(v)); });
    case Activation::tanh:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return hyperbolic_tangent(v); });
    case Activation::sigmoid:
      return transform(x, count, [](FloatVector v) HWY_ATTR { return sigmoid(v); });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace attn
HWY_AFTER_NAMESPACE();

#endif  // per-target guard

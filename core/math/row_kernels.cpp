#include "core/math/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/math/simd_dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/math/row_kernels.cpp"
#include "hwy/foreach_target.h"
//
#include "core/math/vector_math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace attn {
namespace HWY_NAMESPACE {

// f(x[0]) + f(x[1]) + …, in an order that depends on `count` only. f(0) must be 0.
template <class F>
HWY_INLINE float sum_of(const float* x, Index count, const F& f) {
  FloatVector sums[4] = {hn::Zero(kFloats), hn::Zero(kFloats), hn::Zero(kFloats), hn::Zero(kFloats)};
  Index i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes)
    for (int s = 0; s < 4; ++s) sums[s] = hn::Add(sums[s], f(hn::LoadU(kFloats, x + i + s * kLanes)));
  for (; i + kLanes <= count; i += kLanes) sums[0] = hn::Add(sums[0], f(hn::LoadU(kFloats, x + i)));
  FloatVector sum = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
  float total = hn::GetLane(hn::SumOfLanes(kFloats, sum));
  if (i < count) {
    HWY_ALIGN float lanes[kLanes];
    hn::Store(f(load_first(x + i, count - i, 0.0f)), kFloats, lanes);
    for (Index rest = 0; rest < count - i; ++rest) total += lanes[rest];
  }
  return total;
}

void softmax_row(float* row, Index count) {
  constexpr float kNothing = -std::numeric_limits<float>::infinity();
  FloatVector top = constant(kNothing);
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes) top = hn::Max(top, hn::LoadU(kFloats, row + i));
  if (i < count) top = hn::Max(top, load_first(row + i, count - i, kNothing));
  const float largest = hn::GetLane(hn::MaxOfLanes(kFloats, top));
  // Nothing may be seen? (Max passes over NaN on some machines: a row with one is NaN throughout. And the
  // largest of lanes that are all -infinity is the lowest finite number on some.)
  if (largest <= std::numeric_limits<float>::lowest()) {
    const bool broken = std::any_of(row, row + count, [](float x) { return std::isnan(x); });
    const bool nothing = std::none_of(row, row + count, [](float x) { return x > kNothing; });
    if (broken || nothing) {
      std::fill_n(row, count, broken ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
      return;
    }
  }
  const FloatVector shift = constant(largest);
  FloatVector sum = hn::Zero(kFloats);
  for (i = 0; i + kLanes <= count; i += kLanes) {
    const FloatVector e = exp_of_nonpositive(hn::Sub(hn::LoadU(kFloats, row + i), shift));
    hn::StoreU(e, kFloats, row + i);
    sum = hn::Add(sum, e);
  }
  if (i < count) {
    const FloatVector e = exp_of_nonpositive(hn::Sub(load_first(row + i, count - i, kNothing), shift));
    store_first(e, count - i, row + i);
    sum = hn::Add(sum, e);
  }
  const FloatVector inverse = hn::Div(constant(1.0f), hn::SumOfLanes(kFloats, sum));
  transform(row, count, [inverse](FloatVector e) HWY_ATTR { return hn::Mul(e, inverse); });
}

// out = (x - mean) * inverse * (gain + gain_offset) + bias.
HWY_INLINE void scale_row(const float* x, float mean, float inverse, const float* gain, float gain_offset,
                          const float* bias, Index count, float* out) {
  const auto scaled = [&](FloatVector v, FloatVector g, FloatVector b) HWY_ATTR {
    const FloatVector normal = hn::Mul(hn::Sub(v, constant(mean)), constant(inverse));
    return hn::MulAdd(normal, hn::Add(g, constant(gain_offset)), b);
  };
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const FloatVector b = bias ? hn::LoadU(kFloats, bias + i) : hn::Zero(kFloats);
    hn::StoreU(scaled(hn::LoadU(kFloats, x + i), hn::LoadU(kFloats, gain + i), b), kFloats, out + i);
  }
  if (const Index rest = count - i; rest > 0) {
    const FloatVector b = bias ? load_first(bias + i, rest, 0.0f) : hn::Zero(kFloats);
    store_first(scaled(load_first(x + i, rest, 0.0f), load_first(gain + i, rest, 0.0f), b), rest, out + i);
  }
}

void layer_norm_row(const float* x, const float* gain, const float* bias, float epsilon, Index count,
                    float* out) {
  const float n = static_cast<float>(count);
  const float mean = sum_of(x, count, [](FloatVector v) HWY_ATTR { return v; }) / n;
  const float squares = sum_of(x, count, [mean](FloatVector v) HWY_ATTR {
    const FloatVector difference = hn::Sub(v, constant(mean));
    return hn::Mul(difference, difference);
  });
  scale_row(x, mean, 1.0f / std::sqrt(squares / n + epsilon), gain, 0.0f, bias, count, out);
}

void rms_norm_row(const float* x, const float* gain, float gain_offset, float epsilon, Index count,
                  float* out) {
  const float squares = sum_of(x, count, [](FloatVector v) HWY_ATTR { return hn::Mul(v, v); });
  const float inverse = 1.0f / std::sqrt(squares / static_cast<float>(count) + epsilon);
  scale_row(x, 0.0f, inverse, gain, gain_offset, nullptr, count, out);
}

void activate_row(Activation activation, float* x, Index count) {
  activate_span(activation, x, count);
}

void multiply_row_by_slope(Activation activation, const float* x, Index count, float* dy) {
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes)
    hn::StoreU(hn::Mul(hn::LoadU(kFloats, dy + i), slope(activation, hn::LoadU(kFloats, x + i))), kFloats,
               dy + i);
  if (const Index rest = count - i; rest > 0)
    store_first(hn::Mul(load_first(dy + i, rest, 0.0f), slope(activation, load_first(x + i, rest, 0.0f))),
                rest, dy + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace attn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attn {

HWY_EXPORT(softmax_row);
HWY_EXPORT(layer_norm_row);
HWY_EXPORT(rms_norm_row);
HWY_EXPORT(activate_row);
HWY_EXPORT(multiply_row_by_slope);

void softmax_row(float* row, Index count) {
  ATTN_DISPATCH(softmax_row)(row, count);
}

void layer_norm_row(const float* x, const float* gain, const float* bias, float epsilon, Index count,
                    float* out) {
  ATTN_DISPATCH(layer_norm_row)(x, gain, bias, epsilon, count, out);
}

void rms_norm_row(const float* x, const float* gain, float gain_offset, float epsilon, Index count,
                  float* out) {
  ATTN_DISPATCH(rms_norm_row)(x, gain, gain_offset, epsilon, count, out);
}

void activate_row(Activation activation, float* x, Index count) {
  ATTN_DISPATCH(activate_row)(activation, x, count);
}

void multiply_row_by_slope(Activation activation, const float* x, Index count, float* dy) {
  ATTN_DISPATCH(multiply_row_by_slope)(activation, x, count, dy);
}

}  // namespace attn
#endif  // HWY_ONCE

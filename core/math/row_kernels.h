#pragma once

#include "core/math/matrix.h"
#include "core/math/rows.h"

namespace attn {

// The vector forms of rows.h, for one row of `count` floats each. Safe from any thread.
void softmax_row(float* row, Index count);
// bias may be null: zeros. out may be x.
void layer_norm_row(const float* x, const float* gain, const float* bias, float epsilon, Index count,
                    float* out);
void rms_norm_row(const float* x, const float* gain, float gain_offset, float epsilon, Index count,
                  float* out);
void activate_row(Activation activation, float* x, Index count);
// dy[i] *= d activation / d x at x[i].
void multiply_row_by_slope(Activation activation, const float* x, Index count, float* dy);

}  // namespace attn

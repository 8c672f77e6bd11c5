#pragma once

// Included first by every file whose kernels are compiled once for each instruction set: which ones are
// built. SSE4 and the AVX-512 subsets add nothing that the kernels use, and SVE's vectors have no size.
#define HWY_DISABLED_TARGETS (HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

namespace attn {

// Reads ATTN_SIMD the first time it is called. Before every dispatch.
void choose_simd_target();

}  // namespace attn

// The function `name`, exported with HWY_EXPORT, of the instruction set in use.
#define ATTN_DISPATCH(name) (::attn::choose_simd_target(), HWY_DYNAMIC_DISPATCH(name))

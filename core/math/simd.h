#pragma once

#include <string>
#include <vector>

namespace attn {

// The vector kernels of core/math are compiled once for each instruction set, and the best one that this
// machine has is chosen at run time:
//   avx512     x86-64 with AVX-512 (F, BW, DQ, VL)
//   avx2       x86-64 with AVX2 and FMA
//   baseline   any x86-64 with SSSE3 (2006 and later)
//   neon       64-bit ARM
//   portable   no vector instructions
// Results differ between instruction sets by rounding only, and are bit-equal within one.
// The environment variable ATTN_SIMD, read at the first use, names one to use instead of the best.

// The instruction set in use. Throws Error when ATTN_SIMD names one that is unknown or that this machine
// lacks.
std::string simd_target();

// Those that this machine can run, best first.
std::vector<std::string> simd_targets();

// Uses `name` from now on, in all threads: for tests and benchmarks, while no other thread computes. Throws
// Error when this machine lacks it.
void use_simd_target(const std::string& name);

}  // namespace attn

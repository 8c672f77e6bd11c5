#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/math/simd.h"

namespace attn {

// Calls body() once with each instruction set that this machine has, and leaves the best in use.
template <class Body>
void with_every_simd_target(const Body& body) {
  const std::string before = simd_target();
  for (const std::string& target : simd_targets()) {
    SCOPED_TRACE(target);
    use_simd_target(target);
    body();
  }
  use_simd_target(before);
}

}  // namespace attn

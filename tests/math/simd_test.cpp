#include "core/math/simd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "core/math/error.h"

namespace attn {
namespace {

TEST(Simd, UsesTheBestOfThisMachineUnlessToldOtherwise) {
  const char* wish = std::getenv("ATTN_SIMD");
  EXPECT_EQ(simd_target(), wish && *wish ? std::string(wish) : simd_targets().front());
}

TEST(Simd, EveryTargetOfThisMachineCanBeChosen) {
  const std::string before = simd_target();
  for (const std::string& name : simd_targets()) {
    use_simd_target(name);
    EXPECT_EQ(simd_target(), name);
  }
  use_simd_target(before);
}

TEST(Simd, RefusesATargetThatThisMachineLacks) {
  const std::string before = simd_target();
  try {
    use_simd_target("avx1024");
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("avx1024"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find(before), std::string::npos);
  }
  EXPECT_EQ(simd_target(), before);
}

}  // namespace
}  // namespace attn

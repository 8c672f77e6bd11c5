#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/math/simd.h"

namespace attn {

// Runs each test of a suite once for every instruction set that this machine has:
//   class Thing : public EverySimdTarget {};
//   TEST_P(Thing, DoesWhatItSays) { ... }
//   ATTN_EVERY_SIMD_TARGET(Thing);
class EverySimdTarget : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    before_ = simd_target();
    use_simd_target(GetParam());
  }
  void TearDown() override { use_simd_target(before_); }

 private:
  std::string before_;
};

#define ATTN_EVERY_SIMD_TARGET(suite)                                      \
  INSTANTIATE_TEST_SUITE_P(Simd, suite, testing::ValuesIn(simd_targets()), \
                           [](const auto& target) { return target.param; })

}  // namespace attn

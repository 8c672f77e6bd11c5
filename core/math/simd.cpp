#include "core/math/simd.h"

#include <cstdint>
#include <cstdlib>

#include "core/math/error.h"
#include "core/math/simd_dispatch.h"
#include "hwy/highway.h"

namespace attn {
namespace {

const char* name_of_target(std::int64_t target) {
  switch (target) {
    case HWY_AVX3:
      return "avx512";
    case HWY_AVX2:
      return "avx2";
    case HWY_SSSE3:
      return "baseline";
    case HWY_NEON:
      return "neon";
    default:
      return "portable";
  }
}

std::int64_t best_of(std::int64_t targets) {
  return targets & -targets;  // Highway numbers better instruction sets with lower bits
}

// What was built and this machine can run. Asked once, as a choice that was made hides the rest.
std::int64_t machine_targets() {
  static const std::int64_t targets = [] {
    const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
    return supported != 0 ? supported : static_cast<std::int64_t>(HWY_STATIC_TARGET);
  }();
  return targets;
}

void use_target_named(const std::string& name, const std::string& who_asks) {
  std::string known;
  for (std::int64_t left = machine_targets(); left != 0; left &= left - 1) {
    const std::int64_t target = best_of(left);
    if (name == name_of_target(target)) {
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(target);
      return;
    }
    known += (known.empty() ? "" : ", ") + std::string(name_of_target(target));
  }
  throw Error(who_asks + " asks for the instruction set '" + name + "'; this machine has " + known + ".");
}

}  // namespace

void choose_simd_target() {
  // Once, before the first kernel runs; never changed by the program itself.
  static const bool chosen = [] {
    machine_targets();
    const char* wish = std::getenv("ATTN_SIMD");
    if (wish && *wish) use_target_named(wish, "ATTN_SIMD");
    return true;
  }();
  static_cast<void>(chosen);
}

std::string simd_target() {
  choose_simd_target();
  return name_of_target(best_of(hwy::SupportedTargets() & machine_targets()));
}

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (std::int64_t left = machine_targets(); left != 0; left &= left - 1)
    names.push_back(name_of_target(best_of(left)));
  return names;
}

void use_simd_target(const std::string& name) {
  choose_simd_target();
  use_target_named(name, "The program");
}

}  // namespace attn

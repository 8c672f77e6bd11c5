#pragma once

namespace attn::app {

// The steps of one head's computation, in the order in which they happen.
enum class Step {
  start,
  projections,
  products,
  scale,
  mask,
  softmax,
  values,
  output,
  residual,
  feed_forward
};
inline constexpr int kSteps = 10;

// Another row of weights drawn as ghosts beside the model's own, to see what a factor does to the slope.
enum class WhatIf { nothing, no_scaling, colder, hotter };
inline constexpr int kWhatIfs = 4;

// How the steps view is looked at: plain values, written out with a session.
struct StepsState {
  Step step = Step::start;
  WhatIf what_if = WhatIf::nothing;
  bool operator==(const StepsState&) const = default;
};

}  // namespace attn::app

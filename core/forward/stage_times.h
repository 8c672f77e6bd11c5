#pragma once

#include <chrono>

namespace attn {

// Where a pass spends its time: wall milliseconds, added up over all layers of all stacks. What is left of
// the pass is norms, residuals, embedding and the taking of records.
struct StageTimes {
  double projections = 0;   // Q, K and V
  double attention = 0;     // scores, mask, softmax, weighted sum, thumbnails
  double output = 0;        // W_O
  double feed_forward = 0;  // both or all three products and the activation
};

// Adds the time until it goes out of scope to one stage; `times` may be null.
class StageClock {
 public:
  StageClock(StageTimes* times, double StageTimes::*stage) : times_(times), stage_(stage) {
    if (times_) start_ = std::chrono::steady_clock::now();
  }
  ~StageClock() {
    if (!times_) return;
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start_;
    times_->*stage_ += passed.count();
  }
  StageClock(const StageClock&) = delete;
  StageClock& operator=(const StageClock&) = delete;

 private:
  StageTimes* times_;
  double StageTimes::*stage_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace attn

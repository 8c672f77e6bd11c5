#pragma once

namespace attn::app {

// How the training view is looked at: plain values, written out with a session.
struct TrainingState {
  bool operator==(const TrainingState&) const = default;
};

}  // namespace attn::app

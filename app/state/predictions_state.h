#pragma once

namespace attn::app {

// How the predictions view is looked at: plain values, written out with a session.
struct PredictionsState {
  bool operator==(const PredictionsState&) const = default;
};

}  // namespace attn::app

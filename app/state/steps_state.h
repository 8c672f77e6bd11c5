#pragma once

namespace attn::app {

// How the steps view is looked at: plain values, written out with a session.
struct StepsState {
  bool operator==(const StepsState&) const = default;
};

}  // namespace attn::app

#pragma once

namespace attn::app {

// How the start view is looked at: plain values, written out with a session.
struct StartState {
  bool operator==(const StartState&) const = default;
};

}  // namespace attn::app

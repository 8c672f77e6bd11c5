#pragma once

namespace attn::app {

// How the coreference view is looked at: plain values, written out with a session.
struct CoreferenceState {
  bool operator==(const CoreferenceState&) const = default;
};

}  // namespace attn::app

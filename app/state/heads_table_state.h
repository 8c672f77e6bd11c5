#pragma once

namespace attn::app {

// How the heads table view is looked at: plain values, written out with a session.
struct HeadsTableState {
  bool operator==(const HeadsTableState&) const = default;
};

}  // namespace attn::app

#include "app/state/frame.h"

namespace attn::app {

std::optional<HeadWeights> Side::weights(const HeadId& id) const {
  if (!trace) return std::nullopt;
  if (const auto made = asked_weights.find(id); made != asked_weights.end()) {
    return HeadWeights(view(*made->second));
  }
  return trace->weights(id);
}

}  // namespace attn::app

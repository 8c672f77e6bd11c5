#pragma once

#include <optional>

#include "core/forward/pass.h"

namespace attn {

// A head's weights: those that the Trace kept, not copied, or made again from q and k. The Trace must outlive
// it. Throws Error where there is no such head, and for one that a recording does not have.
class HeldWeights {
 public:
  HeldWeights(const Trace& trace, const HeadId& id)
      : kept_(trace.weights(id)), made_(kept_ ? Matrix() : compute_weights(trace, id)) {}
  // [Tq, Tk]; refers to this object and to the Trace.
  HeadWeights operator*() const { return kept_ ? *kept_ : HeadWeights(view(made_)); }

 private:
  std::optional<HeadWeights> kept_;
  Matrix made_;
};

}  // namespace attn

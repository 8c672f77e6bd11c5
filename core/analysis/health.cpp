#include "core/analysis/health.h"

#include <cmath>

namespace attn {

namespace {

bool finite(const Matrix& numbers) {
  // A sum is not a number as soon as one of its terms is not; an overflow of the sum itself is caught below.
  if (numbers.size() == 0 || std::isfinite(numbers.sum())) return true;
  return numbers.array().isFinite().all();
}

std::string first_in(const StackTrace& stack, const std::string& name) {
  if (finite(stack.output) && finite(stack.before_norm)) return {};
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const LayerRecord& layer = *stack.layers[l];
    const std::string where = name + "layer " + std::to_string(l);
    if (!finite(layer.input)) return l == 0 ? name + "embedding" : where + ", what enters it";
    if (!finite(layer.self_out)) return where + ", its attention";
    if (!finite(layer.cross_out)) return where + ", its cross-attention";
    if (!finite(layer.ffn_out)) return where + ", its feed-forward";
  }
  return name + "final norm";
}

}  // namespace

std::string first_not_a_number(const Trace& trace) {
  const bool both = !trace.encoder.layers.empty() && !trace.decoder.layers.empty();
  std::string where = first_in(trace.encoder, both ? "encoder " : "");
  if (where.empty()) where = first_in(trace.decoder, both ? "decoder " : "");
  return where;
}

}  // namespace attn

#include "core/analysis/health.h"

#include <cmath>

namespace attn {

namespace {

bool finite(const Matrix& numbers) {
  // A sum is not a number as soon as one of its terms is not; an overflow of the sum itself is caught below.
  if (numbers.size() == 0 || std::isfinite(numbers.sum())) return true;
  return numbers.array().isFinite().all();
}

// Marks in `where` are filled in: "{layer}" is "L3", or "enc L3" of several stacks.
std::string sentence(const std::string& where) {
  return "{model} computes what is not a number (NaN or infinite), first in " + where +
         ". Its pictures mean nothing; the weights or what was changed are at fault.";
}

Wording first_in(const StackTrace& stack, const std::string& of_stack, const std::string& model) {
  if (finite(stack.output) && finite(stack.before_norm)) return {};
  std::vector<std::pair<std::string, std::string>> values = {{"model", model}, {"layer", ""}};
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const LayerRecord& layer = *stack.layers[l];
    values.back().second = of_stack + "L" + std::to_string(l);
    if (!finite(layer.input) && l == 0)
      return worded("not_a_number.embedding", sentence("the embedding"), values);
    if (!finite(layer.input)) return worded("not_a_number.input", sentence("what enters {layer}"), values);
    if (!finite(layer.self_out))
      return worded("not_a_number.attention", sentence("the attention of {layer}"), values);
    if (!finite(layer.cross_out))
      return worded("not_a_number.cross_attention", sentence("the cross attention of {layer}"), values);
    if (!finite(layer.ffn_out))
      return worded("not_a_number.feed_forward", sentence("the feed-forward network of {layer}"), values);
  }
  return worded("not_a_number.final_norm", sentence("the final norm"), values);
}

}  // namespace

Wording first_not_a_number(const Trace& trace, const std::string& model) {
  const bool both = !trace.encoder.layers.empty() && !trace.decoder.layers.empty();
  const Wording of_encoder = first_in(trace.encoder, both ? "enc " : "", model);
  return of_encoder.empty() ? first_in(trace.decoder, both ? "dec " : "", model) : of_encoder;
}

}  // namespace attn

#include "core/forward/trace.h"

#include "core/model/model.h"

namespace attn {

namespace {

const StackTrace& stack_of(const Trace& trace, Stack stack) {
  return stack == Stack::encoder ? trace.encoder : trace.decoder;
}

}  // namespace

const AttentionRecord* Trace::attention(Stack stack, int layer) const {
  const StackTrace& layers = stack_of(*this, stack);
  if (layer < 0 || layer >= static_cast<int>(layers.layers.size())) return nullptr;
  const LayerRecord& record = *layers.layers[static_cast<std::size_t>(layer)];
  const std::optional<AttentionRecord>& attention = stack == Stack::cross ? record.cross : record.self;
  return attention ? &*attention : nullptr;
}

std::optional<HeadWeights> Trace::weights(const HeadId& id) const {
  const AttentionRecord* record = attention(id.stack, id.layer);
  if (!record || id.head < 0 || id.head >= static_cast<int>(record->weights.size())) return std::nullopt;
  return HeadWeights(view(record->weights[static_cast<std::size_t>(id.head)]));
}

// A decoder alone (GPT) reads the text; one behind an encoder reads the target.
const std::vector<std::string>& Trace::query_tokens(Stack stack) const {
  return stack == Stack::encoder || target_tokens.empty() ? tokens : target_tokens;
}

const std::vector<std::string>& Trace::key_tokens(Stack stack) const {
  return stack == Stack::decoder && !target_tokens.empty() ? target_tokens : tokens;
}

int Trace::n_layers(Stack stack) const {
  const StackTrace& layers = stack_of(*this, stack);
  if (stack == Stack::cross && attention(Stack::cross, 0) == nullptr) return 0;
  return static_cast<int>(layers.layers.size());
}

int Trace::n_heads(Stack stack) const {
  const AttentionRecord* record = attention(stack, 0);
  if (!record) return 0;
  if (!record->weights.empty()) return static_cast<int>(record->weights.size());
  if (!model) return 0;
  const StackSpec& spec = stack == Stack::encoder ? *model->spec.encoder : *model->spec.decoder;
  return stack == Stack::cross ? spec.layers[0].cross->n_heads : spec.layers[0].self.n_heads;
}

}  // namespace attn

#include "core/analysis/parameters_of.h"

#include "core/math/error.h"

namespace attn {

const Model& model_of(const Trace& trace) {
  if (!trace.model)
    throw Error("This is a recording: it has the weights of its heads, but neither values nor parameters.");
  return *trace.model;
}

const StackSpec& stack_spec(const Model& model, Stack stack) {
  return stack == Stack::encoder ? *model.spec.encoder : *model.spec.decoder;
}

const AttentionSpec& attention_spec(const Model& model, Stack stack, int layer) {
  const LayerSpec& spec = stack_spec(model, stack).layers[static_cast<std::size_t>(layer)];
  return stack == Stack::cross ? *spec.cross : spec.self;
}

const StackParameters<float>& stack_parameters(const Model& model, Stack stack) {
  return stack == Stack::encoder ? model.parameters.encoder : model.parameters.decoder;
}

const LayerParameters<float>& layer_parameters(const Model& model, Stack stack, int layer) {
  return stack_parameters(model, stack).layers[stack_spec(model, stack).parameters_of(layer)];
}

const AttentionParameters<float>& attention_parameters(const Model& model, Stack stack, int layer) {
  const LayerParameters<float>& of_layer = layer_parameters(model, stack, layer);
  return stack == Stack::cross ? of_layer.cross : of_layer.self;
}

ConstView values_of(const Trace& trace, const HeadId& id) {
  const AttentionRecord* record = trace.attention(id.stack, id.layer);
  const AttentionSpec& spec = attention_spec(model_of(trace), id.stack, id.layer);
  if (!record || record->values.size() == 0)
    throw Error("The values of " + to_text(id) + " are not recorded.");
  const Index group = id.head / (spec.n_heads / spec.n_kv_heads);
  return columns_of(view(record->values), group * spec.d_head, spec.d_head);
}

Matrix transformed_values(const Trace& trace, const HeadId& id) {
  const Model& model = model_of(trace);
  const Index d_head = attention_spec(model, id.stack, id.layer).d_head;
  const Linear<float>& output = attention_parameters(model, id.stack, id.layer).output;
  if (output.empty())
    throw Error(to_text(id) + " only points: nothing of what it looks at is added to anything.");
  const ConstView values = values_of(trace, id);
  Matrix transformed(values.rows(), output.outputs());
  transformed.noalias() = values * output.weight_columns(id.head * d_head, d_head).transpose();
  return transformed;
}

}  // namespace attn

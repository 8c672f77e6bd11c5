#include "core/analysis/lens.h"

#include "core/analysis/output_stack.h"
#include "core/analysis/parameters_of.h"
#include "core/forward/output.h"
#include "core/math/error.h"
#include "core/math/rows.h"

namespace attn {

namespace {

void apply_norm(const NormSpec& spec, const NormParameters<float>& parameters, Matrix& rows) {
  const auto epsilon = static_cast<float>(spec.epsilon);
  const View out = view(rows);
  if (parameters.gain.size() == 0) return;
  if (spec.kind == NormKind::layer)
    layer_norm_rows<float>(as_const(out), parameters.gain, parameters.bias, epsilon, out);
  else if (spec.kind != NormKind::none)
    rms_norm_rows<float>(as_const(out), parameters.gain, spec.kind == NormKind::rms_offset ? 1.0f : 0.0f,
                         epsilon, out);
}

}  // namespace

Matrix logit_lens(const Trace& trace, int token, Pool* pool) {
  const Model& model = word_model_of(trace);
  const Stack stack = output_stack(model);
  const StackTrace& layers = finished_stack(trace, stack, token);
  const StackParameters<float>& parameters = stack_parameters(model, stack);
  const auto n_layers = static_cast<Index>(layers.layers.size());

  Matrix inner(n_layers, layers.layers[0]->input.cols());
  for (Index l = 0; l < n_layers; ++l)
    inner.row(l) = layers.layers[static_cast<std::size_t>(l)]->input.row(token);
  const StackSpec& spec = stack_spec(model, stack);
  if (spec.final_norm) apply_norm(spec.norm, parameters.final_norm, inner);
  if (!parameters.output_projection.empty())
    inner = parameters.output_projection(view(std::as_const(inner)), pool);

  Matrix hidden(n_layers + 1, layers.output.cols());
  hidden << inner, layers.output.row(token);
  return apply_output<float>(model.spec, model.parameters.output, view(std::as_const(hidden)), pool);
}

}  // namespace attn

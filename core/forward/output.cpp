#include "core/forward/output.h"

#include "core/attention/scores.h"
#include "core/math/rows.h"

namespace attn {

template <class S>
MatrixOf<S> apply_output(const ModelSpec& spec, const OutputParameters<S>& parameters, ConstViewOf<S> hidden,
                         Pool* pool, OutputSteps<S>* steps) {
  MatrixOf<S> read = hidden;
  if (!parameters.transform.empty()) {
    read = parameters.transform(hidden, pool);
    if (steps) steps->before_activation = read;
    activate<S>(parameters.transform_activation, view(read));
    if (steps) steps->before_norm = read;
  }
  if (parameters.transform_norm.gain.size() > 0) {
    const StackSpec& stack = spec.decoder ? *spec.decoder : *spec.encoder;
    layer_norm_rows<S>(view(std::as_const(read)), parameters.transform_norm.gain,
                       parameters.transform_norm.bias, static_cast<S>(stack.norm.epsilon), view(read));
  }
  if (spec.output == OutputKind::sequence_label && spec.label_row == LabelRow::mean)
    read = MatrixOf<S>(read.colwise().mean());
  if (parameters.project.empty()) return read;

  MatrixOf<S> logits = parameters.project(view(std::as_const(read)), pool);
  if (spec.output_scale != 1.0) logits *= static_cast<S>(spec.output_scale);
  if (spec.output_soft_cap > 0) soft_cap<S>(static_cast<S>(spec.output_soft_cap), view(logits));
  if (steps) steps->read = std::move(read);
  return logits;
}

#define ATTN_INSTANTIATE_OUTPUT(S)                                                                          \
  template MatrixOf<S> apply_output<S>(const ModelSpec&, const OutputParameters<S>&, ConstViewOf<S>, Pool*, \
                                       OutputSteps<S>*);
ATTN_INSTANTIATE_OUTPUT(float)
ATTN_INSTANTIATE_OUTPUT(double)
#undef ATTN_INSTANTIATE_OUTPUT

}  // namespace attn

#include "core/forward/output.h"

#include <numeric>
#include <utility>

#include "core/attention/scores.h"
#include "core/math/rows.h"

namespace attn {

std::vector<int> label_rows(const ModelSpec& spec, bool distilled, Index n_rows,
                            const std::vector<int>& ids) {
  const int last = static_cast<int>(n_rows) - 1;
  switch (spec.label_row) {
    case LabelRow::first:
      break;
    case LabelRow::last:
      return {last};
    case LabelRow::mean: {
      std::vector<int> all(static_cast<std::size_t>(n_rows));
      std::iota(all.begin(), all.end(), 0);
      return all;
    }
    case LabelRow::last_eos:
      for (int row = static_cast<int>(ids.size()) - 1; row >= 0; --row)
        if (ids[static_cast<std::size_t>(row)] == spec.eos_id) return {row};
      return {last};
  }
  return distilled ? std::vector<int>{0, 1} : std::vector<int>{0};
}

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
    layer_norm_rows<S>(view(std::as_const(read)), parameters.transform_norm.gain,
                       parameters.transform_norm.bias, static_cast<S>(spec.output_norm.epsilon), view(read));
  }
  if (spec.output == OutputKind::sequence_label && spec.label_row == LabelRow::mean)
    read = MatrixOf<S>(read.colwise().mean());
  if (parameters.project.empty()) return read;

  MatrixOf<S> logits = parameters.project(view(std::as_const(read)), pool);
  if (!parameters.distilled_project.empty()) {
    // DeiT: the class token and the distillation token, each through its own map; the answer is their mean.
    const MatrixOf<S> distilled = parameters.distilled_project(view(std::as_const(read)), pool);
    logits = MatrixOf<S>((logits.row(0) + distilled.row(1)) / S(2));
  }
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

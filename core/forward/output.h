#pragma once

#include <vector>

#include "core/model/model.h"

namespace attn {

// What the output head computed on the way, for a backward pass. R = rows that it reads.
template <class S>
struct OutputSteps {
  MatrixOf<S> before_activation;  // [R, d] transform · hidden; empty without a transform
  MatrixOf<S> before_norm;        // [R, d] after the activation; likewise
  MatrixOf<S> read;               // [R, d] what the last linear map reads
};

// The rows of a stack's last hidden states that the output head reads for a text as a whole (sequence_label).
// ids: of the stack's tokens (for LabelRow::last_eos); distilled: DeiT with its second opinion.
std::vector<int> label_rows(const ModelSpec& spec, bool distilled, Index n_rows, const std::vector<int>& ids);

// The output head on rows of the last hidden states [R, D] that the caller chose: (transform → activation →
// norm →) linear map → scale → soft cap. Returns [R, V] or [R, n_labels]; for sequence_label one row, of the
// rows that label_rows names. A head without a last map returns the transformed rows (BERT's pooler).
template <class S>
MatrixOf<S> apply_output(const ModelSpec& spec, const OutputParameters<S>& parameters, ConstViewOf<S> hidden,
                         Pool* pool = nullptr, OutputSteps<S>* steps = nullptr);

}  // namespace attn

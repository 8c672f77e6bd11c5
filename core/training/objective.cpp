#include "core/training/objective.h"

#include <cassert>
#include <cmath>

#include "core/training/backward.h"
#include "core/training/record.h"

namespace attn {

namespace {

// The output head on chosen rows of the last hidden states: logits and what the backward pass needs.
template <class S>
struct HeadTape {
  MatrixOf<S> read;              // [n, D] rows of the hidden states
  MatrixOf<S> dense, activated;  // [n, D] before and after the activation
  MatrixOf<S> projected;         // [n, D] what the last layer reads
  MatrixOf<S> logits;            // [n, V]
};

template <class S>
HeadTape<S> record_head(const NormSpec& norm, const OutputParameters<S>& head, MatrixOf<S> rows) {
  HeadTape<S> tape;
  tape.read = std::move(rows);
  tape.projected = tape.read;
  if (!head.transform.empty()) {
    tape.dense = head.transform(view(std::as_const(tape.read)));
    tape.activated = tape.dense;
    activate<S>(head.transform_activation, view(tape.activated));
    tape.projected.resize(tape.activated.rows(), tape.activated.cols());
    layer_norm_rows<S>(view(std::as_const(tape.activated)), head.transform_norm.gain, head.transform_norm.bias,
                       static_cast<S>(norm.epsilon), view(tape.projected));
  }
  tape.logits = head.project(view(std::as_const(tape.projected)));
  return tape;
}

template <class S>
MatrixOf<S> head_backward(const NormSpec& norm, const Weights<S>& weights, const HeadTape<S>& tape,
                          const MatrixOf<S>& d_logits, Weights<S>& gradient) {
  const bool tied = weights.project.weight.size() == 0;
  MatrixOf<S> dx;
  if (tied) {
    const MatrixOf<S> d_transposed = d_logits.transpose();
    MatrixOf<S> d_words(gradient.words.rows(), gradient.words.cols());
    product<S>(view(d_transposed), view(tape.projected), view(d_words));
    gradient.words += d_words;
    if (gradient.project.bias.size() > 0) gradient.project.bias += d_logits.colwise().sum();
    dx.resize(d_logits.rows(), weights.words.cols());
    product<S>(view(d_logits), view(weights.words), view(dx));
  } else {
    dx = dense_backward(weights.project, tape.projected, d_logits, gradient.project);
  }
  if (weights.transform.weight.size() == 0) return dx;
  dx = norm_backward(norm, weights.transform_norm, tape.activated, dx, gradient.transform_norm);
  dx.array() *= tape.dense.unaryExpr([&](S x) { return activation_slope(weights.transform_activation, x); }).array();
  return dense_backward(weights.transform, tape.read, dx, gradient.transform);
}

// -weight log Σ_keys w; its slope goes to the tape, where the attention's backward pass finds it.
template <class S>
double pointer_loss(const AttentionTarget& target, int n_heads, std::size_t n_sequences, AttentionTape<S>& tape) {
  const std::size_t at = static_cast<std::size_t>(target.sequence) * static_cast<std::size_t>(n_heads) +
                         static_cast<std::size_t>(target.head.head);
  const MatrixOf<S>& weights = tape.weights[at];
  S sum = 0;
  for (const int key : target.keys) sum += weights(target.query, key);
  const S floor = S(1e-7);  // a weight that is 0 in float has no logarithm
  if (tape.weights_gradient.empty()) tape.weights_gradient.resize(n_sequences * static_cast<std::size_t>(n_heads));
  MatrixOf<S>& slope = tape.weights_gradient[at];
  if (slope.size() == 0) slope = MatrixOf<S>::Zero(weights.rows(), weights.cols());
  for (const int key : target.keys) slope(target.query, key) -= static_cast<S>(target.weight) / (sum + floor);
  return -target.weight * std::log(static_cast<double>(sum + floor));
}

}  // namespace

template <class S>
Losses loss_and_gradient(const ModelSpec& spec, const Weights<S>& weights, const ParametersOf<S>& packed,
                         const Batch& batch, Weights<S>* gradient) {
  Losses losses;
  StackTape<S> encoder, decoder;
  if (spec.encoder)
    encoder = record_stack(*spec.encoder, spec.embedding, packed.embedding, packed.encoder, batch.ids, batch.sequences);
  if (spec.decoder) {
    const bool both = spec.is_encoder_decoder();
    decoder = record_stack(*spec.decoder, spec.embedding, packed.embedding, packed.decoder,
                           both ? batch.target_ids : batch.ids, both ? batch.target_sequences : batch.sequences,
                           both ? &encoder : nullptr);
  }
  const StackSpec& last_spec = spec.decoder ? *spec.decoder : *spec.encoder;
  StackTape<S>& last = spec.decoder ? decoder : encoder;

  for (const AttentionTarget& target : batch.attention) {
    const std::size_t layer = static_cast<std::size_t>(target.head.layer);
    StackTape<S>& stack = target.head.stack == Stack::encoder ? encoder : decoder;
    const StackSpec& stack_spec = target.head.stack == Stack::encoder ? *spec.encoder : *spec.decoder;
    const bool cross = target.head.stack == Stack::cross;
    losses.attention += pointer_loss(target, cross ? stack_spec.layers[layer].cross->n_heads : stack_spec.layers[layer].self.n_heads,
                                     stack.sequences.size(), cross ? stack.layers[layer].cross : stack.layers[layer].self);
  }

  MatrixOf<S> d_last = MatrixOf<S>::Zero(last.output.rows(), last.output.cols());
  if (!batch.outputs.empty()) {
    MatrixOf<S> rows(static_cast<Index>(batch.outputs.size()), last.output.cols());
    for (std::size_t i = 0; i < batch.outputs.size(); ++i)
      rows.row(static_cast<Index>(i)) = last.output.row(batch.outputs[i].row);
    HeadTape<S> head = record_head(last_spec.norm, packed.output, std::move(rows));
    softmax_rows<S>(view(head.logits));
    for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
      const OutputTarget& target = batch.outputs[i];
      const Index r = static_cast<Index>(i);
      losses.outputs -= target.weight * std::log(std::max(static_cast<double>(head.logits(r, target.id)), 1e-12));
      head.logits(r, target.id) -= S(1);  // d cross-entropy / d logits = probabilities - one-hot
      head.logits.row(r) *= static_cast<S>(target.weight);
    }
    if (gradient != nullptr) {
      const MatrixOf<S> d_rows = head_backward(last_spec.norm, weights, head, head.logits, *gradient);
      for (std::size_t i = 0; i < batch.outputs.size(); ++i)
        d_last.row(batch.outputs[i].row) += d_rows.row(static_cast<Index>(i));
    }
  }
  if (gradient == nullptr) return losses;

  if (!spec.decoder) {
    stack_backward(*spec.encoder, spec.embedding, weights.encoder, encoder, std::move(d_last), gradient->encoder, *gradient);
  } else if (!spec.encoder) {
    stack_backward(*spec.decoder, spec.embedding, weights.decoder, decoder, std::move(d_last), gradient->decoder, *gradient);
  } else {
    MatrixOf<S> d_source = MatrixOf<S>::Zero(encoder.output.rows(), encoder.output.cols());
    stack_backward(*spec.decoder, spec.embedding, weights.decoder, decoder, std::move(d_last), gradient->decoder, *gradient,
                   &encoder, &d_source);
    stack_backward(*spec.encoder, spec.embedding, weights.encoder, encoder, std::move(d_source), gradient->encoder, *gradient);
  }
  return losses;
}

template Losses loss_and_gradient<float>(const ModelSpec&, const Weights<float>&, const ParametersOf<float>&,
                                         const Batch&, Weights<float>*);
template Losses loss_and_gradient<double>(const ModelSpec&, const Weights<double>&, const ParametersOf<double>&,
                                          const Batch&, Weights<double>*);

}  // namespace attn

#include "core/training/objective.h"

#include <cassert>
#include <cmath>

#include "core/forward/forward.h"
#include "core/forward/output.h"
#include "core/math/backward_rows.h"
#include "core/training/backward.h"

namespace attn {

namespace {

template <class S>
MatrixOf<S> output_backward(const ModelSpec& spec, const Weights<S>& weights, const OutputSteps<S>& steps,
                            const MatrixOf<S>& hidden, const MatrixOf<S>& d_logits, Weights<S>& gradient) {
  MatrixOf<S> dx;
  if (weights.project.weight.size() == 0) {  // tied: the output layer reads the embedding table
    add_product_of_transposed<S>(view(d_logits), view(steps.read), view(gradient.words));
    if (gradient.project.bias.size() > 0) gradient.project.bias += d_logits.colwise().sum();
    dx.resize(d_logits.rows(), weights.words.cols());
    product<S>(view(d_logits), view(weights.words), view(dx));
  } else {
    dx = dense_backward(weights.project, steps.read, d_logits, gradient.project);
  }
  if (weights.transform.weight.size() == 0) return dx;
  dx =
      norm_backward(spec.output_norm, weights.transform_norm, steps.before_norm, dx, gradient.transform_norm);
  multiply_by_slope<S>(weights.transform_activation, view(steps.before_activation), view(dx));
  return dense_backward(weights.transform, hidden, dx, gradient.transform);
}

// -weight log Σ_keys w; its slope joins `slopes`, for the attention's backward pass.
template <class S>
double pointer_loss(const AttentionTarget& target, int n_heads, const AttentionSteps<S>& steps,
                    WeightSlopes<S>& slopes) {
  const std::size_t at = static_cast<std::size_t>(target.sequence * n_heads + target.head.head);
  const MatrixOf<S>& weights = steps.weights[at];
  S sum = 0;
  for (const int key : target.keys) sum += weights(target.query, key);
  const S floor = S(1e-7);  // a weight that is 0 in float has no logarithm
  std::vector<MatrixOf<S>>& layer = slopes[target.head.layer];
  layer.resize(steps.weights.size());
  MatrixOf<S>& slope = layer[at];
  if (slope.size() == 0) slope = MatrixOf<S>::Zero(weights.rows(), weights.cols());
  for (const int key : target.keys) slope(target.query, key) -= static_cast<S>(target.weight) / (sum + floor);
  return -target.weight * std::log(static_cast<double>(sum + floor));
}

std::vector<int> ids_of(const Batch& batch, bool target) {
  std::vector<int> ids;
  for (const Inputs& inputs : batch.inputs) {
    const std::vector<int>& own = target ? inputs.target_ids : inputs.ids;
    ids.insert(ids.end(), own.begin(), own.end());
  }
  return ids;
}

}  // namespace

template <class S>
Losses loss_and_gradient(const ModelSpec& spec, const Weights<S>& weights, const ParametersOf<S>& packed,
                         const Batch& batch, Weights<S>* gradient, const Interventions& with) {
  Losses losses;
  ForwardOptions<S> options;
  options.keep.steps = true;
  const ForwardSteps<S> pass = forward(spec, packed, plan_pass(spec, with), batch.inputs, options);
  const StackSteps<S>& last = spec.decoder ? pass.decoder : pass.encoder;

  WeightSlopes<S> encoder_slopes, decoder_slopes, cross_slopes;
  for (const AttentionTarget& target : batch.attention) {
    const std::size_t l = static_cast<std::size_t>(target.head.layer);
    if (target.head.stack == Stack::encoder)
      losses.attention += pointer_loss(target, spec.encoder->layers[l].self.n_heads,
                                       pass.encoder.layers[l].self, encoder_slopes);
    else if (target.head.stack == Stack::decoder)
      losses.attention += pointer_loss(target, spec.decoder->layers[l].self.n_heads,
                                       pass.decoder.layers[l].self, decoder_slopes);
    else
      losses.attention += pointer_loss(target, spec.decoder->layers[l].cross->n_heads,
                                       pass.decoder.layers[l].cross, cross_slopes);
  }

  MatrixOf<S> d_last = MatrixOf<S>::Zero(last.output.rows(), last.output.cols());
  if (!batch.outputs.empty()) {
    MatrixOf<S> hidden(static_cast<Index>(batch.outputs.size()), last.output.cols());
    for (std::size_t i = 0; i < batch.outputs.size(); ++i)
      hidden.row(static_cast<Index>(i)) = last.output.row(batch.outputs[i].row);
    OutputSteps<S> steps;
    MatrixOf<S> d_logits = apply_output(spec, packed.output, view(std::as_const(hidden)), nullptr, &steps);
    softmax_rows<S>(view(d_logits));
    for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
      const OutputTarget& target = batch.outputs[i];
      const Index r = static_cast<Index>(i);
      losses.outputs -=
          target.weight * std::log(std::max(static_cast<double>(d_logits(r, target.id)), 1e-12));
      d_logits(r, target.id) -= S(1);  // d cross-entropy / d logits = probabilities - one-hot
      d_logits.row(r) *= static_cast<S>(target.weight);
    }
    if (gradient != nullptr) {
      const MatrixOf<S> d_hidden = output_backward(spec, weights, steps, hidden, d_logits, *gradient);
      for (std::size_t i = 0; i < batch.outputs.size(); ++i)
        d_last.row(batch.outputs[i].row) += d_hidden.row(static_cast<Index>(i));
    }
  }
  if (gradient == nullptr) return losses;

  const bool residual = with.layers.empty() || with.layers.begin()->second.residual;
  const StackGradient<S> encoder{gradient->encoder, *gradient, &encoder_slopes, nullptr, residual};
  const StackGradient<S> decoder{gradient->decoder, *gradient, &decoder_slopes, &cross_slopes, residual};
  if (!spec.decoder) {
    stack_backward(*spec.encoder, spec.embedding, weights.encoder, pass.encoder, ids_of(batch, false),
                   std::move(d_last), encoder);
  } else if (!spec.encoder) {
    stack_backward(*spec.decoder, spec.embedding, weights.decoder, pass.decoder, ids_of(batch, false),
                   std::move(d_last), decoder);
  } else {
    MatrixOf<S> d_source = MatrixOf<S>::Zero(pass.encoder.output.rows(), pass.encoder.output.cols());
    stack_backward(*spec.decoder, spec.embedding, weights.decoder, pass.decoder, ids_of(batch, true),
                   std::move(d_last), decoder, &pass.encoder, &d_source);
    stack_backward(*spec.encoder, spec.embedding, weights.encoder, pass.encoder, ids_of(batch, false),
                   std::move(d_source), encoder);
  }
  return losses;
}

template Losses loss_and_gradient<float>(const ModelSpec&, const Weights<float>&, const ParametersOf<float>&,
                                         const Batch&, Weights<float>*, const Interventions&);
template Losses loss_and_gradient<double>(const ModelSpec&, const Weights<double>&,
                                          const ParametersOf<double>&, const Batch&, Weights<double>*,
                                          const Interventions&);

}  // namespace attn

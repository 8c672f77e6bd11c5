#include "core/forward/forward.h"

#include <utility>

namespace attn {

namespace {

BatchRows count_rows(const ModelSpec& spec, Stack stack, std::span<const Inputs> inputs) {
  BatchRows rows;
  for (const Inputs& input : inputs) rows.add(count_tokens(spec, stack, input));
  return rows;
}

template <class S>
MatrixOf<S> run_layers(StackPass<S>& pass, Stack stack, int first_layer, int n_layers, MatrixOf<S> x,
                       const ForwardOptions<S>& options, std::vector<LayerSteps<S>>& collected) {
  if (options.after_mixing)
    pass.after_mixing([&](bool cross, int layer, MatrixOf<S>& mixed) {
      options.after_mixing(cross ? Stack::cross : stack, layer, mixed);
    });
  if (!options.on_layer) collected.resize(static_cast<std::size_t>(n_layers));
  for (int layer = first_layer; layer < n_layers; ++layer) {
    throw_if_cancelled(options.cancel);
    if (options.before_layer) options.before_layer(stack, layer, x);
    LayerSteps<S> own;
    LayerSteps<S>& steps = options.on_layer ? own : collected[static_cast<std::size_t>(layer)];
    x = pass.run_layer(layer, std::move(x), steps);
    if (options.on_layer) options.on_layer(stack, layer, std::move(own));
  }
  return x;
}

// One stack over the batch: embedding → layers → final norm. memory: the encoder that a decoder looks at, or
// null.
template <class S>
StackSteps<S> run_stack(const ModelSpec& spec, const ParametersOf<S>& parameters, Stack stack,
                        const StackPlan& plan, std::span<const Inputs> inputs, const StackSteps<S>* memory,
                        const ForwardOptions<S>& options) {
  const bool is_encoder = stack == Stack::encoder;
  const StackSpec& stack_spec = is_encoder ? *spec.encoder : *spec.decoder;
  const StackStart<S>& start = is_encoder ? options.encoder_start : options.decoder_start;

  StackSteps<S> steps;
  steps.rows = count_rows(spec, stack, inputs);
  const std::vector<int> positions = token_positions(spec, stack, plan.position, inputs, steps.rows);
  MatrixOf<S> x = start.layer > 0 ? start.stream
                                  : embed<S>(spec, parameters, stack, plan, inputs, steps.rows, positions,
                                             options.pool, options.keep.steps ? &steps.embedding : nullptr);
  if (start.row > 0) {
    x = MatrixOf<S>(x.bottomRows(x.rows() - start.row));
    steps.rows = BatchRows();
    steps.rows.add(x.rows());
  }

  StackPass<S> pass(stack_spec, is_encoder ? parameters.encoder : parameters.decoder, plan, steps.rows,
                    options.keep, options.pool, positions, token_segments(spec, stack, inputs));
  if (start.row > 0) pass.follow(start.row, start.past);
  if (memory) pass.look_at(view(memory->output), memory->rows);
  steps.before_norm =
      run_layers(pass, stack, start.layer, stack_spec.n_layers(), std::move(x), options, steps.layers);
  steps.output = pass.final_norm(view(std::as_const(steps.before_norm)));
  return steps;
}

}  // namespace

template <class S>
ForwardSteps<S> forward(const ModelSpec& spec, const ParametersOf<S>& parameters, const PassPlan& plan,
                        std::span<const Inputs> inputs, const ForwardOptions<S>& options) {
  ForwardSteps<S> steps;
  if (spec.encoder)
    steps.encoder = run_stack<S>(spec, parameters, Stack::encoder, *plan.encoder, inputs, nullptr, options);
  if (spec.decoder)
    steps.decoder = run_stack<S>(spec, parameters, Stack::decoder, *plan.decoder, inputs,
                                 spec.encoder ? &steps.encoder : nullptr, options);
  return steps;
}

#define ATTN_INSTANTIATE_FORWARD(S)                                                              \
  template ForwardSteps<S> forward<S>(const ModelSpec&, const ParametersOf<S>&, const PassPlan&, \
                                      std::span<const Inputs>, const ForwardOptions<S>&);
ATTN_INSTANTIATE_FORWARD(float)
ATTN_INSTANTIATE_FORWARD(double)
#undef ATTN_INSTANTIATE_FORWARD

}  // namespace attn

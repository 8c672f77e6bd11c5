#include "core/forward/forward.h"

namespace attn {

namespace {

BatchRows count_rows(const ModelSpec& spec, Stack stack, std::span<const Inputs> inputs) {
  BatchRows rows;
  for (const Inputs& input : inputs) rows.add(count_tokens(spec, stack, input));
  return rows;
}

template <class S>
void run_layers(StackPass<S>& pass, Stack stack, int n_layers, MatrixOf<S> x,
                const ForwardOptions<S>& options, StackSteps<S>& steps) {
  const StackStart<S>& start = stack == Stack::encoder ? options.encoder_start : options.decoder_start;
  if (options.after_mixing)
    pass.after_mixing([&](bool cross, int layer, MatrixOf<S>& mixed) {
      options.after_mixing(cross ? Stack::cross : stack, layer, mixed);
    });
  if (!options.on_layer) steps.layers.resize(static_cast<std::size_t>(n_layers));
  for (int layer = start.layer; layer < n_layers; ++layer) {
    throw_if_cancelled(options.cancel);
    if (options.before_layer) options.before_layer(stack, layer, x);
    LayerSteps<S> own;
    LayerSteps<S>& layer_steps = options.on_layer ? own : steps.layers[static_cast<std::size_t>(layer)];
    x = pass.run_layer(layer, std::move(x), layer_steps);
    if (options.on_layer) options.on_layer(stack, layer, std::move(own));
  }
  steps.output = pass.final_norm(view(std::as_const(x)));
  steps.before_norm = std::move(x);
}

}  // namespace

template <class S>
ForwardSteps<S> forward(const ModelSpec& spec, const ParametersOf<S>& parameters, const PassPlan& plan,
                        std::span<const Inputs> inputs, const ForwardOptions<S>& options) {
  ForwardSteps<S> steps;
  std::vector<int> encoder_positions, decoder_positions;
  const auto enter = [&](Stack stack, const StackPlan& stack_plan, StackSteps<S>& stack_steps) {
    const StackStart<S>& start = stack == Stack::encoder ? options.encoder_start : options.decoder_start;
    if (start.layer > 0) return start.stream;
    return embed<S>(spec, parameters, stack, stack_plan.position, inputs, stack_steps.rows,
                    stack == Stack::encoder ? encoder_positions : decoder_positions, options.pool,
                    options.keep.steps ? &stack_steps.embedding : nullptr);
  };
  if (spec.encoder) {
    steps.encoder.rows = count_rows(spec, Stack::encoder, inputs);
    encoder_positions =
        token_positions(spec, Stack::encoder, plan.encoder->position, inputs, steps.encoder.rows);
  }
  if (spec.decoder) {
    steps.decoder.rows = count_rows(spec, Stack::decoder, inputs);
    decoder_positions =
        token_positions(spec, Stack::decoder, plan.decoder->position, inputs, steps.decoder.rows);
  }

  if (spec.encoder) {
    MatrixOf<S> x = enter(Stack::encoder, *plan.encoder, steps.encoder);
    StackPass<S> encoder(*spec.encoder, parameters.encoder, *plan.encoder, steps.encoder.rows, options.keep,
                         options.pool, encoder_positions, token_segments(spec, Stack::encoder, inputs));
    run_layers(encoder, Stack::encoder, spec.encoder->n_layers(), std::move(x), options, steps.encoder);
  }
  if (spec.decoder) {
    MatrixOf<S> x = enter(Stack::decoder, *plan.decoder, steps.decoder);
    StackPass<S> decoder(*spec.decoder, parameters.decoder, *plan.decoder, steps.decoder.rows, options.keep,
                         options.pool, decoder_positions, token_segments(spec, Stack::decoder, inputs));
    if (spec.encoder) decoder.look_at(view(std::as_const(steps.encoder.output)), steps.encoder.rows);
    run_layers(decoder, Stack::decoder, spec.decoder->n_layers(), std::move(x), options, steps.decoder);
  }
  return steps;
}

#define ATTN_INSTANTIATE_FORWARD(S)                                                              \
  template ForwardSteps<S> forward<S>(const ModelSpec&, const ParametersOf<S>&, const PassPlan&, \
                                      std::span<const Inputs>, const ForwardOptions<S>&);
ATTN_INSTANTIATE_FORWARD(float)
ATTN_INSTANTIATE_FORWARD(double)
#undef ATTN_INSTANTIATE_FORWARD

}  // namespace attn

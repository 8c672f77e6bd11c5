#include "core/forward/forward.h"

namespace attn {

namespace {

BatchRows count_rows(const ModelSpec& spec, Stack stack, std::span<const Inputs> inputs) {
  BatchRows rows;
  for (const Inputs& input : inputs) rows.add(count_tokens(spec, stack, input));
  return rows;
}

// The token types of every row, where the layers themselves look at them (XLNet).
std::vector<int> segments(const ModelSpec& spec, std::span<const Inputs> inputs) {
  std::vector<int> all;
  if (spec.text_stack().position.kind != PositionKind::transformer_xl) return all;
  for (const Inputs& input : inputs) {
    if (input.type_ids.empty())
      all.insert(all.end(), input.ids.size(), 0);
    else
      all.insert(all.end(), input.type_ids.begin(), input.type_ids.end());
  }
  return all;
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
  const auto enter = [&](Stack stack, const StackPlan& stack_plan, StackSteps<S>& stack_steps) {
    const StackStart<S>& start = stack == Stack::encoder ? options.encoder_start : options.decoder_start;
    if (start.layer > 0) return start.stream;
    return embed<S>(spec, parameters, stack, stack_plan.position, inputs, stack_steps.rows, options.pool,
                    options.keep.steps ? &stack_steps.embedding : nullptr);
  };
  if (spec.encoder) steps.encoder.rows = count_rows(spec, Stack::encoder, inputs);
  if (spec.decoder) steps.decoder.rows = count_rows(spec, Stack::decoder, inputs);

  if (spec.encoder) {
    MatrixOf<S> x = enter(Stack::encoder, *plan.encoder, steps.encoder);
    StackPass<S> encoder(*spec.encoder, parameters.encoder, *plan.encoder, steps.encoder.rows, options.keep,
                         options.pool, segments(spec, inputs));
    run_layers(encoder, Stack::encoder, spec.encoder->n_layers(), std::move(x), options, steps.encoder);
  }
  if (spec.decoder) {
    MatrixOf<S> x = enter(Stack::decoder, *plan.decoder, steps.decoder);
    StackPass<S> decoder(*spec.decoder, parameters.decoder, *plan.decoder, steps.decoder.rows, options.keep,
                         options.pool, spec.encoder ? std::vector<int>() : segments(spec, inputs));
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

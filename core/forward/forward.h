#pragma once

#include <functional>
#include <span>

#include "core/forward/embedding.h"
#include "core/forward/inputs.h"
#include "core/forward/layers.h"
#include "core/forward/plan.h"
#include "core/model/model.h"

namespace attn {

// The forward pass itself, over a batch of inputs: tokens → embedding → layers → final norm. What the
// window's Traces (core/forward/pass.h) and training are made with.

template <class S>
struct StackSteps {
  BatchRows rows;                     // where each input's rows lie in the matrices below
  EmbeddingSteps<S> embedding;        // with Keep::steps
  std::vector<LayerSteps<S>> layers;  // [n_layers]; not filled when ForwardOptions::on_layer takes them
  MatrixOf<S> before_norm;            // [N, D] the residual stream after the last layer
  MatrixOf<S> output;                 // [N, D] after the final norm; before_norm itself where there is none
};

template <class S>
struct ForwardSteps {
  StackSteps<S> encoder, decoder;  // an absent stack has no rows
};

// Where a pass may begin when an earlier one has done the rest.
template <class S>
struct StackStart {
  int layer = 0;       // the first to be computed; n_layers: none
  MatrixOf<S> stream;  // [N, D] that enters it, when layer > 0 (and leaves the last, when layer == n_layers)
  // Or the first token to be computed, of one sequence in a stack that looks only back; what earlier tokens
  // left in each layer is `past`, and the pass computes rows from `row` on alone.
  Index row = 0;
  std::vector<PastRows<S>> past;
};

template <class S>
struct ForwardOptions {
  Keep keep;
  Pool* pool = nullptr;
  const CancelToken* cancel = nullptr;  // looked at between layers; throws Cancelled
  StackStart<S> encoder_start, decoder_start;
  // Called on the passing thread before a layer runs, with the stream that enters it; may change it.
  std::function<void(Stack, int layer, MatrixOf<S>& stream)> before_layer;
  // … between the weighted sum and W_O of a layer (Stack::cross: of its cross attention).
  std::function<void(Stack, int layer, MatrixOf<S>& mixed)> after_mixing;
  // … after a layer; takes its steps, which are then not collected.
  std::function<void(Stack, int layer, LayerSteps<S>&& steps)> on_layer;
};

// Throws Error where count_tokens or embed do.
template <class S>
ForwardSteps<S> forward(const ModelSpec& spec, const ParametersOf<S>& parameters, const PassPlan& plan,
                        std::span<const Inputs> inputs, const ForwardOptions<S>& options = {});

}  // namespace attn

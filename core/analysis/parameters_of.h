#pragma once

#include "core/forward/trace.h"
#include "core/model/model.h"

// Where the parameters lie that made a Trace. Only core/analysis includes this.
namespace attn {

// Throws Error for a recording.
const Model& model_of(const Trace& trace);

// Of the encoder; of the decoder, for cross attention too.
const StackParameters<float>& stack_parameters(const Model& model, Stack stack);
// Of one layer; shared layers (ALBERT) are looked up in their group.
const LayerParameters<float>& layer_parameters(const Model& model, Stack stack, int layer);
const AttentionParameters<float>& attention_parameters(const Model& model, Stack stack, int layer);
const AttentionSpec& attention_spec(const Model& model, Stack stack, int layer);
const StackSpec& stack_spec(const Model& model, Stack stack);

// The values of the tokens as one head reads them, [Tk, d_head]; the head shares them with its group.
ConstView values_of(const Trace& trace, const HeadId& id);

// f(x_j) of every key, [Tk, D]: the values through this head's columns of W_O.
Matrix transformed_values(const Trace& trace, const HeadId& id);

}  // namespace attn

#pragma once

#include "core/forward/trace.h"
#include "core/model/model.h"

// What is read through the head that predicts words. Only core/analysis includes this.
namespace attn {

// Throws Error for a recording and for a model that predicts no words.
const Model& word_model_of(const Trace& trace);
// The stack whose hidden states the output head reads.
Stack output_stack(const Model& model);
// Throws Error for a pass that is not finished and for a token that is not there.
const StackTrace& finished_stack(const Trace& trace, Stack stack, int token);

}  // namespace attn

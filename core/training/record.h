#pragma once

#include "core/training/tape.h"

namespace attn {

// Runs a stack over several sequences and keeps what the backward pass needs. For a decoder with cross
// attention, `source` is the encoder's tape (as many sequences).
template <class S>
StackTape<S> record_stack(const StackSpec& spec, const EmbeddingSpec& embedding,
                          const EmbeddingParameters<S>& words, const StackParameters<S>& parameters,
                          std::vector<int> ids, std::vector<Span> sequences, const StackTape<S>* source = nullptr);

}  // namespace attn

#pragma once

#include <cstddef>
#include <cstdint>

#include "core/model/spec.h"

namespace attn {

// What one pass over `n_tokens` asks of a computer, estimated from the architecture alone: enough to tell a
// text that it can read from one that it would work on for hours.
struct PassCost {
  double bytes = 0;       // what the Trace keeps of every token, and one head's weights in full
  double operations = 0;  // multiply-adds counted as two, an exponential as twenty
};
PassCost cost_of_pass(const StackSpec& stack, double n_tokens);

// The most tokens whose pass takes no more than half of `free_bytes` (0: not known) and a few minutes of two
// slow cores; at least 1.
int affordable_tokens(const StackSpec& stack, std::uint64_t free_bytes);

// Throws a WordedError that names a length that will do when this stack cannot read so many tokens here.
// What the model's own positions allow is refused too, where this computer is too small for it.
void check_affordable(const ModelSpec& spec, Stack stack, std::size_t n_tokens);

}  // namespace attn

#pragma once

#include <optional>

#include "core/forward/trace.h"

namespace attn {

// The self-attention head of this stack that most plainly does one of two things that heads of models which
// read from left to right are known for: an induction head where the text repeats itself, else a
// previous-token head (Olsson et al. 2022). The share of weight that lies on the pattern, mean over the rows
// that have it, must be at least 0.4.
//
// nullopt: no head is that plain, no weights are kept, or the text is too long for a look in passing (more
// than 4 million cells). Takes a few milliseconds at most.
std::optional<HeadId> notable_head(const Trace& trace, Stack stack);

}  // namespace attn

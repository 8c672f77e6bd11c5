#pragma once

#include <string>

#include "core/forward/trace.h"
#include "core/math/worded_error.h"

namespace attn {

// What a person should know when a pass of `model` gave what is not a number (or infinite): where that was
// first. Empty: all is well. Costs one look at the last hidden states where it is.
Wording first_not_a_number(const Trace& trace, const std::string& model);

}  // namespace attn

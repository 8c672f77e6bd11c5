#pragma once

#include <string>

#include "core/forward/trace.h"

namespace attn {

// Where a pass first gave what is not a number (or infinite): "encoder layer 3, its attention". Empty: all
// is well. Costs one look at the last hidden states where it is.
std::string first_not_a_number(const Trace& trace);

}  // namespace attn

#pragma once

#include <string>

#include "core/forward/trace.h"

namespace attn {

// One head's computation as a Python script that needs NumPy and nothing else: its arrays as the pass had
// them, the formula in a few lines, and at the end an assertion that the weights and the weighted sums are
// those of the program (within 1e-5). Small heads begin at what the layer reads (W_Q x …), larger ones and
// those whose positions turn q and k at q, k and v.
// Throws Error for a recording, and where the script would have more than 300,000 numbers.
std::string numpy_script(const Trace& trace, const HeadId& id);

}  // namespace attn

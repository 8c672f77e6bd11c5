#pragma once

#include "core/forward/forward.h"
#include "core/forward/trace.h"

namespace attn {

// What a pass need not compute again because `previous` did: the layers below the first one whose plan or
// input differs. Puts their records (shared, not copied) into `trace`, whose model and inputs are set, and
// says in `options` where each stack starts. `keep_weights`: whether this pass keeps dense weights; records
// that did otherwise are not taken over.
void take_over(const Trace& previous, const PassPlan& plan, bool keep_weights, Trace& trace,
               ForwardOptions<float>& options);

}  // namespace attn

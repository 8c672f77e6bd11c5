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

// The record of a whole layer: the first n_past rows of an earlier one, then those that were computed now
// (whose keys and values are of all tokens already).
std::shared_ptr<const LayerRecord> follow_rows(const LayerRecord& earlier, Index n_past,
                                               const LayerRecord& now, Pool* pool);

// [n_past + rows, D]: the first rows of `earlier`, then `now`.
Matrix follow_rows(const Matrix& earlier, Index n_past, const Matrix& now);

}  // namespace attn

#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/forward/stage_times.h"
#include "core/forward/trace.h"
#include "core/math/pool.h"
#include "core/model/model.h"

namespace attn {

// Rows put in place of those that a pass computes: one text's activations patched into another's.
struct Patch {
  Stack stack = Stack::encoder;
  int layer = 0;
  int head = -1;  // -1: the residual stream that enters the layer; otherwise this head's part of `mixed`
  std::vector<int> rows;  // which queries
  Matrix values;          // [rows, D], or [rows, d_head] for a head
};

struct PassOptions {
  Pool* pool = nullptr;                 // null: one thread
  const CancelToken* cancel = nullptr;  // looked at between layers; throws Cancelled
  bool logits = false;                  // compute the output head too
  std::size_t weights_budget_bytes = std::size_t{256}
                                     << 20;  // above it records keep neither dense weights nor branch outputs
  // run_pass only. Of the same model: what it shares with this pass is not computed again. Made without
  // patches.
  std::shared_ptr<const Trace> previous;
  std::vector<Patch> patches;  // applied to every text of a batch; throws Error where one does not fit
  // run_pass only. Called from the passing thread after each layer with a Trace of the layers done so far.
  std::function<void(std::shared_ptr<const Trace>)> on_layer;
  StageTimes* stage_times = nullptr;  // null: not measured
};

// One forward pass over one text: tokens → embedding → layers → final norm (→ logits).
// Throws Error when an id is outside the vocabulary, the text is empty or longer than the model's positions,
// or an intervention has no meaning for this model. `tokens` and words of the result are left for the caller
// to name.
std::shared_ptr<const Trace> run_pass(std::shared_ptr<const Model> model, const Inputs& inputs,
                                      const Interventions& interventions = {},
                                      const PassOptions& options = {});

// Several texts through the same model at once (linear layers over all their rows, attention within each).
// Each result is bit-equal to that of run_pass alone, but has no thumbnails where there are several.
std::vector<std::shared_ptr<const Trace>> run_batch(std::shared_ptr<const Model> model,
                                                    std::span<const Inputs> inputs,
                                                    const Interventions& interventions = {},
                                                    const PassOptions& options = {});

// The logits of a finished pass, [T, V] (or labels), for rows that someone looks at (empty rows: all).
Matrix compute_logits(const Trace& trace, std::span<const int> rows = {}, Pool* pool = nullptr);

// One head opened up: q, k, v, scores by part, mask, weights, weighted sum, its part of the layer's output.
// Costs O(T² d_head) time; throws Error for a recording.
HeadExplanation explain_head(const Trace& trace, const HeadId& id);

// The same for one query alone: the queries' side has one row ([1, d_head], [1, Tk], [1, D]), keys and values
// have all of theirs. Costs O(Tk d_head); bit-equal to that row of explain_head. Throws Error for a query
// that is not there.
HeadExplanation explain_query(const Trace& trace, const HeadId& id, int query);

// The dense weights of one head from the recorded q and k, when the Trace did not keep them. [Tq, Tk].
Matrix compute_weights(const Trace& trace, const HeadId& id, Pool* pool = nullptr);

// The same, some rows at a time in their order, so that no dense [Tq, Tk] is needed: body(number of the first
// query, its row and those that follow). All at once where the Trace kept them.
void for_weight_rows(const Trace& trace, const HeadId& id,
                     const std::function<void(Index first, const HeadWeights& rows)>& body);

// FFN activations (after the non-linearity and the gate) of one layer, [rows, d_ff].
Matrix compute_ffn_activations(const Trace& trace, Stack stack, int layer, std::span<const int> rows = {});

}  // namespace attn

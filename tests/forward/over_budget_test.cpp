#include <gtest/gtest.h>

#include "core/forward/pass.h"
#include "core/forward/retrace.h"
#include "tests/analysis/models_of_all_kinds.h"

namespace attn {
namespace {

// The same pass with no room for weights: it keeps q, k, v and what each head said.
std::shared_ptr<const Trace> without_room(const Trace& trace) {
  PassOptions options;
  options.weights_budget_bytes = 0;
  return run_pass(trace.model, trace.inputs, trace.interventions, options);
}

bool same(const Row& a, const Row& b) {
  return a.size() == b.size() && a == b;
}

TEST(OverTheBudget, NeitherWeightsNorBranchOutputsAreKept) {
  for (const KindOfPass& pass : passes_of_all_kinds()) {
    const auto spare = without_room(*pass.trace);
    for (const StackTrace* stack : {&spare->encoder, &spare->decoder})
      for (const auto& layer : stack->layers) {
        EXPECT_TRUE(layer->self->weights.empty()) << pass.name;
        EXPECT_EQ(layer->self_out.size() + layer->cross_out.size() + layer->ffn_out.size(), 0) << pass.name;
        EXPECT_GT(layer->self->mixed.size(), 0) << pass.name;
      }
  }
}

TEST(OverTheBudget, WhatIsNotKeptIsMadeAgainBitForBit) {
  for (const KindOfPass& pass : passes_of_all_kinds()) {
    const Trace& full = *pass.trace;
    const auto spare = without_room(full);
    for (const Stack stack : pass.stacks)
      for (int layer = 0; layer < full.n_layers(stack); ++layer) {
        const StackTrace& done = stack == Stack::encoder ? full.encoder : full.decoder;
        const LayerRecord& record = *done.layers[static_cast<std::size_t>(layer)];
        const Matrix& out = stack == Stack::cross ? record.cross_out : record.self_out;
        EXPECT_EQ(attention_output(*spare, stack, layer), out) << pass.name;
        for (int head = 0; head < full.n_heads(stack); ++head)
          EXPECT_EQ(compute_weights(*spare, {stack, layer, head}),
                    compute_weights(full, {stack, layer, head}))
              << pass.name;
        if (stack == Stack::cross) continue;
        const std::vector<int> rows = {2, 0};
        EXPECT_EQ(attention_output(*spare, stack, layer, rows).row(0), out.row(2)) << pass.name;
        EXPECT_EQ(compute_ffn_activations(*spare, stack, layer), compute_ffn_activations(full, stack, layer))
            << pass.name;
        EXPECT_EQ(retrace_rows(*spare, stack, layer, rows).output,
                  retrace_rows(full, stack, layer, rows).output)
            << pass.name;
        const BranchOutputs made = branch_outputs(*spare, stack, layer, 3),
                            kept = branch_outputs(full, stack, layer, 3);
        EXPECT_TRUE(same(made.self, kept.self) && same(made.cross, kept.cross) &&
                    same(made.feed_forward, kept.feed_forward))
            << pass.name;
        EXPECT_TRUE(same(kept.feed_forward, record.ffn_out.row(3))) << pass.name;
      }
  }
}

TEST(OverTheBudget, RowsOfWeightsComeInTheirOrder) {
  RandomModel wish;
  wish.shape = RandomModel::Shape::decoder;
  wish.n_positions = 200;
  Inputs inputs;
  for (int i = 0; i < 150; ++i) inputs.ids.push_back(i % 20);
  const auto full = run_pass(wish.build(), inputs);
  const auto spare = without_room(*full);
  const HeadId id{Stack::decoder, 1, 2};
  const Matrix weights = compute_weights(*full, id);
  for (const Trace* trace : {full.get(), spare.get()}) {
    Index next = 0;
    for_weight_rows(*trace, id, [&](Index first, const HeadWeights& rows) {
      EXPECT_EQ(first, next);
      for (Index r = 0; r < rows.rows(); ++r)
        for (Index k = 0; k < rows.cols(); ++k) ASSERT_EQ(rows.at(r, k), weights(first + r, k));
      next += rows.rows();
    });
    EXPECT_EQ(next, 150);
  }
}

}  // namespace
}  // namespace attn

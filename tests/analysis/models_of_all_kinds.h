#pragma once

#include <string>
#include <vector>

#include "core/forward/pass.h"
#include "tests/forward/random_model.h"

namespace attn {

// One pass of each kind of attention that the program knows: for laws that hold for all of them.
struct KindOfPass {
  std::string name;
  std::shared_ptr<const Trace> trace;
  std::vector<Stack> stacks;  // of its heads
};

inline std::vector<KindOfPass> passes_of_all_kinds() {
  std::vector<KindOfPass> passes;
  const auto add = [&](const std::string& name, RandomModel wish, const Interventions& interventions = {}) {
    wish.seed = static_cast<unsigned>(passes.size() + 1);
    Inputs inputs;
    inputs.ids = {3, 1, 4, 1, 5, 9, 2};
    const bool both = wish.shape == RandomModel::Shape::both;
    if (both) inputs.target_ids = {0, 6, 5, 3};
    std::vector<Stack> stacks = {Stack::encoder};
    if (wish.shape == RandomModel::Shape::decoder) stacks = {Stack::decoder};
    if (both) stacks = {Stack::encoder, Stack::decoder, Stack::cross};
    passes.push_back({name, run_pass(wish.build(), inputs, interventions), stacks});
  };
  using Shape = RandomModel::Shape;
  add("post-norm encoder", {.n_token_types = 2});
  add("pre-norm decoder", {.shape = Shape::decoder, .norm_place = NormPlace::before, .final_norm = true});
  add("norm on both sides", {.norm_place = NormPlace::both, .soft_cap = 3});
  add("encoder-decoder", {.shape = Shape::both});
  add("rotary, grouped, gated", {.shape = Shape::decoder,
                                 .n_kv_heads = 2,
                                 .norm = NormKind::rms,
                                 .norm_place = NormPlace::before,
                                 .position = PositionKind::rotary,
                                 .gated = true});
  add("parallel", {.shape = Shape::decoder,
                   .norm_place = NormPlace::before,
                   .position = PositionKind::rotary,
                   .parallel_residual = true});
  add("parallel, one norm", {.shape = Shape::decoder,
                             .norm_place = NormPlace::before,
                             .parallel_residual = true,
                             .final_norm = true,
                             .shared_norm = true});
  add("post-norm RMS", {.norm = NormKind::rms, .gated = true});
  add("alibi", {.shape = Shape::decoder, .norm_place = NormPlace::before, .position = PositionKind::alibi});
  add("buckets", {.shape = Shape::both,
                  .norm = NormKind::rms,
                  .norm_place = NormPlace::before,
                  .position = PositionKind::bucket_bias});
  add("relative key", {.position = PositionKind::relative_key});
  add("disentangled", {.position = PositionKind::disentangled});
  add("sinusoidal", {.position = PositionKind::sinusoidal});
  add("additive", {.shape = Shape::both, .scoring = Scoring::additive});
  Interventions hand;
  hand.cells.push_back({{Stack::encoder, 1, 2}, 3, 1, 0.8f});
  add("a weight set by hand", {}, hand);
  add("numbers set by hand", {.norm_place = NormPlace::before, .final_norm = true},
      parse_interventions(
          "embedding 2:3=1; q 0.1 4:2=2; k 0.1 5:0=-1; v 0.2 5:1=3; score 1.1 2:4=1.5; "
          "z 1.1 2:0=-2; activation 0 2:3=1; ffn-out 1 2:2=0.5; stream 0 2:5=2; stream 1 "
          "2:1=1; k 1.2 4:3=1; word-row 3:1=1; position-row 2:0=-1; embedding-sum 2:1=0.5; "
          "attention-norm 1 2:4=2; attention-sum 0 2:7=1; ffn-norm 1 2:6=-1; final-norm 4:2=3",
          RandomModel().build()->spec));
  Interventions warm;
  warm.temperature = 2;
  warm.scaling_off = true;
  add("temperature", {}, warm);
  Interventions off;
  off.heads_off[{Stack::encoder, 0, 1}] = HeadOff::mean;
  off.heads_off[{Stack::encoder, 1, 0}] = HeadOff::uniform;
  off.softmax = SoftmaxSetting::hard;
  add("hard, mean and uniform", {}, off);
  return passes;
}

}  // namespace attn

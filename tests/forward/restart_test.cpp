#include <gtest/gtest.h>

#include "core/forward/pass.h"
#include "random_model.h"
#include "same_trace.h"

namespace attn {
namespace {

using Shape = RandomModel::Shape;

class Fuzz {
 public:
  explicit Fuzz(unsigned seed) : dice_(seed) {}
  int below(int n) { return static_cast<int>(dice_() % static_cast<unsigned>(n)); }

  std::vector<int> ids(int n) {
    std::vector<int> ids(static_cast<std::size_t>(n));
    for (int& id : ids) id = below(20);
    return ids;
  }

  // A few interventions that every one of the models below can do.
  std::string interventions(Shape shape, int n_layers, int n_tokens) {
    const char* stacks_of_both[] = {"", "dec ", "cross "};
    std::string text;
    for (int i = below(3); i > 0; --i) {
      const std::string stack = shape == Shape::both ? stacks_of_both[below(3)] : "";
      const std::string layer = std::to_string(below(n_layers));
      const std::string head = stack + layer + "." + std::to_string(below(4));
      const bool part = stack != "cross ";
      switch (below(9)) {
        case 0:
          text += "; head " + head + "=zero";
          break;
        case 1:
          text += "; head " + head + "=mean";
          break;
        case 2:
          text += "; head " + head + "=uniform";
          break;
        case 3:
          text += "; weight " + head + " 0:0=0.5";
          break;
        case 4:
          if (part) text += "; ffn " + stack + layer + "=off";
          break;
        case 5:
          if (part) text += "; norm " + stack + layer + "=off";
          break;
        case 6:
          text += "; hide=" + std::to_string(below(n_tokens));
          break;
        case 7:
          text += below(2) == 0 ? "; positions=off" : "; temperature=2";
          break;
        default:
          text += below(2) == 0 ? "; mask=causal" : "; mask=none";
      }
    }
    return text;
  }

  // A number set by hand that every one of the models below has; another token each time.
  std::string number(Shape shape, int n_layers, int token) {
    const char* stacks_of_both[] = {"", "dec ", "cross "};
    const std::string stack = shape == Shape::both ? stacks_of_both[below(3)] : "";
    const std::string layer = std::to_string(below(n_layers));
    const std::string head = stack + layer + "." + std::to_string(below(4));
    const char* of_heads[] = {"q ", "k ", "v ", "score ", "z "};
    const char* of_attention[] = {"attention-out ", "attention-norm ", "attention-sum "};
    const char* of_layers[] = {"attention-out ", "activation ",     "ffn-out ",
                               "stream ",        "attention-norm ", "attention-sum "};
    const char* of_stacks[] = {"embedding", "word-row", "embedding-sum"};
    const std::string end = " " + std::to_string(token) + ":" + std::to_string(below(3)) + "=1.5";
    const int kind = below(14);
    if (kind < 5) return "; " + std::string(of_heads[kind]) + head + end;
    if (stack == "cross ") return "; " + std::string(of_attention[kind % 3]) + stack + layer + end;
    if (kind < 11) return "; " + std::string(of_layers[kind - 5]) + stack + layer + end;
    return std::string("; ") + of_stacks[kind - 11] + (stack.empty() ? "" : " dec") + end;
  }

 private:
  std::mt19937 dice_;
};

TEST(Restart, TheShortcutIsBitForBitTheFullPass) {
  int n_reused = 0, n_rows = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    Fuzz fuzz(seed), numbers(seed + 1000);
    RandomModel wish;
    wish.seed = seed;
    wish.n_layers = 4;
    wish.shape = static_cast<Shape>(fuzz.below(3));
    wish.norm_place = fuzz.below(2) == 0 ? NormPlace::before : NormPlace::after;
    wish.final_norm = wish.norm_place == NormPlace::before;
    wish.position = fuzz.below(2) == 0 ? PositionKind::learned : PositionKind::rotary;
    const auto model = wish.build();
    Inputs inputs;
    inputs.ids = fuzz.ids(6);
    if (wish.shape == Shape::both) inputs.target_ids = fuzz.ids(4);
    std::shared_ptr<const Trace> previous;
    std::string by_hand;
    for (int step = 0; step < 12; ++step) {
      if (fuzz.below(4) == 0) {
        std::vector<int>& changed =
            wish.shape == Shape::both && fuzz.below(2) == 0 ? inputs.target_ids : inputs.ids;
        const int kind = fuzz.below(3);
        if (kind == 0 && changed.size() < 9)
          changed.push_back(fuzz.below(20));
        else if (kind == 1 && changed.size() > 4)
          changed.pop_back();
        else
          changed[static_cast<std::size_t>(fuzz.below(static_cast<int>(changed.size())))] = fuzz.below(20);
      }
      if (step % 4 == 0) by_hand.clear();
      if (step % 4 == 2)
        for (int i = numbers.below(3); i > 0; --i) by_hand += numbers.number(wish.shape, 4, i);
      const Interventions wished =
          parse_interventions(fuzz.interventions(wish.shape, 4, 4) + by_hand, model->spec);
      PassOptions options;
      options.logits = true;
      const auto full = run_pass(model, inputs, wished, options);
      options.previous = previous;
      const auto quick = run_pass(model, inputs, wished, options);
      EXPECT_EQ(unlike(*quick, *full), "") << "seed " << seed << ", step " << step << ": " << to_text(wished);
      n_reused += quick->first_computed_layer;
      n_rows += quick->first_computed_row;
      previous = quick;
    }
  }
  EXPECT_GT(n_reused, 200);  // the shortcuts were taken, not only allowed
  EXPECT_GT(n_rows, 50);
}

TEST(Restart, AHeadSwitchedOffInLayerThreeLeavesTheRecordsBelowItWhereTheyAre) {
  RandomModel wish;
  wish.n_layers = 5;
  const auto model = wish.build();
  Inputs inputs;
  inputs.ids = {1, 2, 3};
  PassOptions options;
  options.previous = run_pass(model, inputs);
  const auto trace = run_pass(model, inputs, parse_interventions("head 3.1=zero", model->spec), options);
  EXPECT_EQ(trace->first_computed_layer, 3);
  for (std::size_t l = 0; l < 3; ++l)
    EXPECT_EQ(trace->encoder.layers[l], options.previous->encoder.layers[l]);
  EXPECT_NE(trace->encoder.layers[3], options.previous->encoder.layers[3]);
}

TEST(Restart, WhatIsCalledDifferentlyButIsTheSameIsNotComputedAgain) {
  RandomModel wish;
  wish.shape = Shape::decoder;
  const auto model = wish.build();
  Inputs inputs;
  inputs.ids = {1, 2, 3};
  PassOptions options;
  options.previous = run_pass(model, inputs);
  const auto trace = run_pass(model, inputs, parse_interventions("mask=causal", model->spec), options);
  EXPECT_EQ(trace->first_computed_layer, 2);
}

TEST(Restart, ATargetChangesNothingInTheEncoder) {
  RandomModel wish;
  wish.shape = Shape::both;
  const auto model = wish.build();
  Inputs inputs;
  inputs.ids = {1, 2, 3};
  inputs.target_ids = {4};
  PassOptions options;
  options.previous = run_pass(model, inputs);
  inputs.target_ids = {4, 5};
  const auto trace = run_pass(model, inputs, {}, options);
  EXPECT_EQ(trace->encoder.layers[1], options.previous->encoder.layers[1]);
  EXPECT_EQ(unlike(*trace, *run_pass(model, inputs)), "");
}

TEST(Restart, ATypedTokenLeavesTheRowsBeforeItAlone) {
  for (PositionKind kind : {PositionKind::learned, PositionKind::rotary, PositionKind::alibi,
                            PositionKind::bucket_bias, PositionKind::relative_key}) {
    RandomModel wish;
    wish.shape = Shape::decoder;
    wish.position = kind;
    wish.n_kv_heads = 2;
    wish.n_positions = 200;
    const auto model = wish.build();
    Inputs inputs;
    std::shared_ptr<const Trace> previous;
    Fuzz fuzz(7);
    for (int length : {1, 2, 3, 17, 18, 63, 64, 65, 66, 130, 129, 131, 40, 41}) {
      const std::vector<int> more = fuzz.ids(length);
      const std::size_t old_length = inputs.ids.size();
      inputs.ids.resize(static_cast<std::size_t>(length));
      for (std::size_t t = old_length; t < inputs.ids.size(); ++t) inputs.ids[t] = more[t];
      PassOptions options;
      options.logits = true;
      const auto full = run_pass(model, inputs, {}, options);
      options.previous = previous;
      const auto quick = run_pass(model, inputs, {}, options);
      EXPECT_EQ(unlike(*quick, *full), "") << length << " tokens";
      if (previous) {
        EXPECT_EQ(quick->first_computed_row, std::min(static_cast<int>(old_length), length - 1));
      }
      previous = quick;
    }
  }
}

TEST(Restart, NothingIsTakenFromAPatchedTrace) {
  const auto model = RandomModel().build();
  Inputs inputs;
  inputs.ids = {1, 2, 3};
  PassOptions patching;
  patching.patches = {{Stack::encoder, 0, -1, {1}, Matrix::Ones(1, 16)}};
  PassOptions options;
  options.previous = run_pass(model, inputs, {}, patching);
  EXPECT_EQ(unlike(*run_pass(model, inputs, {}, options), *run_pass(model, inputs)), "");
}

}  // namespace
}  // namespace attn

#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/attention/positions.h"
#include "core/forward/head.h"
#include "core/forward/numbers.h"
#include "core/forward/plan.h"
#include "core/forward/position_terms.h"
#include "core/forward/stage_times.h"
#include "core/math/pool.h"
#include "core/model/model.h"

namespace attn {

// The layers of one stack, over a batch of sequences: linear layers over all rows of all sequences, attention
// within each. Templates on the scalar S, so that the window (float), training (float) and gradient checks
// (double) share them. N = rows of the batch, D = d_model, H heads, G key/value heads.

// What a pass keeps beyond what it must.
struct Keep {
  bool weights = true;          // dense weights of every head
  bool thumbnails = false;      // the same, max-pooled to at most 64 x 64
  bool steps = false;           // all that a backward pass reads: the members marked "steps"
  StageTimes* times = nullptr;  // where to add up what each stage takes; null: nowhere
};

// One branch of a layer (attention or feed-forward): stream → norm → branch → + stream → norm.
template <class S>
struct BranchSteps {
  MatrixOf<S> input;   // steps: [N, D] the residual stream that enters (empty in a layer's first branch, and
                       // in both of a parallel residual: LayerSteps::input)
  MatrixOf<S> read;    // steps: [N, D] norm(input), what the branch reads; empty where no norm comes before
  MatrixOf<S> out;     // [N, D] what the branch computed, before residual and (post) norm; 0 when it is off
  MatrixOf<S> normed;  // steps: [N, D] norm(out), where norms stand on both sides; otherwise empty
  MatrixOf<S> sum;  // steps: [N, D] input + out, what the norm after it reads; empty where none comes after
};

template <class S>
struct AttentionSteps : BranchSteps<S> {
  MatrixOf<S> queries;                  // [Nq, H * d_head] as they enter the scores (after bias and rotation)
  MatrixOf<S> keys;                     // [Nk, G * d_head] likewise; Nk rows of the memory in cross attention
  MatrixOf<S> values;                   // [Nk, G * d_head]
  std::vector<MatrixOf<S>> weights;     // [sequence * H + head] of [Tq, Tk]; empty when not kept
  std::vector<MatrixOf<S>> thumbnails;  // likewise, at most [64, 64]
  MatrixOf<S> mixed;                    // [Nq, H * d_head] weights · values: what W_O reads
};

template <class S>
struct FeedForwardSteps : BranchSteps<S> {
  MatrixOf<S> up;      // steps: [N, d_ff] W_up · read, before the activation
  MatrixOf<S> gate;    // steps: [N, d_ff] W_gate · read, before the activation; empty when not gated
  MatrixOf<S> hidden;  // steps: [N, d_ff] act(up), or act(gate) * up: what W_down reads
};

template <class S>
struct LayerSteps {
  MatrixOf<S> input;  // [N, D] the residual stream that enters the layer
  AttentionSteps<S> self;
  AttentionSteps<S> cross;  // in the decoder of an encoder-decoder
  FeedForwardSteps<S> feed_forward;
};

// The keys and values that an earlier pass made of a sequence's first tokens, in one layer: [n_past, G *
// d_head].
template <class S>
struct PastRows {
  ConstViewOf<S> keys, values;
};

template <class S>
class StackPass {
 public:
  // positions: where each row of the batch stands (token_positions); type_ids: the token type of each, or
  // empty. Everything referred to outlives the pass.
  StackPass(const StackSpec& spec, const StackParameters<S>& parameters, const StackPlan& plan,
            const BatchRows& rows, Keep keep, Pool* pool, std::vector<int> positions,
            std::vector<int> type_ids = {});

  // A decoder that looks at an encoder: memory holds the encoder's output of every sequence.
  void look_at(ConstViewOf<S> memory, const BatchRows& memory_rows);

  // The batch is one sequence, and its rows follow n_past others that an earlier pass computed (in a stack
  // that looks only back): `past` has one entry a layer. `positions` and `type_ids` are those of all of its
  // tokens.
  void follow(Index n_past, std::vector<PastRows<S>> past);

  // Called between the weighted sum and W_O of every attention: what it leaves in `mixed` [N, H * d_head] is
  // what W_O reads (activation patching).
  using AfterMixing = std::function<void(bool cross, int layer, MatrixOf<S>& mixed)>;
  void after_mixing(AfterMixing hook) { after_mixing_ = std::move(hook); }

  // The batch is these tokens of one sequence, in any order (retracing): numbers set by hand find their rows.
  void name_tokens(std::span<const int> tokens) { named_tokens_ = tokens; }

  // x: [N, D] the residual stream that enters `layer`; returns the one that leaves it. Overwrites `steps`.
  MatrixOf<S> run_layer(int layer, MatrixOf<S> x, LayerSteps<S>& steps);

  // Rows of a layer that has run, taken through its norms, sums and feed-forward network again: what its
  // attention computed for them is given (cross_out empty: none). Needs Keep::steps; fills what run_layer
  // fills, but for the insides of the attentions. Returns those rows of the stream that leaves the layer.
  MatrixOf<S> retrace_layer(int layer, MatrixOf<S> x, const MatrixOf<S>& self_out,
                            const MatrixOf<S>& cross_out, LayerSteps<S>& steps);

  // What the attention of a layer that has run said of these rows, before residual and (post) norm: `mixed`
  // ([n, H * d_head], as it was recorded) through W_O.
  MatrixOf<S> attention_output(bool cross, int layer, MatrixOf<S> mixed);

  // The norm (and projection) after the last layer, where there is one; otherwise x itself.
  MatrixOf<S> final_norm(ConstViewOf<S> x) const;

  // FFN activations [n, d_ff] of rows of a layer that has run: after the non-linearity and the gate. input,
  // self_out, cross_out: the same rows of what it was given and of its branches ([n, D]; cross_out may be
  // empty).
  MatrixOf<S> feed_forward_activations(int layer, const MatrixOf<S>& input, const MatrixOf<S>& self_out,
                                       const MatrixOf<S>& cross_out) const;

 private:
  const LayerParameters<S>& layer_parameters(int layer) const;
  void normalise(const NormParameters<S>& norm, ConstViewOf<S> x, ViewOf<S> out) const;
  void normalise_rows(const NormParameters<S>& norm, ConstViewOf<S> x, ViewOf<S> out) const;

  // One branch of a layer as it is planned: its norms, and its numbers that were set by hand.
  struct Branch {
    const NormParameters<S>& norm;
    const NormParameters<S>& post_norm;
    std::span<const OverwrittenNumber> by_hand;
    NumberPlace at_norm, at_post_norm, at_sum;
  };
  Branch attention_branch(int layer, bool cross) const;
  Branch feed_forward_branch(int layer) const;
  template <class F>
  MatrixOf<S> run_branch(const MatrixOf<S>& x, const Branch& branch, bool on, const LayerParts& parts,
                         BranchSteps<S>& steps, F compute);
  ConstViewOf<S> enter(const MatrixOf<S>& x, const Branch& branch, const LayerParts& parts,
                       MatrixOf<S>& normed) const;
  MatrixOf<S> join(ConstViewOf<S> x, const MatrixOf<S>& out, const Branch& branch, bool on,
                   const LayerParts& parts, BranchSteps<S>* kept) const;
  template <class SelfF, class CrossF>
  MatrixOf<S> layer_of(int layer, bool has_cross, LayerSteps<S>& steps, SelfF self, CrossF cross);
  template <class SelfF>
  MatrixOf<S> parallel_branches(int layer, LayerSteps<S>& steps, SelfF self);

  void self_attention(int layer, ConstViewOf<S> read, AttentionSteps<S>& steps);
  void cross_attention(int layer, ConstViewOf<S> read, AttentionSteps<S>& steps);
  TokensOfRows tokens() const { return {rows_, n_past_, named_tokens_}; }
  void put(std::span<const OverwrittenNumber> numbers, NumberPlace place, MatrixOf<S>& x) const;
  void put_vectors(const AttentionSpec& spec, const AttentionPlan& plan, const TokensOfRows& keys,
                   AttentionSteps<S>& steps) const;
  void mix_out(bool cross, int layer, const AttentionParameters<S>& parameters, AttentionSteps<S>& steps);
  void feed_forward(int layer, ConstViewOf<S> read, FeedForwardSteps<S>& steps);
  const MatrixOf<S>& activations(int layer, ConstViewOf<S> read, FeedForwardSteps<S>& steps) const;
  void attend(const AttentionSpec& spec, const AttentionPlan& plan, const AttentionParameters<S>& parameters,
              const PositionTerms<S>* terms, const BatchRows& key_rows, AttentionSteps<S>& steps);
  void work(const HeadAtWork<S>& head, MatrixOf<S>* weights, MatrixOf<S>* thumbnail, ViewOf<S> mixed) const;

  const StackSpec& spec_;
  const StackParameters<S>& parameters_;
  const StackPlan& plan_;
  const BatchRows& rows_;
  Keep keep_;
  Pool* pool_;
  std::vector<int> positions_, type_ids_;  // of every row of the batch
  RotaryTable<S> rotary_;                  // of every row of the batch, where positions are rotary
  ConstViewOf<S> memory_{nullptr, 0, 0, Eigen::OuterStride<>(0)};
  const BatchRows* memory_rows_ = nullptr;
  Index n_past_ = 0;
  std::vector<PastRows<S>> past_;
  std::span<const int> named_tokens_;
  NormParameters<S> no_norm_;
  AfterMixing after_mixing_;
  FeedForwardSteps<S> scratch_;  // buffers of the steps that nobody keeps
};

}  // namespace attn
